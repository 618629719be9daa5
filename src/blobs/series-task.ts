/** What the main thread and the thread of series.worker.ts say to each other. */
import type { ErrorKind } from '../base/errors.ts';
import type { Item } from './series.ts';

/** What the thread reads: a SQLite file, and a folder (folder.ts). */
export interface Place {
  readonly file: string;
  readonly folder: string;
}

export type ToThread =
  | { readonly id: number; readonly items: readonly Item[] }
  /** To be filled with what comes next of this series. */
  | { readonly id: number; readonly buffer: ArrayBuffer }
  | { readonly id: number; readonly over: true }
  | { readonly close: true };

export interface Fault {
  readonly message: string;
  readonly brokenOff: boolean;
  /** Of a DomainError. */
  readonly kind?: ErrorKind;
  readonly code?: string;
}

export type FromThread =
  | { readonly ready: true }
  | {
      readonly id: number;
      readonly buffer: ArrayBuffer;
      readonly used: number;
      readonly ends: readonly number[];
      readonly done: boolean;
      readonly fault?: Fault | undefined;
    };

import type { Tx } from '../db/database.ts';
import type { Millis } from '../base/ids.ts';

/**
 * Durable work with leases and retries. At least once: a handler must be idempotent.
 */
export interface Jobs {
  /** In the unit of work that causes it. With `key`, a waiting job of the same key is kept and its time brought forward. */
  add(tx: Tx, queue: string, payload: unknown, options?: { runAt?: Millis; key?: string }): Promise<void>;
  /** Declares who does a queue's work; before `start`. */
  handle(queue: string, handler: JobHandler, options?: QueueOptions): void;
  start(): void;
  /** Takes no new work, waits for what runs (up to `grace` ms), leaves the rest leased for the next start. */
  stop(grace?: number): Promise<void>;
  /** Runs everything that is due now and waits for it: for tests and for `congvu` commands. @returns how many ran. */
  runDue(): Promise<number>;
  stats(): Promise<{ queue: string; waiting: number; due: number; failed: number; oldestDueAt: Millis | null }[]>;
}

export interface QueueOptions {
  concurrency?: number;
  /** A worker that dies frees its job after this long, ms. */
  lease?: number;
  /** When to try again after attempt n (from 1); undefined: give up, the job stays as `failed`. */
  backoff?: (attempt: number) => Millis | undefined;
}

export interface Job {
  id: number;
  queue: string;
  payload: unknown;
  /** 1 at the first try. */
  attempt: number;
}

/**
 * Returns when done: the job is deleted in a unit of work of its own, or inside `complete` when the handler
 * wants its own rows and the job's end in one commit. Throw to try again later; throw JobRetryAt to choose when.
 * `stepAside`: this run waits for somebody else and no longer counts in the queue's concurrency; another may start.
 */
export type JobHandler = (
  job: Job,
  complete: (unit: (tx: Tx) => Promise<void>) => Promise<void>,
  stepAside: () => void,
) => Promise<void>;

export class JobRetryAt extends Error {
  override readonly name = 'JobRetryAt';
  readonly runAt: Millis;
  constructor(runAt: Millis, reason: string) {
    super(reason);
    this.runAt = runAt;
  }
}

/** One of the two that are compared: what every driver knows of a server. */
import { execFileSync } from 'node:child_process';

import type { Account } from './imap.ts';

export interface Side {
  /** "ours", or the peer's form of storage: "maildir", "mdbox", "mdboxz", "fts". */
  readonly name: string;
  readonly ports: { smtp: number; imap: number; imaps: number };
  /** From 1 to OFFICIALS; the mailbox of 20,000 messages is LOADED's. */
  official(n: number): Account;
  /** What the memory and CPU of the server is counted from, with all children. */
  roots(): number[];
  /** Bytes on disk of what all officials have; after everything came to rest. */
  disk(): Promise<number>;
  /** Forgets what was built by reading LOADED's INBOX before, as after a new start. */
  cold(): Promise<void>;
  /** How many messages of the corpus LOADED's INBOX holds; remembered beside the mail. */
  loaded: { get(): number; set(count: number): void; wipe(): Promise<void> };
}

export const OFFICIALS = 120;
export const LOADED = 110;

/** Figures of one driver on one side, by their key. */
export type Figures = Record<string, number>;

/** Blocks in use, in bytes; hard links count once. */
export function blocksOf(...folders: string[]): number {
  execFileSync('sync');
  const total = execFileSync('du', ['-sc', '-B1', ...folders], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .at(-1);
  return Number(total?.split('\t')[0] ?? NaN);
}

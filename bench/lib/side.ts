/** One of the two that are compared: what every driver knows of a server. */
import { execFileSync } from 'node:child_process';

import type { Account } from './imap.ts';

export interface Side {
  /** "ours", or the peer's form of storage: "maildir", "mdbox", "mdboxz", "fts". */
  readonly name: string;
  readonly ports: { smtp: number; imap: number; imaps: number };
  /** From 1 to OFFICIALS; the large mailbox is one's of LOADED. */
  official(n: number): Account;
  /** What the memory and CPU of the server is counted from, with all children. */
  roots(): number[];
  /** Until what follows an APPEND (index, write-ahead log) has come to rest. */
  settle(owner: number): Promise<void>;
  /** Bytes on disk of what all officials have; after everything came to rest. */
  disk(): Promise<number>;
  /** Forgets what was built by reading this official's INBOX before, as after a new start. */
  cold(owner: number): Promise<void>;
  /** How many messages of the corpus this official's INBOX holds; remembered beside the mail. */
  loaded(owner: number): { get(): number; set(count: number): void; wipe(): void };
}

export const OFFICIALS = 120;
/** Who has all 20,000 messages, and who has fewer where --scale says so. */
export const LOADED = { all: 110, fewer: 111 } as const;

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

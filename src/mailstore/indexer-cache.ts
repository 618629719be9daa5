/** What was just delivered, until it is indexed: a bounded amount; the rest is derived again from the bytes. */
import type { BlobHash } from '../base/ids.ts';
import type { DerivedMessage } from '../message/types.ts';
import type { PreparedMessage } from './types.ts';

/** Characters of text. */
const MOST = 16_000_000;
const OF_ONE = 1_000_000;
/** The structure beside the text. */
const FIXED = 2000;

export interface TextCache {
  put(message: PreparedMessage): void;
  get(hash: BlobHash): DerivedMessage | undefined;
  /** One account has it now. */
  used(hash: BlobHash): void;
  clear(): void;
  /** Room is getting scarce: what is put out must be derived again. */
  isFull(): boolean;
}

interface Entry {
  derived: DerivedMessage;
  length: number;
  /** Accounts that wait for it. */
  uses: number;
}

export function createTextCache(): TextCache {
  const entries = new Map<BlobHash, Entry>();
  let length = 0;
  const drop = (hash: BlobHash): void => {
    const entry = entries.get(hash);
    if (entry && entries.delete(hash)) length -= entry.length;
  };
  return {
    put({ blob: { hash }, derived }: PreparedMessage): void {
      const known = entries.get(hash);
      if (known) {
        known.uses++;
        return;
      }
      const entry = { derived, length: FIXED + derived.text.body.length + derived.text.files.length, uses: 1 };
      if (entry.length > OF_ONE) return;
      entries.set(hash, entry);
      length += entry.length;
      for (const [oldest] of entries) {
        if (length <= MOST) break;
        drop(oldest);
      }
    },
    get: (hash: BlobHash): DerivedMessage | undefined => entries.get(hash)?.derived,
    used(hash: BlobHash): void {
      const entry = entries.get(hash);
      if (entry && --entry.uses === 0) drop(hash);
    },
    clear(): void {
      entries.clear();
      length = 0;
    },
    isFull: (): boolean => length > MOST / 2,
  };
}

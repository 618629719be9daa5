/** What was just delivered, until it is indexed: a bounded amount; the rest is derived again from the bytes. */
import type { BlobHash } from '../base/ids.ts';
import type { PreparedMessage } from './types.ts';

/** Octets. */
const MOST = 32_000_000;
/** From here on it is full. */
const ROOM = 28_000_000;
const OF_ONE = 1_000_000;
/** The structure beside them. */
const FIXED = 3000;

export interface TextCache {
  put(message: PreparedMessage): void;
  get(hash: BlobHash): PreparedMessage | undefined;
  /** One account has it now. */
  used(hash: BlobHash): void;
  clear(): void;
  /** Room is getting scarce: what is put out must be derived again. */
  isFull(): boolean;
}

interface Entry {
  message: PreparedMessage;
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
    put(message: PreparedMessage): void {
      const { hash, data } = message.blob;
      // What is large lies in a file already, and is read from there.
      if (!data) return;
      const known = entries.get(hash);
      if (known) {
        known.uses++;
        return;
      }
      const entry = { message, length: FIXED + data.length, uses: 1 };
      if (entry.length > OF_ONE) return;
      entries.set(hash, entry);
      length += entry.length;
      for (const [oldest] of entries) {
        if (length <= MOST) break;
        drop(oldest);
      }
    },
    get: (hash: BlobHash): PreparedMessage | undefined => entries.get(hash)?.message,
    used(hash: BlobHash): void {
      const entry = entries.get(hash);
      if (entry && --entry.uses === 0) drop(hash);
    },
    clear(): void {
      entries.clear();
      length = 0;
    },
    isFull: (): boolean => length > ROOM,
  };
}

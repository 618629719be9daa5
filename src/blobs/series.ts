/**
 * Many blobs one after the other, each with what is written around it, as an answer to a client has them: put together in
 * buffers of one size, which are filled again when whoever sends them is done with them. So a reader costs two buffers, however
 * slow it is and however much it asks for, and the octets of a whole mailbox pass without leaving anything to be collected.
 */
import type { Wanted } from './ahead.ts';
import type { BlobReader } from './reader.ts';

export interface Item extends Wanted {
  readonly before: string;
  readonly after: string;
}

export interface SeriesChunk {
  /** Changes with the next chunk. */
  readonly bytes: Uint8Array;
  /** Where in it an item ended, with what is written after it. */
  readonly ends: readonly number[];
}

/** The octets of an item ended in its middle: what went before cannot be taken back. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
}

export const CHUNK_BYTES = 256 * 1024;

export interface Filled {
  readonly used: number;
  readonly ends: readonly number[];
  /** Nothing follows. */
  readonly done: boolean;
  /** Why nothing follows. */
  readonly error?: Error;
}

/** Fills buffers with the items; one at a time. */
export class Filler {
  readonly #pieces: AsyncGenerator<Uint8Array | undefined, undefined>;
  #rest: Uint8Array | undefined;
  /** Octets of an item were handed out, and not all of them. */
  #within = false;

  constructor(reader: Pick<BlobReader, 'ahead' | 'stream'>, items: readonly Item[]) {
    this.#pieces = piecesOf(reader, items);
  }

  async fill(into: Uint8Array): Promise<Filled> {
    const ends: number[] = [];
    let used = 0;
    try {
      while (used < into.length) {
        if (!this.#rest) {
          const { value, done = false } = await this.#pieces.next();
          if (done) return { used, ends, done };
          this.#within = value !== undefined;
          if (!value) ends.push(used);
          this.#rest = value;
          continue;
        }
        const part = this.#rest.subarray(0, into.length - used);
        into.set(part, used);
        used += part.length;
        this.#rest = part.length < this.#rest.length ? this.#rest.subarray(part.length) : undefined;
      }
      return { used, ends, done: false };
    } catch (cause) {
      const asError = cause instanceof Error ? cause : new Error(String(cause));
      const error = this.#within ? new BrokenOff('stored bytes broke off', { cause }) : asError;
      return { used, ends, done: true, error };
    }
  }

  async end(): Promise<void> {
    await this.#pieces.return(undefined);
  }
}

/** `undefined` stands at the end of each item. */
async function* piecesOf(
  reader: Pick<BlobReader, 'ahead' | 'stream'>,
  items: readonly Item[],
): AsyncGenerator<Uint8Array | undefined, undefined> {
  const ahead = reader.ahead(items);
  for (const [i, { hash, size, before, after }] of items.entries()) {
    const whole = await ahead.whole(i);
    if (whole && whole.length !== size) throw new Error(`stored bytes have ${whole.length} octets instead of ${size}`);
    yield Buffer.from(before);
    if (whole) yield whole;
    else {
      let left = size;
      for await (const piece of reader.stream(hash)) {
        left -= piece.length;
        yield piece;
      }
      if (left !== 0) throw new Error(`stored bytes are ${left} octets shorter than their size`);
    }
    yield Buffer.from(after);
    yield undefined;
  }
}

/** Octets of all of it. */
export const lengthOf = (items: readonly Item[]): number =>
  items.reduce((sum, { before, size, after }) => sum + before.length + size + after.length, 0);

/** In this thread. */
export async function* series(
  reader: Pick<BlobReader, 'ahead' | 'stream'>,
  items: readonly Item[],
): AsyncGenerator<SeriesChunk, void> {
  const filler = new Filler(reader, items);
  // One octet more than it takes: the end shows when the last is in.
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, lengthOf(items) + 1));
  try {
    for (;;) {
      const { used, ends, done, error } = await filler.fill(buffer);
      if (used > 0 || ends.length > 0) yield { bytes: buffer.subarray(0, used), ends };
      if (error) throw error;
      if (done) return;
    }
  } finally {
    await filler.end();
  }
}

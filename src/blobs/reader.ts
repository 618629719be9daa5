/** Reading blobs: all that it needs are rows and the folder, so that it works in a thread of its own as well. */
import type { BlobHash } from '../base/ids.ts';
import type { Database } from '../db/database.ts';
import { AT_ONCE, createAhead, type Ahead, type Wanted } from './ahead.ts';
import type { BlobBackend } from './blob-store.ts';
import { missing } from './errors.ts';
import { openBlob } from './open.ts';
import { storedAtMost } from './packed.ts';
import { findRow, findRows, type BlobRow } from './rows.ts';
import { readWhole, type StoredForm } from './whole.ts';

/** The most that one piece of a stream holds. */
export const PIECE_BYTES = 128 * 1024;

export interface BlobReader {
  /** @throws DomainError blob.missing, blob.damaged */
  read(hash: BlobHash): Promise<Uint8Array>;
  /** Bytes [start, end), as far as there are any. Costs what the range needs, whatever the size. */
  readRange(hash: BlobHash, start: number, end: number): Promise<Uint8Array>;
  /**
   * The same bytes [start, end) in pieces of at most PIECE_BYTES, read as they are asked for. A reader that stops early leaves
   * nothing open. @throws DomainError blob.missing, blob.damaged, at the first piece or at any later one
   */
  stream(hash: BlobHash, start?: number, end?: number): AsyncIterable<Uint8Array>;
  /** Many that are read one after the other; a damaged or missing one is heard of when it is its turn. */
  ahead(wanted: readonly Wanted[]): Ahead;
}

export interface BlobReaderParts {
  db: Pick<Database, 'dialect' | 'read'>;
  backend: Pick<BlobBackend, 'get' | 'range'>;
}

export function createBlobReader({ db, backend }: BlobReaderParts): BlobReader {
  const shelf = { backend, row: (hash: BlobHash) => findRow(db, hash) };
  const fetch = async (hashes: readonly BlobHash[]) => forms(backend, (await findRows(db, hashes)).values());

  const whole = async (hash: BlobHash, row: BlobRow | undefined): Promise<Uint8Array> => {
    const form = row && (await formOf(backend, row));
    if (!form) throw missing(hash);
    return readWhole(fetch, hash, form);
  };

  return {
    read: async (hash) => whole(hash, await findRow(db, hash)),
    async readRange(hash, start, end) {
      const blob = await openBlob(shelf, hash, await findRow(db, hash));
      const stop = Math.min(end, blob.size);
      return start < stop ? blob.range(start, stop) : new Uint8Array();
    },
    async *stream(hash, start = 0, end = Infinity) {
      const row = await findRow(db, hash);
      if (row && row.size <= AT_ONCE && start === 0 && end >= row.size) {
        // Nearly every message: putting it together at once is half the work.
        const bytes = await whole(hash, row);
        for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
        return;
      }
      const blob = await openBlob({ ...shelf, onward: true }, hash, row);
      const stop = Math.min(end, blob.size);
      for (let at = start; at < stop; at += PIECE_BYTES) yield await blob.range(at, Math.min(at + PIECE_BYTES, stop));
    },
    ahead: (wanted) => createAhead(fetch, wanted),
  };
}

/** Of these rows, those whose octets are there. */
export async function forms(
  backend: BlobReaderParts['backend'],
  rows: Iterable<Pick<BlobRow, 'hash' | 'size' | 'data'>>,
): Promise<Map<BlobHash, StoredForm>> {
  const found = new Map<BlobHash, StoredForm>();
  const outside: Promise<void>[] = [];
  const put = (hash: BlobHash, form: StoredForm | undefined): void => void (form && found.set(hash, form));
  for (const row of rows) {
    if (row.data) found.set(row.hash, { size: row.size, data: row.data });
    else outside.push(formOf(backend, row).then((form) => put(row.hash, form)));
  }
  await Promise.all(outside);
  return found;
}

async function formOf(
  backend: BlobReaderParts['backend'],
  { hash, size, data }: Pick<BlobRow, 'hash' | 'size' | 'data'>,
): Promise<StoredForm | undefined> {
  if (data) return { size, data };
  const most = storedAtMost(size);
  const short = size <= AT_ONCE ? await backend.range(hash, 0, most) : undefined;
  // One that may go on is read to its end: it says itself how it was packed.
  const bytes = short && short.length < most ? short : await backend.get(hash);
  return bytes && { size, data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

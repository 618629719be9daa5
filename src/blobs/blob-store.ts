/**
 * Bytes by their SHA-256, stored once. Small content lies in a row and shares the transaction's sync; large content
 * lies outside (folder now, S3 later) and is synced before the row that names it commits.
 *
 * Order, always: stage (large bytes durable) -> record in the same unit of work as the rows that refer to it -> commit.
 * A crash between the two leaves a large blob without a row: `sweep` removes it later, never one that is younger than the grace.
 */
import { createHash } from 'node:crypto';

import { and, eq, inArray, lt } from 'drizzle-orm';

import { DomainError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { BlobHash } from '../base/ids.ts';
import type { Database, Query, Tx } from '../db/database.ts';
import { insertRows } from '../db/prepared.ts';

/** Content up to this size goes into the row. */
export const ROW_BYTES = 128 * 1024;

/** The most that one piece of a stream holds. */
export const PIECE_BYTES = 64 * 1024;

export interface StagedBlob {
  readonly hash: BlobHash;
  readonly size: number;
  /** The bytes while they wait for their row; absent for large content. */
  readonly data?: Uint8Array;
}

/** Where large content lies. `put` resolves when the bytes would survive a power cut. */
export interface BlobBackend {
  put(hash: BlobHash, bytes: Uint8Array): Promise<void>;
  /** Streams what it takes; must hash and count by itself no further than the caller did. */
  get(hash: BlobHash): Promise<Uint8Array | undefined>;
  range(hash: BlobHash, start: number, end: number): Promise<Uint8Array | undefined>;
  has(hash: BlobHash): Promise<boolean>;
  /** Makes what is there young again, so that no sweep takes it before its row commits. False: it is not there. */
  touch(hash: BlobHash): Promise<boolean>;
  /** Unless it was put or touched at or after `before`: whoever did will name it in a moment. */
  deleteOlder(hash: BlobHash, before: number): Promise<void>;
  list(): AsyncIterable<{ hash: BlobHash; size: number; modifiedAt: number }>;
}

export interface BlobStore {
  stage(bytes: Uint8Array): Promise<StagedBlob>;
  /** Within the unit of work that refers to the blob. */
  record(tx: Tx, staged: StagedBlob): Promise<void>;
  /** @throws DomainError blob.missing */
  read(hash: BlobHash): Promise<Uint8Array>;
  /** Bytes [start, end). */
  readRange(hash: BlobHash, start: number, end: number): Promise<Uint8Array>;
  /**
   * The same bytes [start, end) in pieces of at most PIECE_BYTES, read as they are asked for. A reader that stops early leaves
   * nothing open. @throws DomainError blob.missing, at the first piece or at any later one
   */
  stream(hash: BlobHash, start?: number, end?: number): AsyncIterable<Uint8Array>;
  size(hash: BlobHash): Promise<number | undefined>;
  /** Removes content that nothing refers to and that is older than `before`. @returns how many. */
  sweep(referenced: (hashes: BlobHash[]) => Promise<Set<BlobHash>>, before: number): Promise<number>;
  readonly backend: BlobBackend;
}

export interface BlobStoreOptions {
  db: Database;
  backend: BlobBackend;
  clock: Clock;
}

export function createBlobStore({ db, backend, clock }: BlobStoreOptions): BlobStore {
  const { blobs } = db.t;
  const row = async (hash: BlobHash, q: Query = db.read) =>
    (await q.select({ size: blobs.size, data: blobs.data }).from(blobs).where(eq(blobs.hash, hash)))[0];

  const read = async (hash: BlobHash): Promise<Uint8Array> => {
    const found = await row(hash);
    const bytes = found?.data ?? (found ? await backend.get(hash) : undefined);
    if (!bytes) throw missing(hash);
    return bytes;
  };

  const readRange = async (hash: BlobHash, start: number, end: number): Promise<Uint8Array> => {
    const found = await row(hash);
    if (!found) throw missing(hash);
    if (found.data) return found.data.subarray(start, end);
    const bytes = await backend.range(hash, start, Math.min(end, found.size));
    if (!bytes) throw missing(hash);
    return bytes;
  };

  async function* stream(hash: BlobHash, start = 0, end = Infinity): AsyncGenerator<Uint8Array> {
    const found = await row(hash);
    if (!found) throw missing(hash);
    const stop = Math.min(end, found.size);
    for (let at = start; at < stop; at += PIECE_BYTES) {
      const to = Math.min(at + PIECE_BYTES, stop);
      const piece = found.data ? found.data.subarray(at, to) : await backend.range(hash, at, to);
      if (piece?.length !== to - at) throw missing(hash);
      yield piece;
    }
  }

  return {
    backend,
    async stage(bytes) {
      const hash = createHash('sha256').update(bytes).digest('hex') as BlobHash;
      if (bytes.length <= ROW_BYTES) return { hash, size: bytes.length, data: bytes };
      if (!(await backend.touch(hash))) await backend.put(hash, bytes);
      return { hash, size: bytes.length };
    },
    async record(tx, { hash, size, data }) {
      const row = { hash, size, data: data ?? null, createdAt: clock.now() };
      const renew = 'on conflict ("hash") do update set "created_at" = excluded."created_at"';
      await insertRows({ db, q: tx.q }, blobs, [row], renew);
    },
    read,
    readRange,
    stream,
    size: async (hash) => (await row(hash))?.size,
    sweep: (referenced, before) => sweep({ db, backend, clock }, referenced, before),
  };
}

function missing(hash: BlobHash): DomainError {
  return new DomainError('unavailable', 'blob.missing', `stored bytes are missing: ${hash}`, { hash });
}

async function sweep(
  { db, backend }: BlobStoreOptions,
  referenced: (hashes: BlobHash[]) => Promise<Set<BlobHash>>,
  before: number,
): Promise<number> {
  const { blobs } = db.t;
  let removed = 0;
  const rows = await db.read.select({ hash: blobs.hash, createdAt: blobs.createdAt }).from(blobs);
  for (let i = 0; i < rows.length; i += 500) {
    const old = rows
      .slice(i, i + 500)
      .filter((r) => r.createdAt < before)
      .map((r) => r.hash);
    const used = await referenced(old);
    const unused = old.filter((h) => !used.has(h));
    if (unused.length === 0) continue;
    await db.write(async ({ q }) => {
      // Recorded again since it was looked at: then it is in use, whatever `referenced` could see.
      await q.delete(blobs).where(and(inArray(blobs.hash, unused), lt(blobs.createdAt, before)));
    });
    removed += unused.length;
  }
  // The row goes first: content without a row is only waste, a row without content would be a loss.
  for await (const { hash, modifiedAt } of backend.list()) {
    if (modifiedAt >= before) continue;
    const named = await db.read.select({ hash: blobs.hash }).from(blobs).where(eq(blobs.hash, hash));
    if (named.length === 0) await backend.deleteOlder(hash, before);
  }
  return removed;
}

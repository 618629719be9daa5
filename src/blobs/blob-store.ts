/**
 * Bytes by their SHA-256, stored once. How they lie on the disk is known in this folder only: packed (packed.ts), or, for a
 * message, as a recipe whose files lie under their own names (recipe.ts). A small stored form lies in a row and shares the
 * transaction's sync; a large one lies outside (folder now, S3 later) and is synced before the row that names it commits.
 *
 * Order, always: stage (large bytes durable) -> record in the same unit of work as the rows that refer to it -> commit.
 * What a recipe needs is recorded with it, in the same unit. A crash between stage and commit leaves large content without a
 * row: `sweep` removes it later, never one that is younger than the grace. A recipe is always small: what lies outside is
 * content of one name, whose stored form may be any that says so itself.
 */
import type { Clock } from '../base/clock.ts';
import { DomainError } from '../base/errors.ts';
import type { BlobHash } from '../base/ids.ts';
import type { Database, Tx } from '../db/database.ts';
import { checkBlobs, repairBlobs, type BlobFinding } from './check.ts';
import { isWhole, mendBlobs } from './mend.ts';
import { pack } from './packed.ts';
import { packUp, ROW_BYTES, type Packing } from './packing.ts';
import { createBlobReader, forms, type BlobReader } from './reader.ts';
import type { Content, Span } from './recipe.ts';
import { findSize, renewRows, wholeRows, writeRows, type NewRow } from './rows.ts';
import type { Place } from './series-task.ts';
import { createSeriesThread } from './series-thread.ts';
import { series, type Item, type SeriesChunk } from './series.ts';
import { sweepBlobs } from './sweep.ts';
import { readWhole } from './whole.ts';

export type { BlobFinding } from './check.ts';
export { isUnreadable } from './errors.ts';
export { pack } from './packed.ts';
export { PIECE_BYTES } from './reader.ts';
export type { Span } from './recipe.ts';
export { packUp, ROW_BYTES, type Packing } from './packing.ts';
export { BrokenOff, type Item, type SeriesChunk } from './series.ts';

export interface StagedBlob {
  readonly hash: BlobHash;
  readonly size: number;
  /** The bytes while they wait for their row; absent for large content. */
  readonly data?: Uint8Array;
  /** Large content, as long as somebody else holds it in memory anyway. */
  readonly held?: WeakRef<Uint8Array>;
  /** What `record` writes: the blob, and all that it needs. */
  readonly rows: readonly NewRow[];
  /** What it keeps from a sweep, of a blob that lies here. */
  readonly kept?: readonly BlobHash[];
}

/** Where large stored forms lie. `put` resolves when the bytes would survive a power cut. */
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

export interface BlobStore extends BlobReader {
  /** @param spans encoded parts of a message, in order: their content is stored decoded, files under names of their own */
  stage(bytes: Uint8Array, spans?: readonly Span[]): Promise<StagedBlob>;
  /** The same for what was packed up elsewhere. */
  stagePacked(bytes: Uint8Array, packing: Packing): Promise<StagedBlob>;
  /** Of content that lies here already, whole. Undefined: it has to be staged. */
  stageKnown(bytes: Uint8Array, hash: BlobHash): Promise<StagedBlob | undefined>;
  /** Within the unit of work that refers to the blob. @throws DomainError blob.swept: it was known, and went meanwhile */
  record(tx: Tx, staged: StagedBlob): Promise<void>;
  /** What was staged, recorded or not. */
  staged(staged: StagedBlob): Promise<Uint8Array>;
  /**
   * Many one after the other, with what stands around each, in chunks: read while the one before is sent, in a thread of its own
   * if it is much. A chunk may be changed once the next is asked for; whoever stops early leaves nothing open.
   * @throws DomainError as `read`, when it is the turn of that one; BrokenOff in its middle
   */
  series(items: readonly Item[]): AsyncIterable<SeriesChunk>;
  size(hash: BlobHash): Promise<number | undefined>;
  /** Removes content that nothing refers to and that is older than `before`. @returns how many. */
  sweep(referenced: (hashes: BlobHash[]) => Promise<Set<BlobHash>>, before: number): Promise<number>;
  /** Rows <-> folder <-> recipes; `deep`: every blob is read and its SHA-256 compared. */
  check(deep: boolean): AsyncIterable<BlobFinding>;
  /** Mends what can be found out anew: which blobs a message needs. One sentence for each. */
  repair(): AsyncIterable<BlobFinding>;
  /** All octets can be read, and they have that SHA-256. */
  isWhole(hash: BlobHash): Promise<boolean>;
  /** What was staged, of which these are the octets, takes the place of what cannot be read. @returns of which names */
  mend(staged: StagedBlob, bytes: Uint8Array): Promise<BlobHash[]>;
  readonly backend: BlobBackend;
  /** Ends the thread; what it reads breaks off. */
  close(): Promise<void>;
}

export interface BlobStoreOptions {
  db: Database;
  backend: BlobBackend;
  clock: Clock;
  /** Where a thread finds the same rows and the same folder; absent: the main one reads everything. */
  thread?: { place: Place; onError: (error: unknown) => void } | undefined;
}

export function createBlobStore({ db, backend, clock, ...options }: BlobStoreOptions): BlobStore {
  const reader = createBlobReader({ db, backend });
  const thread = options.thread && createSeriesThread({ ...options.thread, reader });
  return {
    ...reader,
    backend,
    stage: async (bytes, spans) => stagePacked(backend, bytes, await packUp(asBuffer(bytes), spans ?? [])),
    stagePacked: (bytes, packing) => stagePacked(backend, bytes, packing),
    stageKnown: (bytes, hash) => stageKnown({ db, backend }, bytes, hash),
    async record(tx, { hash, rows, kept }) {
      await writeRows(db, tx, rows, clock.now());
      if (kept && !(await renewRows(db, tx, kept, clock.now())))
        throw new DomainError('unavailable', 'blob.swept', `content ${hash} went meanwhile, try again`);
    },
    async staged({ hash, data, held, rows }) {
      const known = data ?? held?.deref();
      if (known) return known;
      const own = new Map(rows.map((row) => [row.hash, row]));
      const ofRows = (hashes: readonly BlobHash[]) =>
        forms(
          backend,
          hashes.flatMap((name) => own.get(name) ?? []),
        );
      const form = (await ofRows([hash])).get(hash);
      return form ? readWhole(ofRows, hash, form) : reader.read(hash);
    },
    series: (items) => (thread ? thread.series(items) : series(reader, items)),
    size: (hash) => findSize(db, hash),
    sweep: (referenced, before) => sweepBlobs({ db, backend }, referenced, before),
    check: (deep) => checkBlobs({ db, backend, read: reader.read }, deep),
    repair: () => repairBlobs({ db, clock }),
    isWhole: (hash) => isWhole(reader, hash),
    mend: (staged, bytes) => mendBlobs({ db, backend, read: reader.read }, staged, asBuffer(bytes)),
    close: async () => thread?.close(),
  };
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

async function stagePacked(
  backend: BlobBackend,
  bytes: Uint8Array,
  { hash, size, rows, large }: Packing,
): Promise<StagedBlob> {
  const shelved = [];
  for (const content of large) shelved.push(await shelve(backend, content));
  const staged = { hash, size, rows: [...rows, ...shelved] };
  // A delivery looks at the bytes again right after this.
  return bytes.length <= ROW_BYTES ? { ...staged, data: bytes } : { ...staged, held: new WeakRef(bytes) };
}

async function stageKnown(
  { db, backend }: Pick<BlobStoreOptions, 'db' | 'backend'>,
  bytes: Uint8Array,
  hash: BlobHash,
): Promise<StagedBlob | undefined> {
  const rows = await wholeRows(db, hash);
  if (!rows) return undefined;
  // What the folder has lost comes back with these bytes: they are staged then.
  for (const row of rows) if (!row.inRow && !(await backend.touch(row.hash))) return undefined;
  const staged = { hash, size: bytes.length, rows: [], kept: rows.map((row) => row.hash) };
  return bytes.length <= ROW_BYTES ? { ...staged, data: bytes } : { ...staged, held: new WeakRef(bytes) };
}

/** Large content under its own name: durably into the folder before its row, but what packs well into the row. */
async function shelve(backend: BlobBackend, { hash, bytes }: Content): Promise<NewRow> {
  const row = { hash, size: bytes.length, names: [], data: undefined };
  // What the folder has already may have been packed by another release: it says itself how.
  if (await backend.touch(hash)) return row;
  const packed = await pack(bytes);
  if (packed.length <= ROW_BYTES) return { ...row, data: packed };
  await backend.put(hash, packed);
  return row;
}

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
import type { BlobHash } from '../base/ids.ts';
import type { Database, Tx } from '../db/database.ts';
import { AT_ONCE, createAhead, type Ahead, type Wanted } from './ahead.ts';
import { checkBlobs, repairBlobs, type BlobFinding } from './check.ts';
import { missing } from './errors.ts';
import { openBlob } from './open.ts';
import { pack, storedAtMost } from './packed.ts';
import { packUp, ROW_BYTES, type Packing } from './packing.ts';
import type { Content, Span } from './recipe.ts';
import { findRow, findRows, findSize, writeRows, type BlobRow, type NewRow } from './rows.ts';
import { sweepBlobs } from './sweep.ts';
import { readWhole, type StoredForm } from './whole.ts';

export type { BlobFinding } from './check.ts';
export type { Span } from './recipe.ts';
export { packUp, ROW_BYTES, type Packing } from './packing.ts';

/** The most that one piece of a stream holds. */
export const PIECE_BYTES = 128 * 1024;

export interface StagedBlob {
  readonly hash: BlobHash;
  readonly size: number;
  /** The bytes while they wait for their row; absent for large content. */
  readonly data?: Uint8Array;
  /** Large content, as long as somebody else holds it in memory anyway. */
  readonly held?: WeakRef<Uint8Array>;
  /** What `record` writes: the blob, and all that it needs. */
  readonly rows: readonly NewRow[];
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

export interface BlobStore {
  /** @param spans encoded parts of a message, in order: their content is stored decoded, files under names of their own */
  stage(bytes: Uint8Array, spans?: readonly Span[]): Promise<StagedBlob>;
  /** The same for what was packed up elsewhere. */
  stagePacked(bytes: Uint8Array, packing: Packing): Promise<StagedBlob>;
  /** Within the unit of work that refers to the blob. */
  record(tx: Tx, staged: StagedBlob): Promise<void>;
  /** What was staged, recorded or not. */
  staged(staged: StagedBlob): Promise<Uint8Array>;
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
  size(hash: BlobHash): Promise<number | undefined>;
  /** Removes content that nothing refers to and that is older than `before`. @returns how many. */
  sweep(referenced: (hashes: BlobHash[]) => Promise<Set<BlobHash>>, before: number): Promise<number>;
  /** Rows <-> folder <-> recipes; `deep`: every blob is read and its SHA-256 compared. */
  check(deep: boolean): AsyncIterable<BlobFinding>;
  /** Mends what can be found out anew: which blobs a message needs. One sentence for each. */
  repair(): AsyncIterable<BlobFinding>;
  readonly backend: BlobBackend;
}

export interface BlobStoreOptions {
  db: Database;
  backend: BlobBackend;
  clock: Clock;
}

export function createBlobStore({ db, backend, clock }: BlobStoreOptions): BlobStore {
  const shelf = { backend, row: (hash: BlobHash) => findRow(db, hash) };
  const fetch = async (hashes: readonly BlobHash[]) => forms(backend, (await findRows(db, hashes)).values());

  const whole = async (hash: BlobHash, row: BlobRow | undefined): Promise<Uint8Array> => {
    const form = row && (await formOf(backend, row));
    if (!form) throw missing(hash);
    return readWhole(fetch, hash, form);
  };
  const read = async (hash: BlobHash): Promise<Uint8Array> => whole(hash, await findRow(db, hash));

  async function* stream(hash: BlobHash, start = 0, end = Infinity): AsyncGenerator<Uint8Array> {
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
  }

  return {
    backend,
    stage: async (bytes, spans) => stagePacked(backend, bytes, await packUp(asBuffer(bytes), spans ?? [])),
    stagePacked: (bytes, packing) => stagePacked(backend, bytes, packing),
    record: (tx, { rows }) => writeRows(db, tx, rows, clock.now()),
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
      return form ? readWhole(ofRows, hash, form) : read(hash);
    },
    read,
    async readRange(hash, start, end) {
      const blob = await openBlob(shelf, hash, await findRow(db, hash));
      const stop = Math.min(end, blob.size);
      return start < stop ? blob.range(start, stop) : new Uint8Array();
    },
    stream,
    ahead: (wanted) => createAhead(fetch, wanted),
    size: (hash) => findSize(db, hash),
    sweep: (referenced, before) => sweepBlobs({ db, backend }, referenced, before),
    check: (deep) => checkBlobs({ db, backend, read }, deep),
    repair: () => repairBlobs({ db, clock }),
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

async function forms(
  backend: BlobBackend,
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

async function formOf(backend: BlobBackend, { hash, size, data }: BlobRow): Promise<StoredForm | undefined> {
  if (data) return { size, data };
  const most = storedAtMost(size);
  const short = size <= AT_ONCE ? await backend.range(hash, 0, most) : undefined;
  // One that may go on is read to its end: it says itself how it was packed.
  const bytes = short && short.length < most ? short : await backend.get(hash);
  return bytes && { size, data: asBuffer(bytes) };
}

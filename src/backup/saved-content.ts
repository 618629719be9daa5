/**
 * Content of a snapshot, read by the store's own code: rows go into a database in memory for as long as they are needed, files are read
 * from the packs. How content lies stays the affair of src/blobs.
 */
import { systemClock } from '../base/clock.ts';
import type { BlobHash } from '../base/ids.ts';
import { createBlobStore, type BlobBackend } from '../blobs/blob-store.ts';
import { openSqlite } from '../db/dialects/sqlite.ts';
import { migrate } from '../db/migrate.ts';
import { contentNames, type Named } from './content.ts';
import type { Packs } from './packs.ts';
import { DamagedBackup } from './records.ts';
import { BLOB_DATA, BLOBS, forgetBlobs, insertAll, tableShapes, type TableShape } from './repository/tables.ts';
import { linesOf, readRow } from './rows.ts';
import { savedRows, savedTable } from './saved-rows.ts';
import type { SnapshotFile } from './snapshots.ts';

export interface SavedContent {
  /** Undefined: the backup does not hold it. */
  read(hash: string): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

interface Found extends Named {
  row: unknown[];
}

export async function contentOf(
  packs: Packs,
  snapshot: SnapshotFile,
  hashes: ReadonlySet<string>,
): Promise<SavedContent> {
  const parts = await partsOf(packs, snapshot, hashes);
  const all = new Set([...hashes, ...[...parts.values()].flat()]);
  const { shape, rows } = await rowsOf(packs, snapshot, all);
  const db = openSqlite({ file: ':memory:' });
  await migrate(db);
  const store = createBlobStore({ db, backend: overPacks(packs), clock: systemClock });
  return {
    async read(hash) {
      const needed = [hash, ...(parts.get(hash) ?? [])].flatMap((name) => rows.get(name) ?? []);
      try {
        const dataAt = shape.columns.findIndex(({ name }) => name === BLOB_DATA);
        const filled: unknown[][] = [];
        for (const { kind, hash: name, row } of new Set(needed))
          filled.push(row.with(dataAt, kind === 'f' ? null : await packs.read(kind, name)));
        await db.write((tx) => insertAll(db, tx, shape, filled));
        return await store.read(hash as BlobHash);
      } catch (error) {
        if (error instanceof DamagedBackup || isGone(error)) return undefined;
        throw error;
      } finally {
        await db.write((tx) => forgetBlobs(tx));
      }
    },
    close: () => db.close(),
  };
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('blob.');

/** What a message cannot be read without. */
async function partsOf(
  packs: Packs,
  snapshot: SnapshotFile,
  hashes: ReadonlySet<string>,
): Promise<Map<string, string[]>> {
  const parts = new Map<string, string[]>();
  const table = savedTable(snapshot, 'blob_parts');
  if (!table) return parts;
  for await (const row of savedRows(packs, table)) {
    const hash = String(row('hash'));
    if (hashes.has(hash)) parts.set(hash, [...(parts.get(hash) ?? []), String(row('content_hash'))]);
  }
  return parts;
}

async function rowsOf(packs: Packs, snapshot: SnapshotFile, hashes: ReadonlySet<string>) {
  const rows = new Map<string, Found>();
  const table = savedTable(snapshot, BLOBS);
  const shape = tableShapes('sqlite').find(({ name }) => name === BLOBS);
  if (!table || !shape) throw new DamagedBackup('the backup has no table of contents');
  const kinds = table.columns.map(({ kind }) => kind);
  const content = contentNames(table);
  const from = shape.columns.map(({ name }) => table.columns.findIndex((column) => column.name === name));
  for (const piece of table.pieces)
    for (const line of linesOf(await packs.read('t', piece))) {
      const saved = readRow(kinds, line, 'sqlite');
      const named = content(saved);
      if (hashes.has(named.hash)) rows.set(named.hash, { ...named, row: from.map((i) => (i < 0 ? null : saved[i])) });
    }
  return { shape: shape satisfies TableShape, rows };
}

/** Files as the packs hold them; nothing is ever put there. */
function overPacks(packs: Packs): BlobBackend {
  const get = async (hash: BlobHash) => (packs.index.has('f', hash) ? packs.read('f', hash) : undefined);
  const never = async (): Promise<never> => {
    throw new Error('a backup is not written through the store');
  };
  return {
    get,
    range: async (hash, start, end) => (await get(hash))?.subarray(start, end),
    has: async (hash) => packs.index.has('f', hash),
    put: never,
    touch: never,
    deleteOlder: never,
    list: async function* () {
      // Nobody sweeps here.
    },
  };
}

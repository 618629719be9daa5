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
  const { shape, rows, parts } = await withParts(packs, snapshot, hashes);
  const db = openSqlite({ file: ':memory:' });
  await migrate(db);
  const store = createBlobStore({ db, backend: overPacks(packs), clock: systemClock });
  return {
    async read(hash) {
      const needed = allOf(hash, parts).flatMap((name) => rows.get(name) ?? []);
      try {
        const dataAt = shape.columns.findIndex(({ name }) => name === BLOB_DATA);
        const filled: unknown[][] = [];
        for (const { kind, hash: name, row } of needed)
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

/** A content and all that it cannot be read without. */
function allOf(hash: string, parts: ReadonlyMap<string, readonly string[]>): string[] {
  const all = new Set([hash]);
  // A set is walked to what was put into it meanwhile.
  for (const name of all) for (const part of parts.get(name) ?? []) all.add(part);
  return [...all];
}

interface Gathered {
  shape: TableShape;
  rows: Map<string, Found>;
  /** What a recipe names. */
  parts: Map<string, string[]>;
}

/** What is named may itself name others (a message sent as a file): each round reads the tables once, and most need no third. */
async function withParts(packs: Packs, snapshot: SnapshotFile, hashes: ReadonlySet<string>): Promise<Gathered> {
  const shape = tableShapes('sqlite').find(({ name }) => name === BLOBS);
  if (!shape) throw new Error('there is no table of contents');
  const gathered: Gathered = { shape, rows: new Map(), parts: new Map() };
  for (let wanted = hashes; wanted.size > 0;) {
    const recipes = await addRows(packs, snapshot, wanted, gathered);
    if (recipes.size === 0) break;
    const named = await addParts(packs, snapshot, recipes, gathered.parts);
    wanted = new Set([...named].filter((name) => !gathered.rows.has(name)));
  }
  return gathered;
}

/** @returns which of them need others */
async function addRows(
  packs: Packs,
  snapshot: SnapshotFile,
  hashes: ReadonlySet<string>,
  { shape, rows }: Gathered,
): Promise<Set<string>> {
  const table = savedTable(snapshot, BLOBS);
  if (!table) throw new DamagedBackup('the backup has no table of contents');
  const kinds = table.columns.map(({ kind }) => kind);
  const content = contentNames(table);
  const from = shape.columns.map(({ name }) => table.columns.findIndex((column) => column.name === name));
  const recipes = new Set<string>();
  for (const piece of table.pieces)
    for (const line of linesOf(await packs.read('t', piece))) {
      const saved = readRow(kinds, line, 'sqlite');
      const named = content(saved);
      if (!hashes.has(named.hash)) continue;
      rows.set(named.hash, { ...named, row: from.map((i) => (i < 0 ? null : saved[i])) });
      if (named.kind === 'r') recipes.add(named.hash);
    }
  return recipes;
}

/** @returns what these need */
async function addParts(
  packs: Packs,
  snapshot: SnapshotFile,
  recipes: ReadonlySet<string>,
  parts: Map<string, string[]>,
): Promise<Set<string>> {
  const named = new Set<string>();
  const table = savedTable(snapshot, 'blob_parts');
  if (!table) return named;
  for await (const row of savedRows(packs, table)) {
    const hash = String(row('hash'));
    if (!recipes.has(hash)) continue;
    const name = String(row('content_hash'));
    const list = parts.get(hash);
    if (list) list.push(name);
    else parts.set(hash, [name]);
    named.add(name);
  }
  return named;
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

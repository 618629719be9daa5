/** The rows of a snapshot into an empty database of either dialect, at the schema that they had; then what came after it. */
import type { BlobHash } from '../base/ids.ts';
import { DomainError } from '../base/errors.ts';
import type { BlobBackend } from '../blobs/blob-store.ts';
import type { Database } from '../db/database.ts';
import { migrate, migrationsOf } from '../db/migrate.ts';
import { contentNames, isBlobs } from './content.ts';
import type { Packs } from './packs.ts';
import { BLOB_DATA, IN_ROW, insertAll, setCounter, type TableShape } from './repository/tables.ts';
import { DamagedBackup, type Kind } from './records.ts';
import { linesOf, readRow } from './rows.ts';
import { sideBySide } from './side-by-side.ts';
import type { SnapshotFile } from './snapshots.ts';

export interface RestoreTarget {
  db: Database;
  backend: BlobBackend;
}

/** Rows put in one unit of work, and bytes of content in it. */
const ROWS = 2000;
const BYTES = 16 * 1024 * 1024;

/** @param leaveOut tables whose rows do not come back; `leap`: keys that are passed over. @throws backup.newer_program */
export async function restoreTables(
  { db, backend }: RestoreTarget,
  packs: Packs,
  snapshot: SnapshotFile,
  { leaveOut, leap }: { leaveOut: ReadonlySet<string>; leap: number },
): Promise<{ rows: number; contents: number; lost: string[] }> {
  const known = migrationsOf(db.dialect);
  const strange = snapshot.migrations.filter((name) => !known.some((migration) => migration.name === name));
  if (strange.length > 0) {
    const words = `the backup was made by a newer program (${snapshot.version}): install that one first`;
    throw new DomainError('invalid', 'backup.newer_program', words);
  }
  const then = known.filter(({ name }) => snapshot.migrations.includes(name));
  await migrate(db, then);
  const done = { rows: 0, contents: 0, lost: [] as string[] };
  for (const table of snapshot.tables) {
    if (leaveOut.has(table.name)) continue;
    if (isBlobs(table)) await restoreBlobs({ db, backend }, packs, { table, swept: new Set(snapshot.swept) }, done);
    else await restoreTable(db, packs, table, done);
  }
  await db.write(async (tx) => {
    for (const [table, last] of Object.entries(snapshot.counters)) await setCounter(db, tx, table, last + leap);
  });
  await migrate(db);
  return done;
}

type Table = SnapshotFile['tables'][number];

async function restoreTable(db: Database, packs: Packs, table: Table, done: { rows: number }): Promise<void> {
  const kinds = table.columns.map(({ kind }) => kind);
  for (const piece of table.pieces) {
    const rows = linesOf(await packs.read('t', piece)).map((line) => readRow(kinds, line, db.dialect));
    for (let i = 0; i < rows.length; i += ROWS)
      await db.write((tx) => insertAll(db, tx, table, rows.slice(i, i + ROWS)));
    done.rows += rows.length;
  }
}

/** Content goes back to where it lay: into its row, or to its file before the row names it. */
async function restoreBlobs(
  { db, backend }: RestoreTarget,
  packs: Packs,
  { table, swept }: { table: Table; swept: ReadonlySet<string> },
  done: { rows: number; contents: number; lost: string[] },
): Promise<void> {
  const kinds = table.columns.map(({ kind }) => kind);
  const content = contentNames(table);
  const inRowAt = table.columns.findIndex(({ name }) => name === IN_ROW);
  const shape: TableShape = {
    name: table.name,
    columns: table.columns.map((column) => (column.name === IN_ROW ? { name: BLOB_DATA, kind: 'bytes' } : column)),
  };
  let rows: unknown[][] = [];
  let bytes = 0;
  const flush = async () => {
    const batch = rows;
    rows = [];
    bytes = 0;
    await db.write((tx) => insertAll(db, tx, shape, batch));
    done.rows += batch.length;
  };
  const files = sideBySide(8);
  for (const piece of table.pieces) {
    for (const line of linesOf(await packs.read('t', piece))) {
      const row = readRow(kinds, line, db.dialect);
      const { kind, hash } = content(row);
      const stored = await readIfWhole(packs, kind, hash);
      // It was missing when the snapshot was taken, or the backup has lost it: a row would promise what is not there.
      if (!stored) {
        if (!swept.has(hash)) done.lost.push(hash);
        continue;
      }
      done.contents++;
      row[inRowAt] = kind === 'f' ? null : stored;
      if (kind === 'f') await files.start(() => backend.put(hash as BlobHash, stored));
      rows.push(row);
      bytes += kind === 'f' ? 0 : stored.length;
      if (rows.length >= ROWS || bytes >= BYTES) {
        await files.end();
        await flush();
      }
    }
  }
  await files.end();
  if (rows.length > 0) await flush();
}

async function readIfWhole(packs: Packs, kind: Kind, hash: string): Promise<Buffer | undefined> {
  try {
    return await packs.read(kind, hash);
  } catch (error) {
    if (error instanceof DamagedBackup) return undefined;
    throw error;
  }
}

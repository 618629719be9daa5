/**
 * One snapshot of everything into a backup folder, beside a running server. First the tables, at one moment, cut into pieces of which only
 * the changed ones are written; then the content that those rows name and that the folder does not hold yet; last the file
 * that names them all. Before that file lies there, nothing has changed for the snapshots before it.
 */
import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import { isUnreadable, pack } from '../blobs/blob-store.ts';
import type { Snapshot } from '../db/database.ts';
import type { Parts } from '../parts.ts';
import { contentNames, isBlobs } from './content.ts';
import type { Lease } from './lease.ts';
import type { Packs } from './packs.ts';
import type { Kind } from './records.ts';
import {
  appliedMigrations,
  countersQuery,
  rowData,
  selected,
  tableShapes,
  written,
  type TableShape,
} from './repository/tables.ts';
import { createCutter, writeRow, type Piece } from './rows.ts';
import { sideBySide } from './side-by-side.ts';
import { FORMAT, freshName, writeSnapshot, type SnapshotFile } from './snapshots.ts';

export type TakeParts = Pick<Parts, 'db' | 'blobs' | 'clock'>;

export interface Taken {
  snapshot: SnapshotFile;
  rows: number;
  contents: number;
  newContents: number;
  /** Pieces of tables that the folder gave no more as they were, and that are written anew: one sentence each. */
  renewed: string[];
}

/** What the rows name and the folder lacks: 32 bytes each, there may be millions. */
interface Wanted {
  inRows: Buffer[];
  recipes: Buffer[];
  inFiles: Buffer[];
  contents: number;
}

export type SnapshotHead = Pick<SnapshotFile, 'version' | 'installation' | 'domain' | 'settings' | 'secrets'>;

export async function takeSnapshot(
  parts: TakeParts,
  { packs, folder, lease }: { packs: Packs; folder: string; lease: Lease },
  head: SnapshotHead,
): Promise<Taken> {
  const { db, clock } = parts;
  const takenAt = clock.now();
  const wanted: Wanted = { inRows: [], recipes: [], inFiles: [], contents: 0 };
  const renewed: string[] = [];
  const migrations = await appliedMigrations(db.read);
  const state = await db.snapshot(async (snapshot) => ({
    counters: await counters(parts, snapshot),
    tables: await writeTables(parts, snapshot, { packs, wanted, renewed }),
  }));
  const absent: Absent = { missing: [], swept: [] };
  await copyRows(parts, packs, { kind: 'p', wanted: wanted.inRows, absent });
  await copyRows(parts, packs, { kind: 'r', wanted: wanted.recipes, absent });
  await copyFiles(parts, packs, wanted.inFiles, absent);
  await packs.flush();
  await lease.confirm();
  const snapshot: SnapshotFile = {
    ...{ format: FORMAT, ...head, name: await freshName(folder, takenAt), dialect: db.dialect, takenAt, migrations },
    ...{ ...state, ...absent },
  };
  await writeSnapshot(folder, snapshot);
  const rows = snapshot.tables.reduce((sum, table) => sum + table.rows, 0);
  const newContents = wanted.inRows.length + wanted.recipes.length + wanted.inFiles.length - absent.missing.length;
  return { snapshot, rows, contents: wanted.contents, newContents, renewed };
}

async function counters({ db }: TakeParts, snapshot: Snapshot): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [name, last] of await snapshot.rows(countersQuery(db.dialect))) found[String(name)] = Number(last);
  return found;
}

/** Where the rows go, and what was seen on the way. */
interface Writing {
  packs: Packs;
  wanted: Wanted;
  renewed: string[];
}

async function writeTables({ db }: TakeParts, snapshot: Snapshot, writing: Writing) {
  const tables: SnapshotFile['tables'] = [];
  for (const shape of tableShapes(db.dialect)) {
    const columns = written(shape);
    const look = isBlobs(shape) ? watchBlobs(columns, writing) : () => undefined;
    const { rows, pieces } = await writeTable(snapshot, writing, shape, look);
    tables.push({ name: shape.name, columns, rows, pieces });
  }
  return tables;
}

async function writeTable(
  snapshot: Snapshot,
  to: Writing,
  shape: TableShape,
  look: (row: unknown[]) => void,
): Promise<{ rows: number; pieces: string[] }> {
  const kinds = written(shape).map(({ kind }) => kind);
  const cutter = createCutter();
  const writing = sideBySide(8);
  const pieces: string[] = [];
  let count = 0;
  const put = async (piece: Piece | undefined) => {
    if (!piece) return;
    pieces.push(piece.key);
    count += piece.rows;
    await writing.start(() => writePiece(to, shape.name, piece));
  };
  for await (const batch of snapshot.table(shape.name, selected(shape)))
    for (const row of batch) {
      look(row);
      await put(cutter.add(writeRow(kinds, row)));
    }
  await put(cutter.end());
  await writing.end();
  return { rows: count, pieces };
}

/**
 * What the folder holds already is read once more: without one piece of a table every snapshot that shares it lacks all of its rows, and
 * here those rows still are. (Content is a hundred times as much: `--verify` reads that.)
 */
async function writePiece({ packs, renewed }: Writing, table: string, { key, bytes }: Piece): Promise<void> {
  if (packs.has('t', key)) {
    const fault = await packs.fault('t', key);
    if (fault !== undefined && packs.has('t', key)) {
      packs.doubt('t', key);
      renewed.push(`${fault}: this piece of ${table} is written anew`);
    }
  }
  await packs.add('t', key, bytes);
}

function watchBlobs(columns: TableShape['columns'], { packs, wanted }: Writing): (row: unknown[]) => void {
  const named = contentNames({ columns });
  return (row) => {
    const { kind, hash } = named(row);
    wanted.contents++;
    if (packs.has(kind, hash)) return;
    const list = kind === 'f' ? wanted.inFiles : kind === 'r' ? wanted.recipes : wanted.inRows;
    list.push(Buffer.from(hash, 'hex'));
  };
}

/** What is not in the backup, and why. */
interface Absent {
  missing: string[];
  swept: string[];
}

const AT_ONCE = 64;

async function copyRows(
  parts: TakeParts,
  packs: Packs,
  { kind, wanted, absent }: { kind: 'p' | 'r'; wanted: readonly Buffer[]; absent: Absent },
): Promise<void> {
  const copying = sideBySide(4);
  for (let i = 0; i < wanted.length; i += AT_ONCE) {
    const hashes = wanted.slice(i, i + AT_ONCE).map((hash) => hash.toString('hex'));
    const found = await rowData(parts.db, hashes, kind === 'r');
    await copying.start(async () => {
      for (const hash of hashes) await copyOne(parts, packs, { kind, hash, bytes: found.get(hash) }, absent);
    });
  }
  await copying.end();
}

async function copyFiles(parts: TakeParts, packs: Packs, wanted: readonly Buffer[], absent: Absent): Promise<void> {
  const copying = sideBySide(4);
  for (const one of wanted) {
    const hash = one.toString('hex');
    await copying.start(async () => {
      const bytes = await ifReadable(parts.blobs.backend.get(hash as BlobHash));
      await copyOne(parts, packs, { kind: 'f', hash, bytes }, absent);
    });
  }
  await copying.end();
}

interface Copied {
  kind: Kind;
  hash: string;
  /**
   * As it lies; undefined: no longer in the form that the tables spoke of. An upload that turned out to be a message has become a recipe
   * since, and what that names may be younger than this snapshot: then the content is packed by itself.
   */
  bytes: Uint8Array | undefined;
}

async function copyOne({ blobs }: TakeParts, packs: Packs, { kind, hash, bytes }: Copied, absent: Absent) {
  const name = hash as BlobHash;
  const content = await wholeContent(blobs, name);
  if (content) await packs.add(kind, hash, bytes ?? (await pack(content)));
  // Swept since the tables were read: nothing named it any more.
  else if ((await blobs.size(name)) === undefined) absent.swept.push(hash);
  else absent.missing.push(hash);
}

/** What the store itself can read under that name, if that is what the name says. */
async function wholeContent(blobs: TakeParts['blobs'], hash: BlobHash): Promise<Buffer | undefined> {
  const content = await ifReadable(blobs.read(hash));
  if (!content || sha256(content) !== hash) return undefined;
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

/** One that cannot be had must not keep all others from being copied. */
async function ifReadable(work: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

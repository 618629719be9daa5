/**
 * Pieces of tables that the backup folder does not give any more as they were written. All snapshots share a piece for as long as its
 * rows do not change, so one that is damaged is missing in all of them: it is said which, and what would not come back.
 */
import { DomainError } from '../base/errors.ts';
import type { Packs } from './packs.ts';
import { linesOf } from './rows.ts';
import { sideBySide } from './side-by-side.ts';
import { readSnapshot, snapshotNames, type SnapshotFile } from './snapshots.ts';

type Table = SnapshotFile['tables'][number];

/** The beginning of a row, by the names of its columns. */
export type Edge = Record<string, unknown>;

export interface DamagedPiece {
  /** From one on. */
  number: number;
  key: string;
  why: string;
  /** The last row that is whole before it, the first one behind it. */
  after: Edge | null;
  before: Edge | null;
}

export interface TableGap {
  table: string;
  pieces: number;
  damaged: DamagedPiece[];
  /** So many rows are missing by all of these pieces together. */
  rows: number;
}

/** Reads every piece of these tables. */
export async function findGaps(packs: Packs, tables: readonly Table[]): Promise<TableGap[]> {
  const gaps: TableGap[] = [];
  for (const table of tables) {
    const faults = new Map<number, string>();
    const reading = sideBySide(4);
    for (const [i, piece] of table.pieces.entries())
      await reading.start(async () => {
        const fault = await packs.fault('t', piece);
        if (fault !== undefined) faults.set(i, fault);
      });
    await reading.end();
    if (faults.size > 0) gaps.push(await gapIn(packs, table, faults));
  }
  return gaps;
}

async function gapIn(packs: Packs, table: Table, faults: ReadonlyMap<number, string>): Promise<TableGap> {
  let rows = table.rows;
  const ends = new Map<number, { first: Edge | null; last: Edge | null }>();
  for (const [i, piece] of table.pieces.entries()) {
    if (faults.has(i)) continue;
    const lines = linesOf(await packs.read('t', piece));
    rows -= lines.length;
    ends.set(i, { first: edge(table, lines[0]), last: edge(table, lines.at(-1)) });
  }
  const damaged = [...faults].sort(([a], [b]) => a - b);
  return {
    table: table.name,
    pieces: table.pieces.length,
    rows,
    damaged: damaged.map(([i, why]) => ({
      number: i + 1,
      key: table.pieces[i] ?? '',
      why,
      after: ends.get(i - 1)?.last ?? null,
      before: ends.get(i + 1)?.first ?? null,
    })),
  };
}

/** Keys stand first: one of any kind, or several numbers. Whatever else a row holds is not for a terminal. */
const COLUMNS = 3;

function edge({ columns }: Table, line: string | undefined): Edge | null {
  if (line === undefined) return null;
  const values = JSON.parse(line) as unknown[];
  const keys = columns
    .slice(0, COLUMNS)
    .flatMap(({ name, kind }, i) => (i === 0 || kind === 'int' ? [[name, values[i]]] : []));
  return Object.fromEntries(keys) as Edge;
}

/** The same snapshot as if it had never had what is damaged. */
export function withoutDamaged(snapshot: SnapshotFile, gaps: readonly TableGap[]): SnapshotFile {
  const damaged = new Set(gaps.flatMap((gap) => gap.damaged.map(({ key }) => key)));
  const whole = ({ pieces }: Table) => pieces.filter((key) => !damaged.has(key));
  return { ...snapshot, tables: snapshot.tables.map((table) => ({ ...table, pieces: whole(table) })) };
}

/**
 * What can be read of these tables. The next backup hears of what cannot, too.
 * @throws backup.table_damaged unless that is to be left out
 */
export async function readable(
  folder: string,
  packs: Packs,
  snapshot: SnapshotFile,
  { tables, leaveOut }: { tables(name: string): boolean; leaveOut: boolean },
): Promise<{ snapshot: SnapshotFile; gaps: TableGap[] }> {
  const looked = snapshot.tables.filter(({ name }) => tables(name));
  const gaps = await findGaps(packs, looked);
  if (gaps.length === 0) return { snapshot, gaps };
  await packs.suspect(gaps.flatMap(({ damaged }) => damaged.map(({ key }) => ({ kind: 't' as const, key }))));
  if (leaveOut) return { snapshot: withoutDamaged(snapshot, gaps), gaps };
  const others = await snapshotsWithout(folder, snapshot.name, gaps);
  const instead = others.length > 0 ? `; snapshots that do not need these pieces: ${others.join(', ')}` : '';
  const words = `snapshot ${snapshot.name} cannot be read as it was written: ${inWords(gaps).join('; ')}${instead}. If the installation still lives, "congvu backup" writes them anew; --leave-out-damaged brings back all else`;
  throw new DomainError('unavailable', 'backup.table_damaged', words);
}

/** Newest first. One that cannot be read itself is none. */
async function snapshotsWithout(folder: string, besides: string, gaps: readonly TableGap[]): Promise<string[]> {
  const damaged = new Set(gaps.flatMap((gap) => gap.damaged.map(({ key }) => key)));
  const found: string[] = [];
  for (const name of (await snapshotNames(folder)).reverse()) {
    if (name === besides) continue;
    const other = await readSnapshot(folder, name).catch(() => undefined);
    if (other?.tables.every(({ pieces }) => !pieces.some((key) => damaged.has(key)))) found.push(name);
  }
  return found;
}

/** One sentence for each piece, then what is missing of its table. */
export const inWords = (gaps: readonly TableGap[]): string[] =>
  gaps.flatMap(({ table, pieces, damaged, rows }) => [
    ...damaged.map(
      ({ number, key, after, before }) =>
        `piece ${number} of ${pieces} of table ${table} is damaged (${key.slice(0, 16)}…, ${place(after, before)})`,
    ),
    `${rows} row(s) of ${table} are missing by it`,
  ]);

function place(after: Edge | null, before: Edge | null): string {
  if (!after && !before) return 'no whole piece beside it';
  if (!after) return `all before ${said(before)}`;
  if (!before) return `all after ${said(after)}`;
  return `between ${said(after)} and ${said(before)}`;
}

const said = (row: Edge | null): string =>
  Object.entries(row ?? {})
    .map(([name, value]) => `${name} ${short(value)}`)
    .join(', ');

const short = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
};

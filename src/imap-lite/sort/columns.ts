/**
 * What messages are put in order by, kept while it is asked for: four octets for a message that say which key it has, and each
 * key once. A message never changes under its UID (RFC 9051 §2.3.1.1), so what is kept cannot become wrong: it only lacks
 * messages, which are read, and knows some that are gone, for which nobody asks. (Flags do change: their columns have a mark,
 * fetch/flag-columns.ts.) A column is never changed, only replaced; when two connections read at the same time, what one of them found
 * is read again.
 */
import type { ModSeq } from '../../base/ids.ts';
import { sortInTurns, type Turn } from '../../base/turns.ts';
import { firstAtLeast, type Uids, without } from '../uids.ts';

export type Key = string | number;

export interface Column {
  readonly uids: Uids;
  /** For each UID the place of its key. */
  readonly ranks: Uint32Array;
  /** Ascending, each once. */
  readonly keys: readonly Key[];
  /** Of what does change under a UID: up to here it is known. */
  readonly mark?: ModSeq;
}

const EMPTY: Column = { uids: new Uint32Array(0), ranks: new Uint32Array(0), keys: [] };

/** @param keys of the UIDs, which ascend */
export async function columnOf(uids: Uids, keys: readonly Key[], turn: Turn): Promise<Column> {
  const places = new Map<Key, number>();
  const first = Uint32Array.from(keys, (key) => {
    const place = places.get(key) ?? places.size;
    places.set(key, place);
    return place;
  });
  const inOrder = await ascending([...places.keys()], turn);
  const rankOf = new Uint32Array(inOrder.length);
  for (const [rank, key] of inOrder.entries()) rankOf[places.get(key) ?? 0] = rank;
  return { uids, ranks: first.map((place) => rankOf[place] ?? 0), keys: inOrder };
}

/** Numbers alone, as dates and mod-sequences are, are sorted without a word of ours: a hundred thousand in some milliseconds. */
async function ascending(keys: readonly Key[], turn: Turn): Promise<readonly Key[]> {
  if (keys.every((key) => typeof key === 'number')) return Array.from(Float64Array.from(keys).sort());
  return sortInTurns(keys, (a, b) => (a < b ? -1 : a > b ? 1 : 0), turn);
}

/** Both; of `known` only what is still in `among`, so that it does not grow for ever. */
export function merged(known: Column, more: Column, among: Uids): Column {
  const old = only(known, without(among, more.uids));
  if (old.uids.length === 0) return more;
  const { keys, places } = union(old.keys, more.keys);
  const uids = new Uint32Array(old.uids.length + more.uids.length);
  const ranks = new Uint32Array(uids.length);
  for (let n = 0, i = 0, j = 0; n < uids.length; n++) {
    const [a = Infinity, b = Infinity] = [old.uids[i], more.uids[j]];
    uids[n] = Math.min(a, b);
    ranks[n] = (a < b ? places[0][old.ranks[i++] ?? 0] : places[1][more.ranks[j++] ?? 0]) ?? 0;
  }
  return { uids, ranks, keys };
}

/** Of those UIDs that `among` has; keys that nobody has any more go. */
function only(column: Column, among: Uids): Column {
  const at = placesOf(column.uids, among).filter((i) => i >= 0);
  if (at.length === column.uids.length) return column;
  const used = new Uint8Array(column.keys.length);
  for (const i of at) used[column.ranks[i] ?? 0] = 1;
  const rankOf = new Uint32Array(used.length);
  for (let rank = 1; rank < used.length; rank++) rankOf[rank] = (rankOf[rank - 1] ?? 0) + (used[rank - 1] ?? 0);
  return {
    uids: Uint32Array.from(at, (i) => column.uids[i] ?? 0),
    ranks: Uint32Array.from(at, (i) => rankOf[column.ranks[i] ?? 0] ?? 0),
    keys: column.keys.filter((_, rank) => used[rank] === 1),
  };
}

/** @returns all keys, and where those of each list went. */
function union(a: readonly Key[], b: readonly Key[]): { keys: Key[]; places: [Uint32Array, Uint32Array] } {
  const keys: Key[] = [];
  const places: [Uint32Array, Uint32Array] = [new Uint32Array(a.length), new Uint32Array(b.length)];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [x, y] = [a[i], b[j]];
    const fromA = x !== undefined && (y === undefined || x <= y);
    const fromB = y !== undefined && (x === undefined || y <= x);
    if (fromA) places[0][i++] = keys.length;
    if (fromB) places[1][j++] = keys.length;
    keys.push((fromA ? x : y) ?? '');
  }
  return { keys, places };
}

/** Where each of these UIDs stands; -1: it does not. */
export function placesOf(uids: Uids, wanted: Uids): Int32Array {
  const places = new Int32Array(wanted.length);
  let at = firstAtLeast(uids, wanted[0] ?? 0);
  for (let i = 0; i < wanted.length; i++) {
    const uid = wanted[i] ?? 0;
    while (at < uids.length && (uids[at] ?? 0) < uid) at++;
    places[i] = uids[at] === uid ? at : -1;
  }
  return places;
}

/** Octets. A key of text is mostly one octet a letter; a column of a mailbox of 20,000 is a tenth to one MB. */
const sizeOf = ({ uids, keys }: Column): number =>
  500 + uids.length * 8 + keys.reduce<number>((sum, key) => sum + (typeof key === 'string' ? 32 + key.length : 8), 0);

const MOST = 16 * 1024 * 1024;
/** Without anybody asking all of it goes. */
const REST = 10 * 60_000;

/** One for a server: the columns that were asked for last. */
export class KeptColumns {
  private readonly columns = new Map<string, { column: Column; size: number }>();
  private size = 0;
  private readonly most: number;
  private readonly rest: number;
  private resting: NodeJS.Timeout | undefined;

  constructor({ most = MOST, rest = REST }: { most?: number; rest?: number } = {}) {
    this.most = most;
    this.rest = rest;
  }

  get(name: string): Column {
    const known = this.columns.get(name);
    if (!known) return EMPTY;
    this.columns.delete(name);
    this.columns.set(name, known);
    this.wake();
    return known.column;
  }

  keep(name: string, column: Column): void {
    this.forget(name);
    const size = sizeOf(column);
    if (size > this.most) return;
    this.columns.set(name, { column, size });
    this.size += size;
    for (const oldest of this.columns.keys()) {
      if (this.size <= this.most) break;
      this.forget(oldest);
    }
    this.wake();
  }

  get octets(): number {
    return this.size;
  }

  private forget(name: string): void {
    this.size -= this.columns.get(name)?.size ?? 0;
    this.columns.delete(name);
  }

  private wake(): void {
    if (this.resting) return void this.resting.refresh();
    this.resting = setTimeout(() => {
      this.columns.clear();
      this.size = 0;
      this.resting = undefined;
    }, this.rest).unref();
  }
}

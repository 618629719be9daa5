/** The order of SORT (RFC 5256 §2.2, §3): what is compared stands in columns, as ranks. */
import { turns } from '../../base/turns.ts';
import { no } from '../errors.ts';
import type { Session } from '../session.ts';
import { both, equal, type Uids } from '../uids.ts';
import type { SortCriterion } from '../wire/sort-args.ts';
import { type Column, placesOf } from './columns.ts';
import { columnsOf } from './keys.ts';

/** @throws ImapError LIMIT */
export function expectSortable(session: Session, uids: Uids): void {
  const most = session.settings.sortMessages;
  if (uids.length > most) throw no(`at most ${most} messages at once are put in order`, 'LIMIT');
}

/** By the criteria, and last of all by UID (RFC 5256 §3: message number). */
export async function inOrder(session: Session, uids: Uids, criteria: readonly SortCriterion[]): Promise<Uids> {
  expectSortable(session, uids);
  const turn = turns();
  const columns = await columnsOf(session, uids, { names: criteria.map(({ key }) => key), turn });
  const there = thereIn(columns, uids);
  let order: Uids = Uint32Array.from(there.keys());
  // The last criterion first: each puts in order what it tells apart, and leaves the rest as the later ones have it.
  for (const [i, { reverse }] of [...criteria.entries()].reverse()) {
    await turn();
    const column = columns[i];
    if (column) order = byRank(order, ranksOf(column, there), { keys: column.keys.length, reverse });
  }
  return order.map((i) => there[i] ?? 0);
}

/** Without those that went before they were read. */
export const thereIn = (columns: readonly Column[], uids: Uids): Uids =>
  columns.reduce((left, { uids: known }) => both(left, known), uids);

/** Stable. Ranks lie close together: they are counted, not compared. */
function byRank(order: Uids, ranks: Uint32Array, { keys, reverse }: { keys: number; reverse: boolean }): Uids {
  const rankOf = (i: number): number => (reverse ? keys - 1 - (ranks[i] ?? 0) : (ranks[i] ?? 0));
  /** Where the next one of each rank goes. */
  const next = new Uint32Array(keys + 1);
  for (const i of order) next[rankOf(i) + 1] = (next[rankOf(i) + 1] ?? 0) + 1;
  for (let rank = 1; rank <= keys; rank++) next[rank] = (next[rank] ?? 0) + (next[rank - 1] ?? 0);
  const out = new Uint32Array(order.length);
  for (const i of order) {
    const at = next[rankOf(i)] ?? 0;
    out[at] = i;
    next[rankOf(i)] = at + 1;
  }
  return out;
}

/** Of these UIDs, which the column all has. */
export function ranksOf({ uids, ranks }: Column, wanted: Uids): Uint32Array {
  if (equal(uids, wanted)) return ranks;
  const places = placesOf(uids, wanted);
  const found = new Uint32Array(wanted.length);
  for (let i = 0; i < found.length; i++) found[i] = ranks[places[i] ?? 0] ?? 0;
  return found;
}

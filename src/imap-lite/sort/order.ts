/** The order of SORT (RFC 5256 §2.2, §3; RFC 5957 §3). Reads no more of the messages than the criteria need. */
import type { Heading, Placed } from '../../mailstore/types.ts';
import { writtenBaseSubject } from '../../message/base-subject.ts';
import type { Address } from '../../message/types.ts';
import { unreachable } from '../../base/errors.ts';
import { no } from '../errors.ts';
import { progressOf } from '../progress.ts';
import type { Session } from '../session.ts';
import type { SortCriterion, SortKey } from '../wire/sort-args.ts';
import { casemap } from './casemap.ts';

const CHUNK = 500;
const IN_PLACE: ReadonlySet<SortKey> = new Set<SortKey>(['ARRIVAL', 'SIZE']);
const WITHOUT_PEOPLE: ReadonlySet<SortKey> = new Set<SortKey>([...IN_PLACE, 'DATE', 'SUBJECT']);

/** @throws ImapError LIMIT */
export function expectSortable(session: Session, rows: readonly Placed[]): void {
  const most = session.settings.sortMessages;
  if (rows.length > most) throw no(`at most ${most} messages at once are put in order`, 'LIMIT');
}

/** Calls back for each row in order; one that has gone meanwhile is left out. */
export async function eachHeading(
  session: Session,
  rows: readonly Placed[],
  summary: boolean,
  take: (row: Placed, heading: Heading) => void,
): Promise<void> {
  const { store, view } = session;
  const tell = progressOf(session, rows.length);
  for (let i = 0; i < rows.length; i += CHUNK) {
    await tell(i);
    const part = rows.slice(i, i + CHUNK);
    const uids = part.map((r) => r.uid);
    const headings = new Map((await store.headings(view.ref, uids, { summary })).map((h) => [h.uid, h]));
    for (const row of part) {
      const heading = headings.get(row.uid);
      if (heading) take(row, heading);
    }
  }
}

/** RFC 5256 §2.2: the Date field, or the arrival when there is none to be read. */
export const sentDate = (row: Placed, { sentAt }: Pick<Heading, 'sentAt'>): number => sentAt ?? row.receivedAt;

interface Entry {
  row: Placed;
  keys: (string | number)[];
}

/** @param rows in UID order, which is the last criterion of all (RFC 5256 §3: message number). */
export async function inOrder(
  session: Session,
  rows: readonly Placed[],
  criteria: readonly SortCriterion[],
): Promise<Placed[]> {
  expectSortable(session, rows);
  const entries: Entry[] = [];
  const enter = (row: Placed, heading: Heading): void =>
    void entries.push({ row, keys: criteria.map(({ key }) => keyOf(key, row, heading)) });
  if (criteria.every(({ key }) => IN_PLACE.has(key))) {
    for (const row of rows) enter(row, { uid: row.uid, sentAt: null, subject: '' });
  } else {
    await eachHeading(session, rows, !criteria.every(({ key }) => WITHOUT_PEOPLE.has(key)), enter);
  }
  return entries.sort((a, b) => compare(a, b, criteria)).map(({ row }) => row);
}

function compare(a: Entry, b: Entry, criteria: readonly SortCriterion[]): number {
  for (const [i, { reverse }] of criteria.entries()) {
    const [x, y] = [a.keys[i] ?? '', b.keys[i] ?? ''];
    if (x !== y) return x < y === reverse ? 1 : -1;
  }
  return a.row.uid - b.row.uid;
}

function keyOf(key: SortKey, row: Placed, heading: Heading): string | number {
  const { summary } = heading;
  switch (key) {
    case 'ARRIVAL':
      return row.receivedAt;
    case 'SIZE':
      return row.size;
    case 'DATE':
      return sentDate(row, heading);
    case 'SUBJECT':
      return casemap(writtenBaseSubject(heading.subject).text);
    case 'FROM':
      return localPart(summary?.from);
    case 'TO':
      return localPart(summary?.to);
    case 'CC':
      return localPart(summary?.cc);
    case 'DISPLAYFROM':
      return displayed(summary?.from);
    case 'DISPLAYTO':
      return displayed(summary?.to);
    default:
      return unreachable(key);
  }
}

/** addr-mailbox of the first address; none sorts first. */
function localPart(people: readonly Address[] = []): string {
  const { email = '' } = people[0] ?? {};
  const at = email.lastIndexOf('@');
  return casemap(at < 0 ? email : email.slice(0, at));
}

/** RFC 5957 §3: the name if there is one, else the whole address. */
const displayed = (people: readonly Address[] = []): string => casemap(people[0]?.name || people[0]?.email || '');

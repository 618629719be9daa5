/** The order of SORT (RFC 5256 §2.2, §3; RFC 5957 §3). Reads no more of the messages than the criteria need. */
import { unreachable } from '../../base/errors.ts';
import { sortInTurns, turns, type Turn } from '../../base/turns.ts';
import type { Heading, HeadingNeeds } from '../../mailstore/types.ts';
import { writtenBaseSubject } from '../../message/base-subject.ts';
import type { Address, Summary } from '../../message/types.ts';
import { no } from '../errors.ts';
import { progressOf } from '../progress.ts';
import type { Session } from '../session.ts';
import type { Uids } from '../uids.ts';
import type { SortCriterion, SortKey } from '../wire/sort-args.ts';
import { casemap } from './casemap.ts';

/** Messages read at once. */
const CHUNK = 250;

/** @throws ImapError LIMIT */
export function expectSortable(session: Session, uids: Uids): void {
  const most = session.settings.sortMessages;
  if (uids.length > most) throw no(`at most ${most} messages at once are put in order`, 'LIMIT');
}

/** Calls back for each message in UID order; one that has gone meanwhile is left out. */
export async function eachHeading(
  session: Session,
  uids: Uids,
  needs: HeadingNeeds,
  { take, turn }: { take: (heading: Heading) => void; turn: Turn },
): Promise<void> {
  const { store, view } = session;
  const tell = progressOf(session, uids.length);
  for (let i = 0; i < uids.length; i += CHUNK) {
    await turn();
    await tell(i);
    for (const heading of await store.headings(view.ref, view.pick(uids.subarray(i, i + CHUNK)), needs)) take(heading);
  }
}

/** RFC 5256 §2.2: the Date field, or the arrival when there is none to be read. */
export const sentDate = ({ sentAt, receivedAt }: Heading): number => sentAt ?? receivedAt;

type Key = string | number;
interface Column {
  keys: Key[];
  reverse: boolean;
}

/** By the criteria, and last of all by UID (RFC 5256 §3: message number). */
export async function inOrder(session: Session, uids: Uids, criteria: readonly SortCriterion[]): Promise<Uids> {
  expectSortable(session, uids);
  const there: number[] = [];
  const columns = criteria.map(({ key, reverse }) => ({ keys: [] as Key[], reverse, keyOf: keyOf(key) }));
  const turn = turns();
  const take = (heading: Heading): void => {
    there.push(heading.uid);
    for (const { keys, keyOf } of columns) keys.push(keyOf(heading));
  };
  await eachHeading(session, uids, needsOf(criteria), { take, turn });
  const order = await sortInTurns([...there.keys()], comparison(columns), turn);
  return Uint32Array.from(order, (i) => there[i] ?? 0);
}

/** Of two places in the columns. */
function comparison(columns: readonly Column[]): (a: number, b: number) => number {
  return (a, b) => {
    for (const { keys, reverse } of columns) {
      const [x, y] = [keys[a] ?? '', keys[b] ?? ''];
      if (x !== y) return x < y === reverse ? 1 : -1;
    }
    return a - b;
  };
}

const PEOPLE: Partial<Record<SortKey, keyof Summary>> = {
  FROM: 'from',
  DISPLAYFROM: 'from',
  TO: 'to',
  DISPLAYTO: 'to',
  CC: 'cc',
};

function needsOf(criteria: readonly SortCriterion[]): HeadingNeeds {
  const keys = new Set(criteria.map(({ key }) => key));
  const summary = new Set([...keys].flatMap((key) => PEOPLE[key] ?? []));
  return { sentAt: keys.has('DATE'), subject: keys.has('SUBJECT'), summary: [...summary] };
}

/** What a criterion compares; the same texts come again and again. */
function keyOf(key: SortKey): (heading: Heading) => Key {
  const collated = remembered(casemap);
  switch (key) {
    case 'ARRIVAL':
      return ({ receivedAt }) => receivedAt;
    case 'SIZE':
      return ({ size }) => size;
    case 'DATE':
      return sentDate;
    case 'SUBJECT': {
      const base = remembered((subject) => casemap(writtenBaseSubject(subject).text));
      return ({ subject }) => base(subject);
    }
    case 'FROM':
    case 'TO':
    case 'CC':
      return ({ summary }) => collated(localPart(peopleOf(key, summary)));
    case 'DISPLAYFROM':
    case 'DISPLAYTO':
      return ({ summary }) => collated(displayed(peopleOf(key, summary)));
    default:
      return unreachable(key);
  }
}

/** Of the latest texts. */
const REMEMBERED = 5000;

export function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let made = known.get(text);
    if (made === undefined) {
      if (known.size >= REMEMBERED) known.clear();
      known.set(text, (made = make(text)));
    }
    return made;
  };
}

function peopleOf(
  key: 'FROM' | 'TO' | 'CC' | 'DISPLAYFROM' | 'DISPLAYTO',
  { from, to, cc }: Partial<Summary>,
): readonly Address[] {
  return (key.endsWith('FROM') ? from : key === 'CC' ? cc : to) ?? [];
}

/** addr-mailbox of the first address; none sorts first. */
function localPart([first]: readonly Address[]): string {
  const { email = '' } = first ?? {};
  const at = email.lastIndexOf('@');
  return at < 0 ? email : email.slice(0, at);
}

/** RFC 5957 §3: the name if there is one, else the whole address. */
const displayed = ([first]: readonly Address[]): string => first?.name || first?.email || '';

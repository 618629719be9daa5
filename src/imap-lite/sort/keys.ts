/** What messages are compared by (RFC 5256 §2.2, §3; RFC 5957 §3): read once, no more of the messages than is needed, and kept (columns.ts). */
import { unreachable } from '../../base/errors.ts';
import type { Turn } from '../../base/turns.ts';
import type { Heading, HeadingNeeds } from '../../mailstore/types.ts';
import { writtenBaseSubject } from '../../message/base-subject.ts';
import type { Address, Summary } from '../../message/types.ts';
import { progressOf } from '../progress.ts';
import type { Session } from '../session.ts';
import { NO_UIDS, union, without, type Uids } from '../uids.ts';
import type { SortKey } from '../wire/sort-args.ts';
import { casemap } from './casemap.ts';
import { type Column, columnOf, type Key, merged } from './columns.ts';

/** SENT: DATE without anything in its place. REPLY: 1 when the subject says that it is a reply or a forward. REFERENCES: as `referencesOf` writes them. */
export type ColumnName = SortKey | 'SENT' | 'REPLY' | 'MESSAGE-ID' | 'REFERENCES';

/** There is no Date that can be read. */
export const NEVER = -Infinity;

/** Messages read at once. */
const CHUNK = 250;

/** Calls back for each message in UID order; one that has gone meanwhile is left out. */
async function eachHeading(
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

/** One column for each name, which has all of these messages but those that went meanwhile. All that lacks is read at once. */
export async function columnsOf<const Names extends readonly ColumnName[]>(
  session: Session,
  uids: Uids,
  { names, turn }: { names: Names; turn: Turn },
): Promise<{ [I in keyof Names]: Column }> {
  const { view, store } = session;
  const placeOf = (name: ColumnName): string =>
    `${view.ref.accountId} ${view.ref.mailboxId} ${view.uidValidity} ${name}`;
  const columns = new Map(names.map((name) => [name, store.columns.get(placeOf(name))]));
  const lacks = new Map([...columns].map(([name, { uids: known }]) => [name, without(uids, known)]));
  const missing = [...lacks.values()].reduce((all, some) => union(all, some), NO_UIDS);
  const base = remembered(writtenBaseSubject);
  const open = [...lacks]
    .filter(([, some]) => some.length > 0)
    .map(([name]) => ({ name, keys: [] as Key[], keyOf: keyOf(name, base) }));
  const there: number[] = [];
  const take = (heading: Heading): void => {
    there.push(heading.uid);
    for (const { keys, keyOf } of open) keys.push(keyOf(heading));
  };
  if (open.length > 0) await eachHeading(session, missing, needsOf(open.map(({ name }) => name)), { take, turn });
  const read = Uint32Array.from(there);
  for (const { name, keys } of open) {
    const more = await columnOf(read, keys, turn);
    // Another connection may have read some meanwhile.
    const column = merged(store.columns.get(placeOf(name)), more, view.uids);
    store.columns.keep(placeOf(name), column);
    columns.set(name, column);
  }
  return names.map((name) => columns.get(name)) as { [I in keyof Names]: Column };
}

const SUMMARY: Partial<Record<ColumnName, readonly (keyof Summary)[]>> = {
  FROM: ['from'],
  DISPLAYFROM: ['from'],
  TO: ['to'],
  DISPLAYTO: ['to'],
  CC: ['cc'],
  'MESSAGE-ID': ['messageId'],
  REFERENCES: ['references', 'inReplyTo'],
};

function needsOf(names: readonly ColumnName[]): HeadingNeeds {
  const summary = new Set(names.flatMap((name) => SUMMARY[name] ?? []));
  return {
    sentAt: names.includes('DATE') || names.includes('SENT'),
    subject: names.includes('SUBJECT') || names.includes('REPLY'),
    summary: [...summary],
  };
}

/** What is compared; the same texts come again and again. */
function keyOf(name: ColumnName, base: typeof writtenBaseSubject): (heading: Heading) => Key {
  const collated = remembered(casemap);
  switch (name) {
    case 'ARRIVAL':
      return ({ receivedAt }) => receivedAt;
    case 'SIZE':
      return ({ size }) => size;
    // RFC 5256 §2.2: the Date field, or the arrival when there is none to be read.
    case 'DATE':
      return ({ sentAt, receivedAt }) => sentAt ?? receivedAt;
    case 'SENT':
      return ({ sentAt }) => sentAt ?? NEVER;
    case 'SUBJECT':
      return ({ subject }) => collated(base(subject).text);
    case 'REPLY':
      return ({ subject }) => (base(subject).replyOrForward ? 1 : 0);
    case 'FROM':
    case 'TO':
    case 'CC':
      return ({ summary }) => collated(localPart(peopleOf(name, summary)));
    case 'DISPLAYFROM':
    case 'DISPLAYTO':
      return ({ summary }) => collated(displayed(peopleOf(name, summary)));
    case 'MESSAGE-ID':
      return ({ summary }) => plainId(summary.messageId?.[0] ?? '');
    case 'REFERENCES':
      return ({ summary }) => referencesOf(summary);
    default:
      return unreachable(name);
  }
}

/** Of the latest texts. */
const REMEMBERED = 5000;

function remembered<T>(make: (text: string) => T): (text: string) => T {
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
  name: 'FROM' | 'TO' | 'CC' | 'DISPLAYFROM' | 'DISPLAYTO',
  { from, to, cc }: Partial<Summary>,
): readonly Address[] {
  return (name.endsWith('FROM') ? from : name === 'CC' ? cc : to) ?? [];
}

/** addr-mailbox of the first address; none sorts first. */
function localPart([first]: readonly Address[]): string {
  const { email = '' } = first ?? {};
  const at = email.lastIndexOf('@');
  return at < 0 ? email : email.slice(0, at);
}

/** RFC 5957 §3: the name if there is one, else the whole address. */
const displayed = ([first]: readonly Address[]): string => first?.name || first?.email || '';

/** A stranger may list thousands; the first names the root, the last ones the neighbours. */
const MOST_REFERENCES = 50;
/** No header field holds it. */
const BETWEEN = '\n';

/** RFC 5256 §3 step 1: References, else the first of In-Reply-To. */
function referencesOf({ references = [], inReplyTo = [] }: Partial<Summary>): string {
  if (references.length === 0) return plainId(inReplyTo[0] ?? '');
  const some =
    references.length <= MOST_REFERENCES
      ? references
      : [...references.slice(0, 1), ...references.slice(1 - MOST_REFERENCES)];
  return some.map(plainId).join(BETWEEN);
}

/** RFC 5256 §3: `"a"@b` and `a@b` are the same. */
const plainId = (id: string): string =>
  id.startsWith('"')
    ? id.replace(/^"((?:[^"\\]|\\.)*)"(?=@)/, (_, local: string) => local.replace(/\\(.)/g, '$1'))
    : id;

export const listedReferences = (key: Key): string[] => (key === '' ? [] : String(key).split(BETWEEN));

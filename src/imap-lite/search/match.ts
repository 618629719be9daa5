/**
 * Does a message match (RFC 9051 §6.4.4)? Three passes, each with more knowledge: the place alone; what was derived and the
 * word index; the text itself. undefined means "not known yet": only then the next, dearer pass looks.
 *
 * Strings match as parts of the text, without regard to case and to Vietnamese marks ("cong van" finds "công văn").
 */
import { unreachable } from '../../base/errors.ts';
import { fold } from '../../base/text.ts';
import type { EmailId, ThreadId } from '../../base/ids.ts';
import type { Placed, PlacedDetail } from '../../mailstore/types.ts';
import type { Address } from '../../message/types.ts';
import { keywordOf } from '../flags.ts';
import type { ReceivedKey, SavedKey, SearchKey, SentKey, TextKey } from '../wire/search-key.ts';

const DAY = 86_400_000;

/** The text of one message, read only in the last pass. */
export interface Text {
  /** Decoded values of the fields of this name; all names when undefined. */
  fields(name?: string): string[];
  body: string;
}

export interface Subject {
  row: Placed;
  seq: number;
  detail?: PlacedDetail;
  text?: Text;
}

export interface Terms {
  now: number;
  /** Membership of the sets in UID and sequence keys. */
  inSet(key: SearchKey, subject: Subject): boolean;
  /** Messages that the word index found for this key. */
  hits: ReadonlyMap<SearchKey, ReadonlySet<EmailId>>;
  emailId(id: EmailId): string;
  threadId(id: ThreadId): string;
}

type Known = boolean | undefined;

export function match(key: SearchKey, s: Subject, t: Terms): Known {
  switch (key.key) {
    case 'AND':
      return all(key.of.map((k) => () => match(k, s, t)));
    case 'OR':
      return negate(all(key.of.map((k) => () => negate(match(k, s, t)))));
    case 'NOT':
      return negate(match(key.of, s, t));
    case 'FROM':
    case 'TO':
    case 'CC':
    case 'BCC':
    case 'SUBJECT':
      return s.detail && inEnvelope(key.key, key.text, s.detail);
    case 'BODY':
    case 'TEXT':
      return inText(key, s, t);
    case 'HEADER':
      return s.text && s.text.fields(key.field).some((value) => contains(value, key.text));
    case 'SENTBEFORE':
    case 'SENTON':
    case 'SENTSINCE':
      return s.detail && sent(key.key, key.day, s.detail);
    default:
      return byPlace(key, s, t);
  }
}

function all(parts: readonly (() => Known)[]): Known {
  let result: Known = true;
  for (const part of parts) {
    const known = part();
    if (known === false) return false;
    if (known === undefined) result = undefined;
  }
  return result;
}
const negate = (known: Known): Known => (known === undefined ? undefined : !known);

const contains = (text: string, wanted: string): boolean => fold(text).includes(fold(wanted));

function byPlace(
  key: Exclude<SearchKey, { key: TextKey | SentKey | 'AND' | 'OR' | 'NOT' | 'HEADER' }>,
  s: Subject,
  t: Terms,
): boolean {
  const { row } = s;
  switch (key.key) {
    case 'ALL':
      return true;
    case 'NONE':
      return false;
    case 'FLAG': {
      const keyword = keywordOf(key.flag);
      return keyword === undefined ? row.deleted : row.keywords.includes(keyword);
    }
    case 'UID':
    case 'SEQUENCE':
      return t.inSet(key, s);
    case 'LARGER':
      return row.size > key.value;
    case 'SMALLER':
      return row.size < key.value;
    // RFC 5032 §3: seconds before now.
    case 'OLDER':
      return row.receivedAt <= t.now - key.value * 1000;
    case 'YOUNGER':
      return row.receivedAt >= t.now - key.value * 1000;
    case 'MODSEQ':
      return row.modseq >= key.value;
    case 'EMAILID':
      return t.emailId(row.emailId) === key.id;
    case 'THREADID':
      return t.threadId(row.threadId) === key.id;
    case 'BEFORE':
    case 'ON':
    case 'SINCE':
      return onDay(key.key, key.day, row.receivedAt);
    case 'SAVEDBEFORE':
    case 'SAVEDON':
    case 'SAVEDSINCE':
      return onDay(key.key, key.day, row.savedAt);
    default:
      return unreachable(key);
  }
}

function onDay(key: ReceivedKey | SavedKey | SentKey, day: number, at: number): boolean {
  if (key.endsWith('BEFORE')) return at < day;
  return at >= day && (key.endsWith('SINCE') || at < day + DAY);
}

/** RFC 9051 §6.4.4: the day that the Date field names, whatever its zone. */
function sent(key: SentKey, day: number, { summary }: PlacedDetail): boolean {
  return summary.sentAt !== null && onDay(key, day, summary.sentAt + (summary.sentZone ?? 0) * 60_000);
}

function inEnvelope(key: TextKey, wanted: string, { summary }: PlacedDetail): boolean {
  const people = (list: readonly Address[]): boolean =>
    list.some(({ name, email }) => contains(name === null ? email : `${name} <${email}>`, wanted));
  switch (key) {
    case 'FROM':
      return people(summary.from);
    case 'TO':
      return people(summary.to);
    case 'CC':
      return people(summary.cc);
    case 'BCC':
      return people(summary.bcc);
    default:
      return contains(summary.subject, wanted);
  }
}

function inText(key: Extract<SearchKey, { key: TextKey }>, s: Subject, t: Terms): Known {
  if (t.hits.get(key)?.has(s.row.emailId)) return true;
  if (!s.text) return undefined;
  return (
    contains(s.text.body, key.text) ||
    (key.key === 'TEXT' && s.text.fields().some((value) => contains(value, key.text)))
  );
}

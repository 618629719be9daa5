/**
 * Does a message match (RFC 9051 §6.4.4)? What was searched in text is answered before, for the mailbox at once; then three
 * passes, each with more knowledge: the place alone; the instant of its Date field; the field's zone too. undefined means "not
 * known yet": only then the next, dearer pass looks.
 */
import { unreachable } from '../../base/errors.ts';
import type { EmailId, ThreadId } from '../../base/ids.ts';
import type { Placed } from '../../mailstore/types.ts';
import { keywordOf } from '../flags.ts';
import type { ReceivedKey, SavedKey, SearchKey, SentKey, TextKey } from '../wire/search-key.ts';

const DAY = 86_400_000;

/** A time zone is no further from another. */
const ZONES = 5 * DAY;

export interface Subject {
  row: Placed;
  seq: number;
  /** Of the Date field; its zone in minutes, undefined while it is not read. */
  sent?: { at: number | null; zone: number | undefined };
}

export interface Terms {
  now: number;
  /** UIDs of the sets in UID and sequence keys. */
  sets: ReadonlyMap<SearchKey, ReadonlySet<number>>;
  /** Membership of them. */
  inSet(key: SearchKey, subject: Subject): boolean;
  /** UIDs that have the text of this key. */
  hits: ReadonlyMap<SearchKey, ReadonlySet<number>>;
  recent(uid: number): boolean;
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
    case 'BODY':
    case 'TEXT':
    case 'HEADER':
      return t.hits.get(key)?.has(s.row.uid) === true;
    case 'SENTBEFORE':
    case 'SENTON':
    case 'SENTSINCE':
      return s.sent && sent(key.key, key.day, s.sent);
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

function byPlace(
  key: Exclude<SearchKey, { key: TextKey | SentKey | 'AND' | 'OR' | 'NOT' | 'HEADER' }>,
  s: Subject,
  t: Terms,
): boolean {
  const { row } = s;
  switch (key.key) {
    case 'ALL':
      return true;
    case 'RECENT':
      return t.recent(row.uid);
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
function sent(key: SentKey, day: number, { at, zone }: NonNullable<Subject['sent']>): Known {
  if (at === null) return false;
  if (zone !== undefined) return onDay(key, day, at + zone * 60_000);
  const [earliest, latest] = [onDay(key, day, at - ZONES), onDay(key, day, at + ZONES)];
  // Between the two the answer may change once, or on one day in the middle.
  return earliest === latest && !(key === 'SENTON' && Math.abs(at - day) <= ZONES + DAY) ? earliest : undefined;
}

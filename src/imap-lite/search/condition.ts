/** One search key as a condition of the store (RFC 9051 §6.4.4; WITHIN, OBJECTID, SAVEDATE, CONDSTORE). */
import { unreachable } from '../../base/errors.ts';
import type { ModSeq } from '../../base/ids.ts';
import { objectIds } from '../../base/object-ids.ts';
import type { PlacePick, Span } from '../../mailstore/types.ts';
import { keywordOf } from '../flags.ts';
import type { MailboxRef } from '../store.ts';
import type { ReceivedKey, SavedKey, SearchKey, SentKey, TextKey } from '../wire/search-key.ts';

const DAY = 86_400_000;

/** Keys that a message's place in the mailbox answers. */
export type PlaceKey = Exclude<
  SearchKey,
  { key: TextKey | SentKey | 'HEADER' | 'AND' | 'OR' | 'NOT' | 'ALL' | 'RECENT' | 'UID' | 'SEQUENCE' }
>;

/** @returns undefined when no message can match */
export function conditionOf(key: PlaceKey, { accountId }: MailboxRef, now: number): PlacePick | undefined {
  switch (key.key) {
    case 'FLAG': {
      const keyword = keywordOf(key.flag);
      return keyword === undefined ? { deleted: true } : { flags: [{ keyword, has: true }] };
    }
    case 'LARGER':
      return { size: { above: key.value } };
    case 'SMALLER':
      return { size: { below: key.value } };
    // RFC 5032 §3: seconds before now.
    case 'OLDER':
      return { received: { before: now - key.value * 1000 + 1 } };
    case 'YOUNGER':
      return { received: { from: now - key.value * 1000 } };
    case 'MODSEQ':
      return { changedSince: (key.value - 1) as ModSeq };
    case 'EMAILID': {
      const emailId = objectIds(accountId).email.parse(key.id);
      return emailId && { emailId };
    }
    case 'THREADID': {
      const threadId = objectIds(accountId).thread.parse(key.id);
      return threadId && { threadId };
    }
    case 'BEFORE':
    case 'ON':
    case 'SINCE':
      return { received: daySpan(key.key, key.day) };
    case 'SAVEDBEFORE':
    case 'SAVEDON':
    case 'SAVEDSINCE':
      return { saved: daySpan(key.key, key.day) };
    default:
      return unreachable(key);
  }
}

function daySpan(key: ReceivedKey | SavedKey | SentKey, day: number): Span {
  if (key.endsWith('BEFORE')) return { before: day };
  return key.endsWith('SINCE') ? { from: day } : { from: day, before: day + DAY };
}

/** A time zone is no further from another. */
const ZONES = 5 * DAY;

/** Of the Date field; its zone in minutes, undefined while it is not read. */
export interface Sent {
  at: number;
  zone: number | undefined;
}

/** RFC 9051 §6.4.4: the day that the Date field names, whatever its zone. @returns undefined when the zone decides */
export function wasSent(key: SentKey, day: number, { at, zone }: Sent): boolean | undefined {
  const { from = -Infinity, before = Infinity } = daySpan(key, day);
  const within = (time: number): boolean => time >= from && time < before;
  if (zone !== undefined) return within(at + zone * 60_000);
  const near = Math.abs(at - from) <= ZONES || Math.abs(at - before) <= ZONES;
  return near ? undefined : within(at);
}

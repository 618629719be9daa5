/** Keys of SEARCH as conditions of the store: where days and seconds begin and end (RFC 9051 §6.4.4, RFC 5032 §3, RFC 8514 §4.3). */
import { describe, expect, it } from 'vitest';

import type { AccountId, MailboxId } from '../../base/ids.ts';
import { cursorOf } from '../wire/cursor.ts';
import { expectSearchKey } from '../wire/search-key.ts';
import { conditionOf, wasSent, type PlaceKey } from './condition.ts';

const REF = { accountId: 7 as AccountId, mailboxId: 1 as MailboxId };
const NOW = Date.UTC(2026, 10, 22, 3);
const DAY = 86_400_000;
const JAN_12 = Date.UTC(2026, 0, 12);

describe('a key of what is known of a place', () => {
  it.each<[string, unknown]>([
    ['SEEN', { flags: [{ keyword: '$seen', has: true }] }],
    ['KEYWORD Nhan', { flags: [{ keyword: 'nhan', has: true }] }],
    ['DELETED', { deleted: true }],
    ['LARGER 10', { size: { above: 10 } }],
    ['SMALLER 10', { size: { below: 10 } }],
    // A day is that of UTC, in which INTERNALDATE is told.
    ['BEFORE 12-Jan-2026', { received: { before: JAN_12 } }],
    ['ON 12-Jan-2026', { received: { from: JAN_12, before: JAN_12 + DAY } }],
    ['SINCE 12-Jan-2026', { received: { from: JAN_12 } }],
    ['SAVEDBEFORE 12-Jan-2026', { saved: { before: JAN_12 } }],
    ['SAVEDON 12-Jan-2026', { saved: { from: JAN_12, before: JAN_12 + DAY } }],
    ['SAVEDSINCE 12-Jan-2026', { saved: { from: JAN_12 } }],
    ['ON 28-Feb-2027', { received: { from: Date.UTC(2027, 1, 28), before: Date.UTC(2027, 2, 1) } }],
    // RFC 5032: exactly so many seconds ago is both.
    ['OLDER 60', { received: { before: NOW - 60_000 + 1 } }],
    ['YOUNGER 60', { received: { from: NOW - 60_000 } }],
    // RFC 7162 §3.1.5: equal or greater.
    ['MODSEQ 5', { changedSince: 4 }],
    ['EMAILID a7e12', { emailId: 12 }],
    ['THREADID a7t3', { threadId: 3 }],
    // Ids of others, and what is none, match nothing.
    ['EMAILID a8e12', undefined],
    ['EMAILID a7t12', undefined],
    ['EMAILID "a7e 12"', undefined],
    ['THREADID M1', undefined],
  ])('%s', (text, expected) => {
    const key = expectSearchKey(cursorOf(text)) as PlaceKey;
    expect(conditionOf(key, REF, NOW)).toEqual(expected);
  });
});

describe('the day of the Date field', () => {
  const at = (hour: number, day = 12): number => Date.UTC(2026, 0, day, hour);
  it.each<[string, number, number, boolean[]]>([
    // What the field says counts, not what the day was in UTC: SENTBEFORE, SENTON, SENTSINCE the 12th
    ['noon in UTC', at(12), 0, [false, true, true]],
    ['an early morning in Hà Nội, still the 11th in UTC', at(20, 11), 420, [false, true, true]],
    ['late on the 11th in Hà Nội', at(16, 11), 420, [true, false, false]],
    ['late on the 12th in New York, the 13th in UTC', at(3, 13), -300, [false, true, true]],
    ['the first moment of the 12th', at(0), 0, [false, true, true]],
    ['the first moment of the 13th', at(0, 13), 0, [false, false, true]],
  ])('%s', (_, sentAt, zone, expected) => {
    const keys = ['SENTBEFORE', 'SENTON', 'SENTSINCE'] as const;
    expect(keys.map((key) => wasSent(key, JAN_12, { at: sentAt, zone }))).toEqual(expected);
  });

  it('is not asked for where no zone of the world could change the answer', () => {
    const unread = (key: 'SENTBEFORE' | 'SENTON' | 'SENTSINCE', day: number) =>
      wasSent(key, JAN_12, { at: at(12, day), zone: undefined });
    expect([unread('SENTBEFORE', 1), unread('SENTON', 1), unread('SENTSINCE', 1)]).toEqual([true, false, false]);
    expect([unread('SENTBEFORE', 30), unread('SENTON', 30), unread('SENTSINCE', 30)]).toEqual([false, false, true]);
    expect([unread('SENTBEFORE', 12), unread('SENTON', 11), unread('SENTSINCE', 13)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

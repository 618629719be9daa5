import { describe, expect, it } from 'vitest';

import type { ModSeq } from '../base/ids.ts';
import { both, firstAtLeast, grown, indexOf, KnownUids, last, NO_UIDS, without, type Uids } from './uids.ts';

const of = (...uids: number[]): Uids => Uint32Array.from(uids);
const list = (uids: Uids): number[] => [...uids];
const at = (n: number): ModSeq => n as ModSeq;

describe('UIDs of a mailbox', () => {
  it.each([
    [[], 5, 0, -1],
    [[3], 3, 0, 0],
    [[3], 4, 1, -1],
    [[1, 4, 9, 12], 9, 2, 2],
    [[1, 4, 9, 12], 5, 2, -1],
    [[1, 4, 9, 4_294_967_295], 4_294_967_295, 3, 3],
  ])('%o: %i is looked for', (uids, wanted, first, index) => {
    expect(firstAtLeast(of(...uids), wanted)).toBe(first);
    expect(indexOf(of(...uids), wanted)).toBe(index);
  });

  it('lose what is gone, and stay the same octets when nothing is', () => {
    const uids = of(1, 4, 9, 12);
    expect(list(without(uids, of(0, 4, 5, 12, 13)))).toEqual([1, 9]);
    expect(without(uids, of(2, 3))).toBe(uids);
    expect(list(both(uids, of(4, 5, 12)))).toEqual([4, 12]);
    expect(last(NO_UIDS)).toBe(0);
  });

  it('grow for one connection without a change for another', () => {
    const a = grown(of(1, 2), [5]);
    const b = a;
    const more = grown(a, [6, 7]);
    expect([list(a), list(b), list(more)]).toEqual([
      [1, 2, 5],
      [1, 2, 5],
      [1, 2, 5, 6, 7],
    ]);
  });

  it('are held once by connections that hear of the same messages', () => {
    const start = grown(of(1), [2]);
    const a = grown(start, [3, 4]);
    const b = grown(start, [3]);
    const c = grown(b, [4, 5]);
    expect(new Set([a.buffer, b.buffer, c.buffer]).size).toBe(1);
    expect([list(a), list(b), list(c)]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3],
      [1, 2, 3, 4, 5],
    ]);
  });

  it('are told apart where connections saw different messages come', () => {
    const start = grown(of(1), [2]);
    const a = grown(start, [3, 4]);
    // 3 was gone again before this one looked.
    const b = grown(start, [4, 5]);
    expect([list(a), list(b)]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 4, 5],
    ]);
    expect(list(grown(a, [5]))).toEqual([1, 2, 3, 4, 5]);
  });

  it('grow beyond every spare room', () => {
    let uids = NO_UIDS;
    for (let uid = 1; uid <= 5000; uid++) uids = grown(uids, [uid]);
    expect(uids.length).toBe(5000);
    expect(uids.every((uid, i) => uid === i + 1)).toBe(true);
    // Not much more room than UIDs.
    expect(uids.buffer.byteLength).toBeLessThan(5000 * 4 * 1.2);
  });
});

describe('what a server knows of mailboxes', () => {
  it('gives back the octets that others have', () => {
    const known = new KnownUids();
    const first = known.keep('1 1 1', at(5), of(1, 2, 3));
    expect(known.keep('1 1 1', at(5), of(1, 2, 3))).toBe(first);
    expect(known.keep('1 1 1', at(6), of(1, 2, 3))).toBe(first);
    expect(known.newest('1 1 1')).toEqual({ mark: 6, uids: first });
  });

  it('keeps the newest picture, whoever comes later with an older one', () => {
    const known = new KnownUids();
    known.keep('1 1 1', at(9), of(1, 2, 3));
    const old = of(1, 2);
    expect(known.keep('1 1 1', at(8), old)).toBe(old);
    expect(known.newest('1 1 1')?.mark).toBe(9);
  });

  it('forgets the mailboxes that were not looked at for longest, and never keeps one that is too large', () => {
    const known = new KnownUids(5);
    known.keep('a', at(1), of(1, 2));
    known.keep('b', at(1), of(1, 2));
    known.keep('a', at(2), of(1, 2));
    known.keep('c', at(1), of(1, 2));
    expect(['a', 'b', 'c'].map((key) => known.newest(key) !== undefined)).toEqual([true, false, true]);
    known.keep('d', at(1), of(1, 2, 3, 4, 5, 6));
    expect(known.newest('d')).toBeUndefined();
  });
});

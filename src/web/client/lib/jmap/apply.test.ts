import { describe, expect, it } from 'vitest';
import { applyQueryChanges, inversePatch, patchEmail, patchPaths, placeWindow, type QueryList } from './apply.ts';

const list = (ids: (string | null)[]): QueryList => ({ ids, queryState: 's1', canCalculateChanges: true });

describe('query changes (RFC 8620 §5.6)', () => {
  it('takes removed ids out, then puts added ones at their index', () => {
    const next = applyQueryChanges(list(['a', 'b', 'c', 'd']), {
      newQueryState: 's2',
      removed: ['b'],
      added: [{ id: 'x', index: 0 }],
      total: 4,
    });
    expect(next.ids).toEqual(['x', 'a', 'c', 'd']);
    expect(next.queryState).toBe('s2');
  });
  it('splices several additions in order of index, however they are listed', () => {
    const next = applyQueryChanges(list(['a', 'b']), {
      newQueryState: 's2',
      removed: [],
      added: [
        { id: 'y', index: 2 },
        { id: 'x', index: 0 },
      ],
      total: 4,
    });
    expect(next.ids).toEqual(['x', 'a', 'y', 'b']);
  });
  it('moves an id that is both removed and added', () => {
    const next = applyQueryChanges(list(['a', 'b', 'c']), {
      newQueryState: 's2',
      removed: ['c'],
      added: [{ id: 'c', index: 0 }],
      total: 3,
    });
    expect(next.ids).toEqual(['c', 'a', 'b']);
  });
  it('keeps gaps where a removed id is known', () => {
    const next = applyQueryChanges(list(['a', 'b', null, null]), {
      newQueryState: 's2',
      removed: ['a'],
      added: [],
      total: 3,
    });
    expect(next.ids).toEqual(['b', null, null]);
  });
  it('forgets what lies after the first gap when a removed id was never loaded', () => {
    const next = applyQueryChanges(list(['a', null, 'c']), {
      newQueryState: 's2',
      removed: ['z'],
      added: [],
      total: 2,
    });
    expect(next.ids).toEqual(['a', null]);
  });
  it('makes room for an addition beyond what is loaded', () => {
    const next = applyQueryChanges(list(['a']), {
      newQueryState: 's2',
      removed: [],
      added: [{ id: 'x', index: 3 }],
      total: 4,
    });
    expect(next.ids).toEqual(['a', null, null, 'x']);
  });
});

describe('windows', () => {
  it('places a window and leaves the rest as gaps', () => {
    expect(placeWindow([], 2, ['c', 'd'], 5)).toEqual([null, null, 'c', 'd', null]);
  });
  it('cuts what exceeds the total', () => {
    expect(placeWindow(['a', 'b', 'c'], 0, ['a'], 1)).toEqual(['a']);
  });
});

describe('patches of one email', () => {
  const email = { keywords: { $seen: true }, mailboxIds: { inbox: true } };
  it('sets and removes without touching the original', () => {
    const next = patchEmail(email, {
      keywords: { $flagged: true, $seen: null },
      mailboxIds: { inbox: null, archive: true },
    });
    expect(next).toEqual({ keywords: { $flagged: true }, mailboxIds: { archive: true } });
    expect(email.keywords).toEqual({ $seen: true });
  });
  it('undoes exactly what changed', () => {
    const patch = {
      keywords: { $seen: true as const, $flagged: true as const },
      mailboxIds: { inbox: null, archive: true as const },
    };
    const inverse = inversePatch(email, patch);
    expect(inverse).toEqual({ keywords: { $flagged: null }, mailboxIds: { inbox: true, archive: null } });
    expect(patchEmail(patchEmail(email, patch), inverse)).toEqual(email);
  });
  it('writes JSON pointers, escaped (RFC 6901)', () => {
    expect(patchPaths({ keywords: { 'a/b~c': true } })).toEqual({ 'keywords/a~1b~0c': true });
  });
});

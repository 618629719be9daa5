import { describe, expect, it, vi } from 'vitest';

import { random as seeded } from '../../base/testing/random.ts';
import { turns } from '../../base/turns.ts';
import { type Column, columnOf, type Key, KeptColumns, merged } from './columns.ts';

const of = (entries: readonly (readonly [uid: number, key: Key])[]): Promise<Column> =>
  columnOf(
    Uint32Array.from(entries, ([uid]) => uid),
    entries.map(([, key]) => key),
    turns(),
  );
const entries = ({ uids, ranks, keys }: Column): [number, Key][] =>
  Array.from(uids, (uid, i) => [uid, keys[ranks[i] ?? -1] ?? 'none']);

describe('a column', () => {
  it('has each key once, in order', async () => {
    const column = await of([
      [3, 'b'],
      [4, 'a'],
      [9, 'b'],
    ]);
    expect(column.keys).toEqual(['a', 'b']);
    expect([...column.ranks]).toEqual([1, 0, 1]);
  });

  it.each([1, 2, 3])(
    'seed %i: what is put together is what each says, without messages and keys that are gone',
    async (seed) => {
      const { int: random } = seeded(seed);
      const truth = new Map<number, Key>();
      let column = await of([]);
      for (let round = 0; round < 40; round++) {
        const some = new Map<number, Key>();
        for (let i = random(12); i > 0; i--) {
          const uid = 1 + random(100);
          some.set(uid, truth.get(uid) ?? (seed === 1 ? random(30) : `k${random(30)}`));
        }
        for (const [uid, key] of some) truth.set(uid, key);
        const read = await of([...some].sort(([a], [b]) => a - b));
        for (const uid of truth.keys()) if (!some.has(uid) && random(20) === 0) truth.delete(uid);
        const wanted = [...truth].sort(([a], [b]) => a - b);
        column = merged(
          column,
          read,
          Uint32Array.from(wanted, ([uid]) => uid),
        );
        expect(entries(column)).toEqual(wanted);
        expect(column.keys.every((key, i) => i === 0 || (column.keys[i - 1] ?? '') < key)).toBe(true);
        const used = new Set(wanted.map(([, key]) => key));
        expect(column.keys.filter((key) => !used.has(key)).length).toBeLessThanOrEqual(some.size);
      }
    },
  );
});

describe('what is kept', () => {
  const text = (n: number): Promise<Column> => of([[n, 'x'.repeat(1000)]]);

  it('the columns that were not asked for longest go first, and one that is too large is never kept', async () => {
    const kept = new KeptColumns({ most: 4000 });
    for (const [i, name] of ['a', 'b'].entries()) kept.keep(name, await text(i + 1));
    expect(kept.get('a').uids.length).toBe(1);
    kept.keep('c', await text(3));
    expect(['a', 'b', 'c'].map((name) => kept.get(name).uids.length)).toEqual([1, 0, 1]);
    kept.keep('a', await of(Array.from({ length: 9 }, (_, i) => [i + 1, `${i}${'x'.repeat(1000)}`] as const)));
    expect(kept.get('a').uids.length).toBe(0);
    kept.keep('c', await of([]));
    expect(kept.octets).toBeLessThan(1000);
  });

  it('after a rest nothing is', async () => {
    const kept = new KeptColumns({ rest: 1 });
    kept.keep('a', await text(1));
    await vi.waitFor(() => expect(kept.octets).toBe(0));
    expect(kept.get('a').uids.length).toBe(0);
  });
});

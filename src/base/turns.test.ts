import { expect, it } from 'vitest';

import { sortInTurns, turns } from './turns.ts';

it('sorts as `sort` does, and keeps what is equal in its order', async () => {
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647);
  for (const length of [0, 1, 499, 500, 501, 1500, 7777]) {
    const list = Array.from({ length }, (_, i) => ({ key: random() % 50, i }));
    const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
    expect(await sortInTurns(list, compare, turns())).toEqual(list.toSorted(compare));
  }
});

it('lets others go on after a while, and not before', async () => {
  let others = 0;
  setImmediate(() => others++);
  const turn = turns();
  await turn();
  expect(others).toBe(0);
  for (const since = performance.now(); performance.now() - since < 11;);
  await turn();
  expect(others).toBe(1);
});

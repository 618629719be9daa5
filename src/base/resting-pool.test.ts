import { expect, it } from 'vitest';

import { createRestingPool } from './resting-pool.ts';
import type { Trick } from './testing/tricks.worker.ts';

it('a pool that rests ends no task that is still under way', async () => {
  const source = new URL('./testing/tricks.worker.ts', import.meta.url);
  const pool = createRestingPool<Trick, unknown>(
    { name: 'tricks', source, size: 2, taskMs: 500, heapMb: 64, queue: 10 },
    20,
  );
  const long = pool.run({ do: 'spin' });
  const outcome = expect(long).rejects.toMatchObject({ reason: 'time' });
  expect(await pool.run({ do: 'add', a: 1, b: 2 })).toBe(3);
  await outcome;
  await expect.poll(pool.hasThread).toBe(false);
  expect(await pool.run({ do: 'add', a: 2, b: 2 })).toBe(4);
  await pool.end();
});

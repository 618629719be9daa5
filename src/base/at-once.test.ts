import { expect, it } from 'vitest';

import { atOnce } from './at-once.ts';

it('runs so many at once, in order, also after one that failed', async () => {
  const inTurn = atOnce(2);
  const begun: number[] = [];
  const ends: ((fails?: boolean) => void)[] = [];
  const works = [0, 1, 2, 3].map((i) =>
    inTurn(() => {
      begun.push(i);
      return new Promise<number>((resolve, reject) => {
        ends[i] = (fails) => (fails ? reject(new Error('failed')) : resolve(i));
      });
    }),
  );
  expect(begun).toEqual([0, 1]);
  ends[1]?.(true);
  await expect(works[1]).rejects.toThrow('failed');
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.();
  await works[0];
  ends[2]?.();
  ends[3]?.();
  expect(await Promise.all([works[0], works[2], works[3]])).toEqual([0, 2, 3]);
});

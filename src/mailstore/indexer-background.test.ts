/** Mail that pours in is not indexed at once, nor much too late. */
import { describe, expect, it } from 'vitest';

import { lull, MOST_WAITING } from './indexer-background.ts';

/** @param perLook how many come before each look @returns how often it looked */
async function looks(perLook: (look: number) => number, isFull = () => false): Promise<number> {
  let arrived = 1;
  let rests = 0;
  await lull({ arrived: () => arrived, waiting: () => arrived, isFull }, async () => {
    arrived += perLook(rests++);
  });
  return rests;
}

describe('the background indexer waits', () => {
  it('half a second after a letter, and through a trickle no longer', async () => {
    expect(await looks(() => 0)).toBe(1);
    expect(await looks(() => 2)).toBe(1);
  });
  it('until what pours in has ended', async () => {
    expect(await looks((look) => (look < 7 ? 40 : 1))).toBe(8);
  });
  it('no longer than half a minute', async () => {
    expect(await looks(() => 10)).toBe(60);
  });
  it('for no more than a search can wait for', async () => {
    expect(await looks(() => 1000)).toBe(Math.ceil((MOST_WAITING - 1) / 1000));
  });
  it('while there is room for the texts', async () => {
    let room = 3;
    expect(
      await looks(
        () => 100,
        () => room-- === 0,
      ),
    ).toBe(3);
  });
});

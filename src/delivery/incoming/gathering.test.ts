import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { createGathering } from './gathering.ts';

/** Whether it resolves within so many turns of the event loop. */
async function within(turns: number, done: Promise<void>): Promise<boolean> {
  let is = false;
  void done.then(() => (is = true));
  for (let i = 0; i < turns && !is; i++) await setImmediate();
  return is;
}

it('waits for nobody when nobody comes', async () => {
  expect(await within(3, createGathering().complete())).toBe(true);
});

it('waits until all have come who were told to', async () => {
  const gathering = createGathering();
  const came = [gathering.announce(), gathering.announce()];
  const complete = gathering.complete();
  came[0]?.();
  came[0]?.();
  expect(await within(2, complete)).toBe(false);
  came[1]?.();
  expect(await within(3, complete)).toBe(true);
});

it('waits no longer than a moment, and not again for the same one', async () => {
  const gathering = createGathering();
  gathering.announce();
  const begun = performance.now();
  await gathering.complete();
  const waited = performance.now() - begun;
  expect(waited).toBeGreaterThan(1);
  expect(waited).toBeLessThan(1000);
  await sleep(3);
  expect(await within(3, gathering.complete())).toBe(true);
});

/** A store that is slower than the journal: senders feel it, readers hardly. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createPace } from './pace.ts';

describe('mail that comes in faster than it is stored', () => {
  let waiting: number[];
  let look: (() => void)[];
  const pace = () => {
    const made = createPace(
      () => waiting,
      (some) =>
        new Promise((resolve) => {
          look.push(() => {
            if (!some.some((one) => waiting.includes(one))) resolve();
          });
        }),
    );
    return made;
  };
  /** One message takes ten milliseconds; they leave in groups. */
  const learned = async () => {
    const made = pace();
    made.entered(0);
    for (let group = 0; group < 60; group++) {
      await vi.advanceTimersByTimeAsync(100);
      for (let i = 0; i < 10; i++) made.left();
    }
    return made;
  };
  const store = (count: number) => {
    waiting.splice(0, count);
    for (const one of look) one();
  };
  const isThrough = async (wait: Promise<void>, ms = 0) => {
    let through = false;
    void wait.then(() => (through = true));
    await vi.advanceTimersByTimeAsync(ms);
    return through;
  };
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    waiting = [];
    look = [];
  });
  afterEach(() => void vi.useRealTimers());

  it('waits until little of it is left, and not when there is little', async () => {
    const made = await learned();
    waiting = Array.from({ length: 48 }, (_, i) => i);
    expect(await isThrough(made.wait())).toBe(true);
    waiting = Array.from({ length: 98 }, (_, i) => i);
    const wait = made.wait();
    expect(await isThrough(wait)).toBe(false);
    // Half of it is gone, and the other half is still too much.
    store(49);
    expect(await isThrough(wait)).toBe(false);
    store(25);
    expect(await isThrough(wait)).toBe(true);
  });

  it('waits two seconds at most', async () => {
    const made = await learned();
    waiting = Array.from({ length: 98 }, (_, i) => i);
    const wait = made.wait();
    expect(await isThrough(wait, 1900)).toBe(false);
    expect(await isThrough(wait, 200)).toBe(true);
  });

  it('does not wait while nothing is known, nor because of the time when there was none', async () => {
    const made = pace();
    waiting = Array.from({ length: 98 }, (_, i) => i);
    expect(await isThrough(made.wait())).toBe(true);
    for (let i = 0; i < 200; i++) {
      await vi.advanceTimersByTimeAsync(1000);
      made.entered(0);
      made.left();
    }
    expect(await isThrough(made.wait())).toBe(true);
  });
});

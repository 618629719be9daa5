import { describe, expect, it } from 'vitest';

import { manualClock } from '../base/clock.ts';
import { createLru } from './lru.ts';

describe('the memory of answers', () => {
  const setup = (entries = 2) => {
    const clock = manualClock(0);
    const lru = createLru<string>(entries, 1000, clock);
    const asked: string[] = [];
    const get = (key: string) =>
      lru.through(key, async () => {
        asked.push(key);
        return key.toUpperCase();
      });
    return { clock, lru, asked, get };
  };
  it('asks once, and again when it forgot', async () => {
    const { clock, lru, asked, get } = setup();
    expect([await get('a'), await get('a')]).toEqual(['A', 'A']);
    expect(asked).toEqual(['a']);
    lru.clear();
    await get('a');
    clock.advance(1000);
    await get('a');
    expect(asked).toEqual(['a', 'a', 'a']);
  });
  it('lets go of what was not used for longest', async () => {
    const { asked, get } = setup();
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });
  it('does not keep an answer that was asked for before a change', async () => {
    const { lru } = setup();
    let answer: (value: string) => void = () => undefined;
    const old = lru.through('a', () => new Promise((resolve) => (answer = resolve)));
    lru.clear();
    answer('old');
    expect(await old).toBe('old');
    expect(await lru.through('a', async () => 'new')).toBe('new');
  });
});

/** Who may have a connection: shares of a destination, and room made by those that take long. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createPlaces, type Places } from './places.ts';

let places: Places;
const aside: string[] = [];
const take = (destination: string, name = destination) => places.take(destination, () => aside.push(name));

beforeEach(() => {
  vi.useFakeTimers();
  aside.length = 0;
  places = createPlaces({ concurrencyPerDomain: 3, slowAfter: 1000, slowConcurrency: 2 });
});
afterEach(() => vi.useRealTimers());

describe('a destination', () => {
  it('has one connection until it has answered promptly, and then its share', () => {
    const first = take('a');
    expect(take('a')).toBeUndefined();
    first?.leave(true);
    expect([take('a'), take('a'), take('a')].map(Boolean)).toEqual([true, true, true]);
    expect(take('a')).toBeUndefined();
    expect(take('b')).toBeDefined();
  });

  it('that was not reached, or took long, has one again; a message that nobody waits for changes nothing', () => {
    take('a')?.leave(true);
    take('a')?.leave(undefined);
    const [one, two] = [take('a'), take('a')];
    two?.leave(false);
    expect(take('a')).toBeUndefined();
    one?.leave(true);
    const slow = take('a');
    vi.advanceTimersByTime(1000);
    slow?.leave(true);
    expect([take('a'), take('a')].map(Boolean)).toEqual([true, false]);
  });
});

describe('an attempt that takes long', () => {
  it('steps aside while there is room for it, the next when one of them ends', () => {
    const held = ['a', 'b', 'c', 'd'].map((name) => take(name));
    vi.advanceTimersByTime(999);
    expect(aside).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(aside).toEqual(['a', 'b']);
    held[2]?.leave(false);
    expect(aside).toEqual(['a', 'b']);
    held[0]?.leave(false);
    expect(aside).toEqual(['a', 'b', 'd']);
  });

  it('never does where none may', () => {
    places = createPlaces({ concurrencyPerDomain: 3, slowAfter: 1000, slowConcurrency: 0 });
    take('a');
    vi.advanceTimersByTime(5000);
    expect(aside).toEqual([]);
  });
});

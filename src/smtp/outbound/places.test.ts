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

describe('a host that many destinations share', () => {
  const ask = (destination: string, ...hosts: string[]) => {
    const place = take(destination);
    return place?.at(hosts) ? place : void place?.leave(undefined);
  };
  const askAll = (from: number, count: number, ...hosts: string[]) =>
    Array.from({ length: count }, (_, i) => ask(`d${from + i}`, ...hosts));

  beforeEach(() => {
    places = createPlaces({ concurrencyPerDomain: 3, slowAfter: 1000, slowConcurrency: 10 });
  });

  it('has a few connections until it has answered promptly, and then as many as there are', () => {
    const first = askAll(0, 4, 'mx', '192.0.2.1');
    expect(first.map(Boolean)).toEqual([true, true, true, false]);
    expect(ask('other', 'mx.other', '192.0.2.1')).toBeUndefined();
    expect(ask('other', 'mx.other', '192.0.2.2')).toBeDefined();
    first[0]?.leave(true);
    expect(askAll(10, 20, 'mx', '192.0.2.1').every(Boolean)).toBe(true);
  });

  it('has a few again once it stalls, before those that wait for it have given up', () => {
    ask('a', 'mx')?.leave(true);
    const held = askAll(0, 8, 'mx');
    expect(held.every(Boolean)).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(ask('b', 'mx')).toBeUndefined();
    for (const one of held) one?.leave(false);
    expect(askAll(20, 4, 'mx').map(Boolean)).toEqual([true, true, true, false]);
  });

  it('never has more than half of those that may take long, even if it answers some promptly', () => {
    for (let i = 0; i < 5; i++) {
      expect(ask(`s${i}`, 'mx')).toBeDefined();
      vi.advanceTimersByTime(1000);
      ask(`p${i}`, 'mx')?.leave(true);
    }
    expect(ask('one more', 'mx')).toBeUndefined();
    expect(ask('one more', 'mx.other')).toBeDefined();
  });

  it('that refused a connection leaves no trace of who asked', () => {
    const held = askAll(0, 3, 'mx');
    expect(ask('b', 'mx', 'unused')).toBeUndefined();
    for (const one of held) one?.leave(true);
    expect(ask('b', 'mx', 'unused')).toBeDefined();
  });
});

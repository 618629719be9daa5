import type { Clock } from '../base/clock.ts';

/**
 * A bounded memory of answers, each kept for a while only: another process over the same SQLite file (`congvu official
 * add` beside a running server) cannot tell us of its changes. A value that was asked for before the memory was cleared is not kept: the
 * change that cleared it may not be in it.
 */
export interface Lru<V> {
  through(key: string, load: () => Promise<V>): Promise<V>;
  clear(): void;
}

export function createLru<V>(entries: number, maxAge: number, clock: Clock): Lru<V> {
  const kept = new Map<string, { value: V; until: number }>();
  let generation = 0;
  return {
    async through(key, load) {
      const found = kept.get(key);
      kept.delete(key);
      if (found && clock.now() < found.until) {
        kept.set(key, found);
        return found.value;
      }
      const askedIn = generation;
      const value = await load();
      if (askedIn !== generation) return value;
      kept.set(key, { value, until: clock.now() + maxAge });
      const oldest = kept.size > entries ? kept.keys().next() : undefined;
      if (oldest && !oldest.done) kept.delete(oldest.value);
      return value;
    },
    clear() {
      generation++;
      kept.clear();
    },
  };
}

/**
 * A bounded memory of answers. A value that was asked for before the memory was cleared is not kept: the
 * change that cleared it may not be in it.
 */
export interface Lru<V> {
  through(key: string, load: () => Promise<V>): Promise<V>;
  clear(): void;
}

export function createLru<V>(entries: number): Lru<V> {
  const kept = new Map<string, V>();
  let generation = 0;
  return {
    async through(key, load) {
      const found = kept.get(key);
      if (found !== undefined || kept.has(key)) {
        kept.delete(key);
        kept.set(key, found as V);
        return found as V;
      }
      const askedIn = generation;
      const value = await load();
      if (askedIn !== generation) return value;
      kept.set(key, value);
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

/** Those who wait until what had entered before them has left, in the order of their asking. */
export interface Waiters {
  /** Something left. */
  look(): void;
  waiting(): boolean;
  /** @param patience milliseconds, then what is still there is late; undefined: no end */
  wait(patience: number | undefined): Promise<void>;
}

export function createWaiters<E>(fresh: ReadonlySet<E>, makeLate: (entry: E) => void): Waiters {
  let waiting: { before: Set<E>; resolve(): void }[] = [];
  const look = (): void => {
    if (waiting.length === 0) return;
    waiting = waiting.filter(({ before, resolve }) => {
      for (const entry of before) {
        if (fresh.has(entry)) return true;
        before.delete(entry);
      }
      resolve();
      return false;
    });
  };
  return {
    look,
    waiting: () => waiting.length > 0,
    wait(patience: number | undefined): Promise<void> {
      return new Promise((resolve) => {
        const before = new Set(fresh);
        if (before.size === 0) {
          resolve();
          return;
        }
        const timer = patience === undefined ? undefined : setTimeout(() => before.forEach(makeLate), patience);
        waiting.push({
          before,
          resolve() {
            clearTimeout(timer);
            resolve();
          },
        });
      });
    },
  };
}

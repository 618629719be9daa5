/** Those who wait until what had entered before them has left, in the order of their asking. */
export interface Waiters<E> {
  /** Something left. */
  look(): void;
  waiting(): boolean;
  /** @param patience milliseconds, then what is still there is late; undefined: no end. @param only those; otherwise all */
  wait(patience: number | undefined, only?: readonly E[]): Promise<void>;
}

export function createWaiters<E>(fresh: ReadonlySet<E>, makeLate: (entry: E) => void): Waiters<E> {
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
    wait(patience: number | undefined, only: readonly E[] | undefined): Promise<void> {
      return new Promise((resolve) => {
        const before = new Set([...(only ?? fresh)].filter((entry) => fresh.has(entry)));
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

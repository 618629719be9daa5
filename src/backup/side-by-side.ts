/** A few at a time; the first failure ends it. */
export interface SideBySide {
  /** Resolves when there is room for more. */
  start(work: () => Promise<void>): Promise<void>;
  end(): Promise<void>;
}

export function sideBySide(most: number): SideBySide {
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  const check = () => {
    if (failure) throw failure.error;
  };
  return {
    async start(work) {
      check();
      const one: Promise<void> = work()
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(one));
      running.add(one);
      if (running.size >= most) await Promise.race(running);
      check();
    },
    async end() {
      await Promise.all(running);
      check();
    },
  };
}

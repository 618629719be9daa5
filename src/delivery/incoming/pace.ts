/**
 * Whoever sends waits, rather than those who read: more mail comes in only as fast as it is stored. A store that is slower than the
 * journal would otherwise have mail of many seconds before it, and whoever looks for his own would wait for that.
 */
/** So much work may lie before the store, ms. */
const MUCH = 200;
/** So many are let in however long they take: the store does several at once. */
const FEW = 48;
/** A sender waits so long at most, ms. */
const LONGEST = 2000;
/** Messages over which it is learned how long one takes. */
const LEARNING = 64;
/** A gap counts for so much at most, ms: one message whose check takes long says little of the others. */
const GAP = 500;

export interface Pace {
  /** @param before how many were there */
  entered(before: number): void;
  left(): void;
  /** Resolves at once, or when little enough waits. */
  wait(): Promise<void>;
}

/** @param waiting what waits for the store @param gone resolves when these are stored */
export function createPace<E>(waiting: () => readonly E[], gone: (some: readonly E[]) => Promise<void>): Pace {
  let last = 0;
  /** Milliseconds, on the average. */
  let each = 0;
  return {
    entered(before) {
      if (before === 0) last = performance.now();
    },
    left() {
      const now = performance.now();
      each += (Math.min(now - last, GAP) - each) / LEARNING;
      last = now;
    },
    async wait() {
      const end = performance.now() + LONGEST;
      for (let now = waiting(); now.length > FEW && now.length * each > MUCH; now = waiting()) {
        const left = end - performance.now();
        if (left <= 0) return;
        await within(left, gone(now.slice(0, Math.ceil(now.length / 2))));
      }
    },
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}

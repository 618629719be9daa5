/** Long work in pieces, so that no connection waits for another's large mailbox. */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work in one piece. */
const PIECE = 8;

/** To be awaited between two steps of long work: lets others go on once the piece has been long enough. */
export type Turn = () => Promise<void>;

export function turns(): Turn {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < PIECE) return;
    await setImmediate();
    since = performance.now();
  };
}

/** Items of work between two looks at the clock. */
export const SOME = 500;

/** Stable, as `sort` is. Runs are sorted at once and then merged. @returns a list of its own */
export async function sortInTurns<T>(list: readonly T[], compare: (a: T, b: T) => number, turn: Turn): Promise<T[]> {
  let runs: T[][] = [];
  for (let i = 0; i < list.length; i += SOME) {
    runs.push(list.slice(i, i + SOME).sort(compare));
    await turn();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? [], compare, turn));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
  turn: Turn,
): Promise<T[]> {
  const out: T[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const [a, b] = [left[i] as T, right[j] as T];
    if (compare(b, a) < 0) {
      out.push(b);
      j++;
    } else {
      out.push(a);
      i++;
    }
    if (out.length % SOME === 0) await turn();
  }
  for (; i < left.length; i++) out.push(left[i] as T);
  for (; j < right.length; j++) out.push(right[j] as T);
  return out;
}

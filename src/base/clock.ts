import type { Millis } from './ids.ts';

/** The only source of "now": tests put their own hands on it. */
export interface Clock {
  now(): Millis;
}

export const systemClock: Clock = { now: () => Date.now() };

export interface ManualClock extends Clock {
  set(at: Millis): void;
  advance(by: Millis): void;
}

export function manualClock(start: Millis): ManualClock {
  let at = start;
  return {
    now: () => at,
    set: (to) => {
      at = to;
    },
    advance: (by) => {
      at += by;
    },
  };
}

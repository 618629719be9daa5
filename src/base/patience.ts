/**
 * Whether the disk is so quick that waiting for it costs less than having a thread wait: a sync of a tenth of a millisecond takes
 * three times as long when it is handed to another thread and its end is told back.
 */

/** Milliseconds that a sync usually takes, the ways to the thread and back included. */
const SHORT = 0.6;
/** Nobody is served meanwhile: after one that took so long... */
const LONG = 20;
/** ...so many are left to a thread. */
const WARY = 50;
/** Of what is usual, so much comes from the last one; */
const WEIGHT = 1 / 16;
/** from one that a thread waited for so much, and only when it was shorter: how long others kept us busy meanwhile, nobody knows; */
const WEIGHT_THERE = 1 / 4;
/** and one that took longer counts as this. */
const CAP = 3;

export interface Patience {
  readonly isShort: boolean;
  /** @param here it was waited for where the process stands, not by a thread */
  took(ms: number, here: boolean): void;
}

export function createPatience(): Patience {
  let usual: number | undefined;
  let wary = 0;
  return {
    get isShort() {
      return wary === 0 && usual !== undefined && usual < SHORT;
    },
    took(ms, here) {
      if (ms > LONG && here) wary = WARY;
      else if (wary > 0) wary--;
      const counted = Math.min(ms, CAP);
      if (usual === undefined) usual = counted;
      else if (here) usual += (counted - usual) * WEIGHT;
      else usual += Math.min(counted - usual, 0) * WEIGHT_THERE;
    },
  };
}

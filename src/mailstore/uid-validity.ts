/** UIDVALIDITY from the clock, so that a mailbox of an account that was lost and made anew has another one. */
import type { Millis } from '../base/ids.ts';

/** RFC 9051 §9 nz-number: 32 bits, and some room to count on. A clock beyond it is wrong. */
const LAST = Date.UTC(2100, 0) / 1000;

/** Seconds; 0 where the clock cannot be right: then one counts on from what was given last. */
export function validityByClock(now: Millis): number {
  const seconds = Math.floor(now / 1000);
  return seconds > 0 && seconds < LAST ? seconds : 0;
}

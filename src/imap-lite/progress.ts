/**
 * INPROGRESS (RFC 9585): a command that works for long says how far it is, so that the client does not take us for dead.
 * `S: * OK [INPROGRESS ("A001" 454 1000)] still at it`.
 */
import type { Session } from './session.ts';
import { string } from './wire/print.ts';

/** RFC 9585 §3: the first word and each further one after 10 to 15 seconds. */
const EVERY = 10_000;

/** To be called with what is done between two steps of the work; never in the middle of a response. */
export function progressOf(session: Session, goal: number): (done: number) => Promise<void> {
  const { clock, out, tag } = session;
  let last = clock.now();
  return async (done) => {
    const now = clock.now();
    if (now - last < EVERY) return;
    last = now;
    out.line(`* OK [INPROGRESS (${string(tag, false)} ${done} ${goal})] still at it`);
    await out.flush();
  };
}

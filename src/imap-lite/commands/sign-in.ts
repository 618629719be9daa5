/** What LOGIN and AUTHENTICATE share: may a password pass here, is it right, what is said when not. */
import { isDomainError } from '../../base/errors.ts';
import { bad, no } from '../errors.ts';
import type { Session } from '../session.ts';
import type { ImapStore } from '../store.ts';
import { capabilities, passwordAllowed } from './capability.ts';
import type { Done } from './command.ts';

/** RFC 9051 §6.2.3, RFC 8314 §3.2: not in clear. */
export function expectPasswordAllowed(session: Session): void {
  if (!passwordAllowed(session)) throw no('a password is taken only under TLS', 'PRIVACYREQUIRED');
}

export const signIn = (session: Session, address: string, password: string): Promise<Done> =>
  enter(session, () => session.wire.signIn(address, password));

/** However the user proved to be one. */
export async function enter(session: Session, prove: () => Promise<ImapStore>): Promise<Done> {
  if (session.state !== 'notAuthenticated') throw bad('already signed in');
  try {
    session.enter(await prove());
  } catch (error) {
    if (isDomainError(error)) await punish(session);
    throw error;
  }
  // RFC 9051 §7.1: saves the client a round trip.
  return { responseCode: `CAPABILITY ${capabilities(session)}`, text: 'signed in' };
}

/** The last wrong attempt is answered like the others; the connection ends after its answer. */
async function punish(session: Session): Promise<void> {
  session.wrongPasswords++;
  if (session.wrongPasswords >= session.settings.wrongPasswords) session.loggedOut = true;
  await session.wire.pause(session.settings.wrongPasswordDelayMs);
}

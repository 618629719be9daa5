/**
 * AUTHENTICATE PLAIN (RFC 9051 §6.2.2, RFC 4616), with the initial response in the command (SASL-IR).
 * `C: a AUTHENTICATE PLAIN` — `S: + ` — `C: base64(authzid NUL authcid NUL password)`.
 */
import { bad, no } from '../errors.ts';
import { char, expectSpace, run } from '../wire/cursor.ts';
import { expectAtom } from '../wire/strings.ts';
import { BEFORE, command, type Command } from './command.ts';
import { expectPasswordAllowed, signIn } from './sign-in.ts';

/** A SASL answer in base64; addresses and passwords are far shorter. */
const ANSWER = 4096;

export const authenticate: Command = command({
  name: 'AUTHENTICATE',
  states: BEFORE,
  parse(c) {
    expectSpace(c);
    const mechanism = expectAtom(c).toUpperCase();
    const initial = char(c, ' ') ? (run(c, (o) => o > 0x20 && o < 0x7f) ?? c.fail('an initial response')) : undefined;
    return { mechanism, initial };
  },
  async run(session, { mechanism, initial }) {
    if (mechanism !== 'PLAIN') throw no('only PLAIN is known here');
    expectPasswordAllowed(session);
    if (initial === undefined) {
      session.out.raw('+ \r\n');
      await session.out.flush();
    }
    const answer = initial ?? (await session.wire.readLine(ANSWER));
    if (answer === '*') throw bad('given up');
    const { address, password } = plain(answer);
    return signIn(session, address, password);
  },
});

/** RFC 4616 §2: [authzid] NUL authcid NUL passwd. Acting for another is done by the delegate's shared mailboxes. */
function plain(answer: string): { address: string; password: string } {
  // RFC 9051 §6.2.2: "=" is an empty initial response.
  const decoded =
    /^[A-Za-z0-9+/]*={0,2}$/.test(answer) && answer.length % 4 === 0
      ? Buffer.from(answer, 'base64').toString('utf8')
      : undefined;
  const [authzid, address, password, ...rest] = decoded?.split('\0') ?? [];
  if (address === undefined || password === undefined || rest.length > 0) throw bad('the answer is no PLAIN message');
  if (authzid && authzid !== address) throw no('nobody may sign in as another', 'AUTHENTICATIONFAILED');
  return { address, password };
}

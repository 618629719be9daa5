/**
 * AUTHENTICATE (RFC 9051 §6.2.2) by PLAIN (RFC 4616), and by OAUTHBEARER (RFC 7628) where an issuer of tokens is configured; with
 * the initial response in the command (SASL-IR).
 * `C: a AUTHENTICATE PLAIN` — `S: + ` — `C: base64(authzid NUL authcid NUL password)`.
 */
import { isBase64 } from '../../base/bytes.ts';
import { isDomainError } from '../../base/errors.ts';
import { bearerChallenge, parseBearerMessage } from '../../directory/oauth-bearer.models.ts';
import { bad, no } from '../errors.ts';
import type { Session } from '../session.ts';
import { char, expectSpace, run } from '../wire/cursor.ts';
import { expectAtom } from '../wire/strings.ts';
import { BEFORE, command, type Command, type Done } from './command.ts';
import { enter, expectPasswordAllowed, signIn } from './sign-in.ts';

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
    const byToken = mechanism === 'OAUTHBEARER' && session.wire.tokens !== undefined;
    if (mechanism !== 'PLAIN' && !byToken) throw no('that mechanism is not known here');
    expectPasswordAllowed(session);
    const answer = initial ?? (await ask(session, ''));
    // RFC 9051 §6.2.2; "=" is an empty initial response.
    if (!isBase64(answer) && answer !== '=') throw bad('the answer is no base64');
    if (byToken) return oauthBearer(session, answer);
    const { address, password } = plain(answer);
    return signIn(session, address, password);
  },
});

/** A challenge and its answer. @throws ImapError BAD when the client gives up */
async function ask({ out, wire, settings }: Session, challenge: string): Promise<string> {
  out.raw(`+ ${challenge}\r\n`);
  await out.flush();
  const answer = await wire.readLine(settings.preLoginLineBytes);
  if (answer === '*') throw bad('given up');
  return answer;
}

/** RFC 4616 §2: [authzid] NUL authcid NUL passwd. Acting for another is done by the delegate's shared mailboxes. */
function plain(answer: string): { address: string; password: string } {
  const [authzid, address, password, ...rest] = Buffer.from(answer, 'base64').toString('utf8').split('\0');
  if (address === undefined || password === undefined || rest.length > 0) throw bad('the answer is no PLAIN message');
  if (authzid && authzid !== address) throw no('nobody may sign in as another', 'AUTHENTICATIONFAILED');
  return { address, password };
}

/** RFC 7628 §3.2.3: a failure is told as a challenge; the client answers with one octet, then the command fails. */
async function oauthBearer(session: Session, answer: string): Promise<Done> {
  const { tokens } = session.wire;
  if (!tokens) throw no('that mechanism is not known here');
  const message = parseBearerMessage(answer);
  if (!message) {
    await ask(session, bearerChallenge('invalid_request', tokens.hints));
    throw no('the answer is no OAUTHBEARER message', 'AUTHENTICATIONFAILED');
  }
  try {
    return await enter(session, () => tokens.signIn(message));
  } catch (error) {
    if (isDomainError(error, 'sign_in.token_invalid'))
      await ask(session, bearerChallenge('invalid_token', tokens.hints));
    else if (isDomainError(error, 'sign_in.token_scope'))
      await ask(session, bearerChallenge('insufficient_scope', tokens.hints));
    throw error;
  }
}

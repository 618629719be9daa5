/**
 * AUTH OAUTHBEARER (RFC 7628, RFC 4954 §4), which smtp-server does not know: put before its own mechanisms, one connection at a time.
 * `C: AUTH OAUTHBEARER base64(…)` — `S: 235 …`, or `S: 334 base64({"status":…})` — `C: AQ==` — `S: 535 …`.
 */
import type { SMTPServerSession } from 'smtp-server';

import { isDomainError } from '../base/errors.ts';
import {
  bearerChallenge,
  parseBearerMessage,
  type BearerHints,
  type BearerMessage,
} from '../directory/oauth-bearer.models.ts';
import type { Connection } from './connection.ts';
import { SmtpReply } from './reply.ts';

export interface BearerAuth {
  hints: BearerHints;
  /** @returns the user for smtp-server's session. */
  signIn(message: BearerMessage, session: SMTPServerSession): Promise<unknown>;
}

/** `refuse` counts the failure and makes its reply. */
export function offerOAuthBearer(
  connection: Connection,
  { hints, signIn }: BearerAuth,
  refuse: (error: unknown) => SmtpReply,
): void {
  const others = connection.handler_AUTH.bind(connection);
  const fail = (challenge: string, reply: SmtpReply, done: () => void): void => {
    // RFC 7628 §3.2.3: the client answers the error with one octet, then hears that it failed.
    connection._nextHandler = (_answer, then) => {
      connection.send(reply.responseCode, reply.message);
      then();
    };
    connection.send(334, challenge);
    done();
  };
  const take = async (answer: string, done: () => void): Promise<void> => {
    if (!connection.isAnswer(answer)) return done();
    const message = parseBearerMessage(answer);
    if (!message) {
      const reply = refuse(new SmtpReply(501, '5.5.2', 'That is no OAUTHBEARER message'));
      fail(bearerChallenge('invalid_request', hints), reply, done);
      return;
    }
    try {
      connection.session.user = await signIn(message, connection.session);
      connection.session.transmissionType = connection._transmissionType();
      connection.send(235, '2.7.0 Signed in');
      done();
    } catch (error) {
      const reply = refuse(error);
      if (isDomainError(error, 'sign_in.token_invalid')) fail(bearerChallenge('invalid_token', hints), reply, done);
      else if (isDomainError(error, 'sign_in.token_scope'))
        fail(bearerChallenge('insufficient_scope', hints), reply, done);
      else {
        connection.send(reply.responseCode, reply.message);
        done();
      }
    }
  };
  connection.handler_AUTH = (command, done) => {
    const [, mechanism = '', initial, ...rest] = command.toString().trim().split(/\s+/);
    if (mechanism.toUpperCase() !== 'OAUTHBEARER') return others(command, done);
    // RFC 4954 §4: once signed in there is no other sign-in.
    if (connection.session.user || rest.length > 0) {
      connection.send(rest.length > 0 ? 501 : 503, rest.length > 0 ? '5.5.4 One argument' : '5.5.1 Signed in already');
      return done();
    }
    if (initial !== undefined) return void take(initial, done);
    connection._nextHandler = (answer, then) => {
      const text = answer.toString().trim();
      if (text !== '*') return void take(text, then);
      connection.send(501, '5.7.0 Given up');
      then();
    };
    connection.send(334);
    done();
  };
}

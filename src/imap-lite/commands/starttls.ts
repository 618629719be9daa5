/** STARTTLS (RFC 9051 §6.2.1). `C: a STARTTLS` — `S: a OK …`, then the handshake. */
import { bad } from '../errors.ts';
import { BEFORE, command, nothing, type Command } from './command.ts';

export const starttls: Command = command({
  name: 'STARTTLS',
  states: BEFORE,
  parse: nothing,
  async run(session) {
    if (session.wire.secure) throw bad('TLS is on already');
    if (!session.wire.tlsReady) throw bad('TLS is not set up here');
    session.out.line(`${session.tag} OK begin TLS`);
    await session.out.flush();
    // The tagged OK went out in clear; nothing more is said until the client speaks under TLS.
    await session.wire.startTls();
    return { text: '' };
  },
});

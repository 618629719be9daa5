/** LOGOUT (RFC 9051 §6.1.3). `C: a LOGOUT` — `S: * BYE …`, `S: a OK …`, then we close. */
import { ANY, command, nothing, type Command, looksForNothing } from './command.ts';

export const logout: Command = command({
  name: 'LOGOUT',
  states: ANY,
  looksForMail: looksForNothing,
  parse: nothing,
  async run(session) {
    session.leave();
    session.loggedOut = true;
    session.out.line('* BYE see you');
  },
});

/** LOGIN (RFC 9051 §6.2.3). `C: a LOGIN hungnv@x.gov.vn "secret"` — `S: a OK [CAPABILITY …] signed in`. */
import { expectSpace } from '../wire/cursor.ts';
import { expectAstring } from '../wire/strings.ts';
import { BEFORE, command, type Command } from './command.ts';
import { expectPasswordAllowed, signIn } from './sign-in.ts';

export const login: Command = command({
  name: 'LOGIN',
  states: BEFORE,
  parse(c) {
    expectSpace(c);
    const address = expectAstring(c);
    expectSpace(c);
    return { address, password: expectAstring(c) };
  },
  async run(session, { address, password }) {
    expectPasswordAllowed(session);
    return signIn(session, address, password);
  },
});

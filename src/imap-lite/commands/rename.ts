/** RENAME (RFC 9051 §6.3.6). `C: a RENAME blurdybloop sarasoop` — `S: a OK renamed`. INBOX: its messages move, it stays. */
import { expectSpace } from '../wire/cursor.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';

export const rename: Command = command({
  name: 'RENAME',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    const from = expectAstring(c);
    expectSpace(c);
    return { from, to: expectAstring(c) };
  },
  async run(session, { from, to }) {
    await session.store.rename(session.mailboxName(from), session.mailboxName(to).replace(/\/$/, ''));
    return { text: 'renamed' };
  },
});

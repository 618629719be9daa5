/** RENAME (RFC 9051 §6.3.6). `C: a RENAME blurdybloop sarasoop` — `S: a OK renamed`. INBOX: its messages move, it stays. */
import { canonical } from '../store/tree.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';
import { isDecomposed, tellName } from './list-line.ts';

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
    const name = session.mailboxName(to).replace(/\/$/, '');
    await session.store.rename(session.mailboxName(from), name);
    // RFC 9051 §6.3.6: of INBOX nothing need be told; it is still there.
    if ((isDecomposed(session, from) || isDecomposed(session, to)) && canonical(from) !== 'INBOX')
      await tellName(session, canonical(name), { oldName: from });
    return { text: 'renamed' };
  },
});

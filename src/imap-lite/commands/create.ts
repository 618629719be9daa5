/** CREATE (RFC 9051 §6.3.4). `C: a CREATE owatagusiam/blurdybloop` — `S: a OK [MAILBOXID (A1M9)] created` (RFC 8474 §4.1). */
import { mailboxId } from '../object-id.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';

export const create: Command = command({
  name: 'CREATE',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    return expectAstring(c);
  },
  async run(session, sent) {
    // RFC 9051 §6.3.4: a trailing "/" only says that children will come.
    const name = session.mailboxName(sent).replace(/\/$/, '');
    return { responseCode: `MAILBOXID (${mailboxId(await session.store.create(name))})`, text: 'created' };
  },
});

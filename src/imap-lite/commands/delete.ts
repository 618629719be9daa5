/** DELETE (RFC 9051 §6.3.5). `C: a DELETE blurdybloop` — `S: a OK deleted`; its messages go with it. */
import { expectSpace } from '../wire/cursor.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';

export const deleteCommand: Command = command({
  name: 'DELETE',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    return expectAstring(c);
  },
  async run(session, sent) {
    const { ref } = await session.existing(sent);
    await session.store.remove(session.mailboxName(sent));
    const open = session.selected?.ref;
    // The client deleted what it stands in: it stands nowhere now.
    if (open && open.accountId === ref.accountId && open.mailboxId === ref.mailboxId) session.leave();
    return { text: 'deleted' };
  },
});

/** DELETE (RFC 9051 §6.3.5). `C: a DELETE blurdybloop` — `S: a OK deleted`; its messages go with it. */
import { expectSpace } from '../wire/cursor.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';
import { isDecomposed } from './list-line.ts';

export const deleteCommand: Command = command({
  name: 'DELETE',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    return expectAstring(c);
  },
  async run(session, sent) {
    const { ref, name } = await session.existing(sent);
    await session.store.remove(session.mailboxName(sent));
    const open = session.selected?.ref;
    // The client deleted what it stands in: it stands nowhere now.
    if (open && open.accountId === ref.accountId && open.mailboxId === ref.mailboxId) session.leave();
    if (isDecomposed(session, sent))
      session.out.line(
        `* LIST (\\NonExistent) "/" ${session.printName(name)} ("OLDNAME" (${session.printName(sent)}))`,
      );
    return { text: 'deleted' };
  },
});

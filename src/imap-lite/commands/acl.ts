/**
 * GETACL, LISTRIGHTS, MYRIGHTS, SETACL, DELETEACL (RFC 4314 §3). Rights come from the directory and are shown here; who may
 * use a unit's mailbox is changed there, with its audit log, and refused here.
 * `C: a MYRIGHTS INBOX` — `S: * MYRIGHTS INBOX lrswipkxtecda` — `S: a OK …`.
 */
import { no } from '../errors.ts';
import type { Session } from '../session.ts';
import type { MailboxRef, FoundMailbox } from '../store.ts';
import { type Cursor, expectSpace } from '../wire/cursor.ts';
import { string } from '../wire/print.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';

function expectArgument(c: Cursor): string {
  expectSpace(c);
  return expectAstring(c);
}

/** mod-rights = astring: "+" or "-" before rights, or rights that replace; a right that nobody knows is BAD (RFC 4314 §3.1, §7). */
function expectModRights(c: Cursor): string {
  const rights = expectArgument(c);
  return /^[+-]?[lrswipkxtecda]*$/.test(rights) ? rights : c.fail('rights such as +lr');
}

/** RFC 4314 §3: an empty one is BAD. */
const expectIdentifier = (c: Cursor): string => expectArgument(c) || c.fail('an identifier');

export const myRights: Command = command({
  name: 'MYRIGHTS',
  states: AUTHENTICATED,
  parse: expectArgument,
  async run(session, sent) {
    const { name, ref } = await session.existing(sent);
    session.out.line(`* MYRIGHTS ${session.printName(name)} ${await session.store.rights(ref.accountId)}`);
  },
});

export const getAcl: Command = command({
  name: 'GETACL',
  states: AUTHENTICATED,
  parse: expectArgument,
  async run(session, sent) {
    const { name, ref } = await administered(session, sent);
    const entries = (await session.store.acl(ref.accountId)).map((e) => ` ${string(e.identifier, false)} ${e.rights}`);
    session.out.line(`* ACL ${session.printName(name)}${entries.join('')}`);
  },
});

export const listRights: Command = command({
  name: 'LISTRIGHTS',
  states: AUTHENTICATED,
  parse: (c) => ({ sent: expectArgument(c), identifier: expectIdentifier(c) }),
  async run(session, { sent, identifier }) {
    const { name, ref } = await administered(session, sent);
    const entry = (await session.store.acl(ref.accountId)).find((e) => e.identifier === identifier.toLowerCase());
    // RFC 4314 §3.7: what one always has; nothing more can be given here.
    const rights = entry?.rights ?? '""';
    session.out.line(`* LISTRIGHTS ${session.printName(name)} ${string(identifier, session.utf8)} ${rights}`);
  },
});

export const setAcl: Command = command({
  name: 'SETACL',
  states: AUTHENTICATED,
  parse: (c) => ({ sent: expectArgument(c), identifier: expectIdentifier(c), rights: expectModRights(c) }),
  run: (session, { sent }) => refuse(session, sent),
});

export const deleteAcl: Command = command({
  name: 'DELETEACL',
  states: AUTHENTICATED,
  parse: (c) => ({ sent: expectArgument(c), identifier: expectIdentifier(c) }),
  run: (session, { sent }) => refuse(session, sent),
});

/** RFC 4314 §4: GETACL and LISTRIGHTS need "a". */
async function administered(session: Session, sent: string): Promise<FoundMailbox & { ref: MailboxRef }> {
  const found = await session.existing(sent);
  if (!(await session.store.rights(found.ref.accountId)).includes('a'))
    throw no('only administrators of the unit see who has rights', 'NOPERM');
  return found;
}

async function refuse(session: Session, sent: string): Promise<never> {
  await session.existing(sent);
  throw no('rights are given in the directory, not here', 'NOPERM');
}

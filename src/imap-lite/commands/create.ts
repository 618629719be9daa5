/**
 * CREATE (RFC 9051 §6.3.4), with a special use (RFC 6154 §3). `C: a CREATE MyDrafts (USE (\Drafts))` —
 * `S: a OK [MAILBOXID (a1m9)] created` (RFC 8474 §4.1).
 */
import type { MailboxRole } from '../../mailstore/types.ts';
import { no } from '../errors.ts';
import { mailboxId } from '../object-id.ts';
import { canonical } from '../store/tree.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectCreateParams } from '../wire/list-args.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';
import { isDecomposed, tellName, USE } from './list-line.ts';

export const create: Command = command({
  name: 'CREATE',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    return { sent: expectAstring(c), uses: expectCreateParams(c) };
  },
  async run(session, { sent, uses }) {
    // RFC 9051 §6.3.4: a trailing "/" only says that children will come.
    const name = session.mailboxName(sent).replace(/\/$/, '');
    const made = await session.store.create(name, roleOf(uses));
    if (isDecomposed(session, sent)) await tellName(session, canonical(name), { oldName: sent });
    return { responseCode: `MAILBOXID (${mailboxId(made)})`, text: 'created' };
  },
});

/** A mailbox has one use here, and no two have the same (RFC 8621 §2). @throws ImapError USEATTR */
function roleOf(uses: readonly string[]): MailboxRole | undefined {
  const [first, ...others] = new Set(uses.map((u) => u.toLowerCase()));
  if (first === undefined) return undefined;
  const role = ROLES.get(first);
  if (!role) throw no('no mailbox can have that use here', 'USEATTR');
  if (others.length > 0) throw no('a mailbox has one use', 'USEATTR');
  return role;
}

const ROLES: ReadonlyMap<string, MailboxRole> = new Map(
  (['drafts', 'sent', 'archive', 'junk', 'trash'] as const).map((role) => [USE[role].toLowerCase(), role]),
);

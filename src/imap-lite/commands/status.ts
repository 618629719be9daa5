/** STATUS (RFC 9051 §6.3.11). `C: a STATUS blurdybloop (UIDNEXT MESSAGES)` — `S: * STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)`. */
import type { Session } from '../session.ts';
import type { MailboxRef, FoundMailbox } from '../store.ts';
import { mailboxId } from '../object-id.ts';
import type { Mailbox } from '../../mailstore/types.ts';
import { unreachable } from '../../base/errors.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectStatusAtts, type StatusAtt } from '../wire/list-args.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';
import { units } from './quota.ts';

export const status: Command = command({
  name: 'STATUS',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    const name = expectAstring(c);
    expectSpace(c);
    return { name, atts: expectStatusAtts(c) };
  },
  looksForMail: ({ name }) => ({ mailbox: name }),
  async run(session, { name, atts }) {
    await tellStatus(session, await session.existing(name), atts);
  },
});

export async function tellStatus(
  session: Session,
  { name, ref, mailbox }: FoundMailbox,
  atts: readonly StatusAtt[],
): Promise<void> {
  if (!ref || !mailbox) return;
  const values: string[] = [];
  for (const att of atts) values.push(`${att} ${await value(session, ref, mailbox, att)}`);
  // RFC 7162 §3.1.1: asking for it turns CONDSTORE on.
  if (atts.includes('HIGHESTMODSEQ')) session.turnOnCondstore();
  session.out.line(`* STATUS ${session.printName(name)} (${values.join(' ')})`);
}

async function value(session: Session, ref: MailboxRef, mailbox: Mailbox, att: StatusAtt): Promise<number | string> {
  switch (att) {
    case 'MESSAGES':
      return mailbox.totalEmails;
    case 'RECENT':
      return recentCount(session, ref, mailbox);
    case 'UIDNEXT':
      return mailbox.uidNext;
    case 'UIDVALIDITY':
      return mailbox.uidValidity;
    case 'UNSEEN':
      return mailbox.unreadEmails;
    case 'DELETED':
      return (await session.store.deleted(ref)).count;
    // RFC 9208 §4.1.4: what EXPUNGE would give back, in the unit of STORAGE.
    case 'DELETED-STORAGE':
      return units((await session.store.deleted(ref)).bytes);
    case 'SIZE':
      return mailbox.totalBytes;
    case 'HIGHESTMODSEQ':
      return Math.max(1, mailbox.highestModseq);
    case 'MAILBOXID':
      return `(${mailboxId(ref)})`;
    case 'APPENDLIMIT':
      return session.settings.appendBytes;
    default:
      return unreachable(att);
  }
}

/** RFC 3501 §6.3.10: what the next session would be the first to hear of. */
async function recentCount({ store }: Session, ref: MailboxRef, mailbox: Mailbox): Promise<number> {
  const from = store.recents.first(ref, mailbox);
  return from >= mailbox.uidNext ? 0 : (await store.uids(ref, { from, to: mailbox.uidNext })).length;
}

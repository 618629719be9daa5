/** The Mailbox object (RFC 8621 §2). */
import type { AccessibleAccount } from '../../directory/types.ts';
import type { MailboxId } from '../../base/ids.ts';
import { objectIds } from '../../base/object-ids.ts';
import type { AccountReader, Mailbox } from '../../mailstore/types.ts';

export const mailboxProperties = [
  'id',
  'name',
  'parentId',
  'role',
  'sortOrder',
  'totalEmails',
  'unreadEmails',
  'totalThreads',
  'unreadThreads',
  'myRights',
  'isSubscribed',
] as const;
export const countProperties = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'];
export const roles = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'] as const;

type Rendered = Record<string, unknown> & { id: string };

export function presentMailbox(
  mailbox: Mailbox,
  account: AccessibleAccount,
  threads?: { total: number; unread: number },
): Rendered {
  const ids = objectIds(account.accountId);
  return {
    id: ids.mailbox.print(mailbox.id),
    name: mailbox.name,
    parentId: mailbox.parentId === null ? null : ids.mailbox.print(mailbox.parentId),
    role: mailbox.role,
    sortOrder: mailbox.sortOrder,
    totalEmails: mailbox.totalEmails,
    unreadEmails: mailbox.unreadEmails,
    totalThreads: threads?.total ?? 0,
    unreadThreads: threads?.unread ?? 0,
    myRights: rightsOf(mailbox, account),
    isSubscribed: mailbox.isSubscribed,
  };
}

function rightsOf(mailbox: Mailbox, account: AccessibleAccount): Record<string, boolean> {
  return {
    mayReadItems: true,
    mayAddItems: true,
    mayRemoveItems: true,
    maySetSeen: true,
    maySetKeywords: true,
    mayCreateChild: true,
    mayRename: true,
    // A mailbox with a role is needed by delivery or by every client.
    mayDelete: mailbox.role === null,
    maySubmit: account.canSend,
  };
}

/** Threads are counted only when somebody asks: it is the only count that is not kept. */
export async function presentMailboxes(
  reader: AccountReader,
  account: AccessibleAccount,
  withThreads: boolean,
  ids?: MailboxId[],
): Promise<Rendered[]> {
  const all = await reader.mailboxes();
  const wanted = ids ? all.filter((m) => ids.includes(m.id)) : all;
  const threads = withThreads ? await reader.threadCounts(ids) : undefined;
  return wanted.map((m) => presentMailbox(m, account, threads?.get(m.id)));
}

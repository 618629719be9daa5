/** Ids of OBJECTID (RFC 8474): those of JMAP (RFC 9698). And the names of quota roots. */
import type { AccountId, EmailId, ThreadId } from '../base/ids.ts';
import { objectIds } from '../base/object-ids.ts';
import type { MailboxRef } from './store.ts';

/** Name of an account's quota root (RFC 9208 §3.2). */
export const quotaRoot = (id: AccountId): string => `A${id}`;
export const accountOfRoot = (name: string): AccountId | undefined => {
  const digits = /^A(\d{1,15})$/.exec(name)?.[1];
  return digits === undefined ? undefined : (Number(digits) as AccountId);
};

export const mailboxId = ({ accountId, mailboxId: id }: MailboxRef): string => objectIds(accountId).mailbox.print(id);
export const emailIdText = ({ accountId }: MailboxRef, id: EmailId): string => objectIds(accountId).email.print(id);
export const threadIdText = ({ accountId }: MailboxRef, id: ThreadId): string => objectIds(accountId).thread.print(id);

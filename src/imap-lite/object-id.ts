/** Ids of OBJECTID (RFC 8474): one session sees several accounts, so each id carries its account. */
import type { AccountId, EmailId, ThreadId } from '../base/ids.ts';
import type { MailboxRef } from './store.ts';

/** Name of an account's quota root (RFC 9208 §3.2). */
export const quotaRoot = (id: AccountId): string => `A${id}`;
export const accountOfRoot = (name: string): AccountId | undefined => {
  const digits = /^A(\d{1,15})$/.exec(name)?.[1];
  return digits === undefined ? undefined : (Number(digits) as AccountId);
};

export const mailboxId = ({ accountId, mailboxId }: MailboxRef): string => `A${accountId}M${mailboxId}`;
export const emailIdText = ({ accountId }: MailboxRef, id: EmailId): string => `A${accountId}E${id}`;
export const threadIdText = ({ accountId }: MailboxRef, id: ThreadId): string => `A${accountId}T${id}`;

/** Ids of OBJECTID (RFC 8474): one session sees several accounts, so each id carries its account. */
import type { EmailId, ThreadId } from '../base/ids.ts';
import type { MailboxRef } from './store.ts';

export const mailboxId = ({ accountId, mailboxId }: MailboxRef): string => `A${accountId}M${mailboxId}`;
export const emailIdText = ({ accountId }: MailboxRef, id: EmailId): string => `A${accountId}E${id}`;
export const threadIdText = ({ accountId }: MailboxRef, id: ThreadId): string => `A${accountId}T${id}`;

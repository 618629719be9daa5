/**
 * Ids of mailboxes, emails and threads as clients see them, the same in IMAP and JMAP (RFC 9698 §3): letters and numbers of
 * the account and of the object within it ("a12e5"), since one IMAP session sees several accounts and RFC 8474 lets no two
 * objects there have one id. RFC 8620 §1.2 and RFC 8474 §7 allow only A-Za-z0-9, "-" and "_".
 */
import type { AccountId, EmailId, MailboxId, ThreadId } from './ids.ts';

export interface IdText<T> {
  print(id: T): string;
  /** Undefined for what is no id of this account. */
  parse(text: string): T | undefined;
}

export interface ObjectIds {
  mailbox: IdText<MailboxId>;
  email: IdText<EmailId>;
  thread: IdText<ThreadId>;
}

export const accountIds: IdText<AccountId> = numbered('a');

export const objectIds = (accountId: AccountId): ObjectIds => ({
  mailbox: numbered<MailboxId>(`a${accountId}m`),
  email: numbered<EmailId>(`a${accountId}e`),
  thread: numbered<ThreadId>(`a${accountId}t`),
});

/** A prefix and a number without leading zeros, so that an id has one spelling. */
export function numbered<T extends number>(prefix: string): IdText<T> {
  return {
    print: (id) => `${prefix}${id}`,
    parse(text) {
      const digits = text.startsWith(prefix) ? text.slice(prefix.length) : '';
      return /^[1-9][0-9]{0,14}$/.test(digits) ? (Number(digits) as T) : undefined;
    },
  };
}

import { DomainError } from '../base/errors.ts';
import type { AccountId, EmailId, MailboxId, ModSeq, SubmissionId } from '../base/ids.ts';

export const accountNotFound = (id: AccountId): DomainError =>
  new DomainError('notFound', 'mail.account_not_found', 'no such account', { accountId: id });
export const mailboxNotFound = (id: MailboxId): DomainError =>
  new DomainError('notFound', 'mail.mailbox_not_found', 'no such mailbox', { mailboxId: id });
export const emailNotFound = (id: EmailId): DomainError =>
  new DomainError('notFound', 'mail.email_not_found', 'no such email', { emailId: id });
export const submissionNotFound = (id: SubmissionId): DomainError =>
  new DomainError('notFound', 'mail.submission_not_found', 'no such submission', { submissionId: id });
export const noMailbox = (): DomainError =>
  new DomainError('invalid', 'mail.no_mailbox', 'an email lies in at least one mailbox');
export const sweptMeanwhile = (): DomainError =>
  new DomainError('unavailable', 'mail.swept', 'what was known of this message went meanwhile, try again');

export const overQuota = (quotaBytes: number): DomainError =>
  new DomainError('overLimit', 'mail.over_quota', 'the mailbox is full', { quotaBytes });
/** RFC 8620 §5.2 cannotCalculateChanges. */
export const cannotCalculateChanges = (since: ModSeq): DomainError =>
  new DomainError('conflict', 'mail.cannot_calculate_changes', 'the changes since that state are not known', { since });
export const filterInvalid = (reason: string): DomainError =>
  new DomainError('invalid', 'mail.filter_invalid', `filter: ${reason}`, { reason });

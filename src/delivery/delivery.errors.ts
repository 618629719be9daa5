import { DomainError } from '../base/errors.ts';

export const recipientUnknown = (addresses: readonly string[]): DomainError =>
  new DomainError('notFound', 'recipient.unknown', `no such mailbox: ${addresses.join(', ')}`, { addresses });

export const recipientDisabled = (addresses: readonly string[]): DomainError =>
  new DomainError('forbidden', 'recipient.disabled', `mailbox closed: ${addresses.join(', ')}`, { addresses });

export const recipientOverQuota = (address: string): DomainError =>
  new DomainError('overLimit', 'recipient.over_quota', `mailbox full: ${address}`, { addresses: [address] });

export const recipientInvalid = (addresses: readonly string[]): DomainError =>
  new DomainError('invalid', 'recipient.invalid', `not an address: ${addresses.join(', ')}`, { addresses });

export const noRecipients = (): DomainError =>
  new DomainError('invalid', 'recipient.none', 'the message has no recipient');

export const tooManyRecipients = (max: number): DomainError =>
  new DomainError('overLimit', 'recipient.too_many', `at most ${max} recipients`, { max });

export const messageTooLarge = (max: number): DomainError =>
  new DomainError('tooLarge', 'message.too_large', `at most ${max} bytes`, { max });

export const mailLoop = (hops: number): DomainError =>
  new DomainError('invalid', 'message.loop', `the message went through ${hops} servers`, { hops });

/** RFC 5321 §2.3.8 */
export const lineEndsInvalid = (): DomainError =>
  new DomainError('invalid', 'message.line_ends', 'lines of a message end with CR LF, and neither stands alone');

/** RFC 5322 §3.6: exactly one From field. */
export const fromInvalid = (reason: string): DomainError =>
  new DomainError('invalid', 'message.from_invalid', `From: ${reason}`, { reason });

export const senderForbidden = (address: string, where: 'envelope' | 'from' | 'sender'): DomainError =>
  new DomainError('forbidden', 'sender.forbidden', `may not send as ${address}`, { address, where });

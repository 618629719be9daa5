import { isDomainError, type DomainError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { randomToken } from '../base/bytes.ts';
import { storageFault } from '../base/storage-faults.ts';

/** A refusal in SMTP's own terms (RFC 5321 §4.2, RFC 3463). */
export class SmtpReply extends Error {
  override readonly name = 'SmtpReply';
  /** Read by smtp-server. */
  readonly responseCode: number;
  constructor(code: number, enhanced: string, text: string) {
    super(`${enhanced} ${text}`);
    this.responseCode = code;
  }
}

type Words = readonly [code: number, enhanced: string, text?: string];

const byCode: Readonly<Record<string, Words>> = {
  'recipient.unknown': [550, '5.1.1', 'No such mailbox here'],
  'recipient.disabled': [550, '5.2.1', 'This mailbox is closed'],
  // RFC 3463 §3.3: full now, perhaps not tomorrow.
  'recipient.over_quota': [452, '4.2.2', 'The mailbox is full'],
  'recipient.invalid': [553, '5.1.3', 'This is not an address'],
  'recipient.none': [554, '5.5.1', 'No valid recipients'],
  'recipient.too_many': [452, '4.5.3', 'Too many recipients'],
  'message.too_large': [552, '5.3.4', 'The message is too large'],
  'message.loop': [554, '5.4.6', 'The message goes round in circles'],
  'message.from_invalid': [550, '5.6.0', 'The message needs exactly one valid From field'],
  'sender.forbidden': [550, '5.7.1'],
  'mail.over_quota': [452, '4.2.2', 'Your mailbox is full'],
  // RFC 5321 §4.2.3: 452 "insufficient system storage"; the sender keeps it and comes again.
  'storage.full': [452, '4.3.1', 'Insufficient system storage'],
  'sign_in.wrong': [535, '5.7.8', 'Wrong address or password'],
  'sign_in.disabled': [535, '5.7.8', 'Wrong address or password'],
  'sign_in.token_invalid': [535, '5.7.8', 'The token is not good here'],
  'sign_in.token_scope': [535, '5.7.8', 'The token does not allow this'],
  'sign_in.locked': [454, '4.7.0', 'Too many wrong passwords, try again later'],
  'sign_in.rate_limited': [454, '4.7.0', 'Too many attempts, try again later'],
};

const byKind: Readonly<Record<DomainError['kind'], Words>> = {
  invalid: [554, '5.6.0'],
  unauthenticated: [530, '5.7.0'],
  forbidden: [550, '5.7.1'],
  notFound: [550, '5.1.1'],
  conflict: [451, '4.3.0'],
  tooLarge: [552, '5.3.4'],
  overLimit: [452, '4.5.3'],
  unavailable: [451, '4.3.0'],
};

/** Our words for any error; only our own failures are logged with a stack, and then the peer gets their number. */
export function replyFor(error: unknown, log: Log): SmtpReply {
  if (error instanceof SmtpReply) return error;
  if (isDomainError(error)) return refusal(error);
  const id = randomToken(6);
  log.error({ err: error, id }, 'smtp: a command failed');
  const fault = storageFault(error);
  if (fault) return refusal(fault);
  return new SmtpReply(451, '4.3.0', `Local error in processing, number ${id}`);
}

function refusal(error: DomainError): SmtpReply {
  const [code, enhanced, text = error.message] = byCode[error.code] ?? byKind[error.kind];
  return new SmtpReply(code, enhanced, printable(text));
}

export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 400);
}

/** What may be asked for in a list of emails. */
import type { EmailId, MailboxId, Millis, ModSeq } from '../base/ids.ts';

/** RFC 8621 §4.4.1, plus what IMAP SEARCH adds. All given must hold. */
export interface EmailCondition {
  inMailbox?: MailboxId;
  inMailboxOtherThan?: MailboxId[];
  before?: Millis;
  after?: Millis;
  /** Date header instead of arrival. */
  sentBefore?: Millis;
  sentSince?: Millis;
  minSize?: number;
  maxSize?: number;
  hasKeyword?: string;
  notKeyword?: string;
  someInThreadHaveKeyword?: string;
  allInThreadHaveKeyword?: string;
  noneInThreadHaveKeyword?: string;
  hasAttachment?: boolean;
  text?: string;
  from?: string;
  to?: string;
  cc?: string;
  bcc?: string;
  subject?: string;
  body?: string;
  /** [name] or [name, value]: substring of the decoded value, case-insensitive. */
  header?: [string] | [string, string];
  /** Ours: carries or claims a registered document / has a good signature. */
  hasDocument?: boolean;
  isSigned?: boolean;
  minModseq?: ModSeq;
  emailIds?: EmailId[];
}
export type EmailFilter = EmailCondition | { operator: 'AND' | 'OR' | 'NOT'; conditions: EmailFilter[] };

export interface EmailSort {
  property:
    | 'receivedAt'
    | 'sentAt'
    | 'size'
    | 'from'
    | 'to'
    | 'subject'
    | 'hasKeyword'
    | 'allInThreadHaveKeyword'
    | 'someInThreadHaveKeyword';
  keyword?: string;
  isAscending: boolean;
}

export interface EmailQuery {
  filter?: EmailFilter;
  sort?: EmailSort[];
  collapseThreads?: boolean;
}

/** A text that is searched as a part of what is written (RFC 9051 §6.4.4). */
export interface TextKey {
  /** Decoded values of one header field; the text of the text parts; both, all header fields and the names of files. */
  in: 'header' | 'body' | 'text';
  /** With `header`: lower case. */
  field?: string;
  text: string;
}

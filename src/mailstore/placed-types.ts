/** Messages of a mailbox as IMAP sees them: a UID, flags, what is told of the content. */
import type { BlobHash, EmailId, Millis, ModSeq, ThreadId } from '../base/ids.ts';
import type { DerivedMessage, Part, Summary } from '../message/types.ts';

/** The IMAP view of one message in one mailbox. */
export interface Placed {
  uid: number;
  emailId: EmailId;
  modseq: ModSeq;
  /** Lower-case keywords; \Deleted separately. Shared by rows that have the same few. */
  keywords: readonly string[];
  deleted: boolean;
  receivedAt: Millis;
  /** When it came into this mailbox, by whatever way (RFC 8514). */
  savedAt: Millis;
  size: number;
  blobHash: BlobHash;
  threadId: ThreadId;
}

export interface PlacedDetail extends Placed {
  imapEnvelope: string;
  imapBodyStructure: string;
  root: Part;
  summary: Summary;
  preview: string;
}

/** Which messages of a mailbox: those that fulfil everything that is said here. */
export interface PlacePick {
  uids?: ArrayLike<number>;
  /** First and last UID, both included. */
  from?: number;
  to?: number;
  changedSince?: ModSeq;
  /** Only those marked \Deleted. */
  deleted?: true;
  /** Only those that have, or have not, each of these keywords. */
  flags?: readonly { keyword: string; has: boolean }[];
  received?: Span;
  /** Came into this mailbox. */
  saved?: Span;
  size?: { above?: number; below?: number };
  emailId?: EmailId;
  threadId?: ThreadId;
}

/** From the first moment on, before the second. */
export interface Span {
  from?: Millis;
  before?: Millis;
}

/** Of a message in a mailbox, what changes most and is asked for most. */
export type PlacedFlags = Pick<Placed, 'uid' | 'keywords' | 'deleted'>;
export type PlacedModseq = Pick<Placed, 'uid' | 'modseq'>;

/** What an IMAP FETCH needs beside the place. */
export interface FetchNeeds {
  /** ENVELOPE and BODYSTRUCTURE as IMAP writes them. */
  lines: boolean;
  derived: boolean;
}
export interface FetchRow extends Placed {
  imapEnvelope?: string;
  imapBodyStructure?: string;
  derived?: Omit<DerivedMessage, 'text' | 'imapEnvelope' | 'imapBodyStructure'>;
}

/** What sorting, threading and searching need of a message in a mailbox. */
export interface Heading {
  uid: number;
  receivedAt: Millis;
  size: number;
  /** Null too where it was not asked for. */
  sentAt: Millis | null;
  /** Its first 2,000 characters. */
  subject: string;
  /** What was asked for. */
  summary: Partial<Summary>;
}
/** What is read of the message itself; without any, only its place is looked at. */
export interface HeadingNeeds {
  sentAt?: boolean;
  subject?: boolean;
  summary?: readonly (keyof Summary)[];
}

/**
 * The one way to read and change mail. SMTP delivery, IMAP and JMAP all call this.
 * Reading and writing are two types: a writer exists only inside a unit of work.
 */
import type { AccountId, BlobHash, EmailId, MailboxId, Millis, ModSeq, SubmissionId, ThreadId } from '../base/ids.ts';
import type { StagedBlob } from '../blobs/blob-store.ts';
import type { Tx } from '../db/database.ts';
import type { AccountKind, ChangeType } from '../db/tables/mail.ts';
import type { Address, DerivedMessage } from '../message/types.ts';
import type {
  FetchNeeds,
  FetchRow,
  Heading,
  HeadingNeeds,
  Placed,
  PlacedDetail,
  PlacedFlags,
  PlacedModseq,
  PlacePick,
} from './placed-types.ts';
import type { Indexing } from './indexing.ts';
import type { Promised } from './promised.ts';
import type { EmailQuery, TextKey } from './query-types.ts';
import type { Submission } from './submission-types.ts';

export type MailboxRole = 'inbox' | 'drafts' | 'sent' | 'archive' | 'junk' | 'trash';

export interface Mailbox {
  id: MailboxId;
  parentId: MailboxId | null;
  name: string;
  role: MailboxRole | null;
  sortOrder: number;
  isSubscribed: boolean;
  uidValidity: number;
  uidNext: number;
  /** The first UID of which no IMAP session was told (RFC 3501 §2.3.2). */
  recentUid: number;
  totalEmails: number;
  unreadEmails: number;
  totalBytes: number;
  /** Highest mod-sequence of anything in it (RFC 7162 HIGHESTMODSEQ). */
  highestModseq: ModSeq;
}

/** One email of an account; the derived data comes from the shared row of its bytes. */
export interface Email {
  id: EmailId;
  threadId: ThreadId;
  blobHash: BlobHash;
  size: number;
  receivedAt: Millis;
  /** Lower case: "$seen", "$flagged", "$draft", "$answered", "$forwarded", others. Never "\\deleted". */
  keywords: string[];
  mailboxIds: MailboxId[];
  modseq: ModSeq;
  subject: string;
  hasAttachment: boolean;
  /** Verdict of src/signing/types.ts; null while it waits for a key from outside. */
  verdict: unknown;
}

/** `Email` with what was derived from its bytes. */
export interface EmailDetail extends Email {
  derived: Omit<DerivedMessage, 'text' | 'imapEnvelope' | 'imapBodyStructure'>;
}

export type * from './placed-types.ts';
export type { Submission, SubmissionAddress } from './submission-types.ts';
export type { EmailCondition, EmailFilter, EmailQuery, EmailSort, TextKey } from './query-types.ts';

export interface Change {
  objectId: number;
  action: 'created' | 'updated' | 'destroyed';
}
export interface Changes {
  newState: ModSeq;
  hasMoreChanges: boolean;
  created: number[];
  updated: number[];
  destroyed: number[];
  /** Mailbox only: nothing but counters moved in `updated`. */
  onlyCounts: boolean;
}

export interface AccountInfo {
  id: AccountId;
  kind: AccountKind;
  status: 'active' | 'disabled';
  quotaBytes: number;
  usedBytes: number;
  emailCount: number;
  modseq: ModSeq;
}

export interface AccountReader {
  readonly accountId: AccountId;
  info(): Promise<AccountInfo>;
  mailboxes(): Promise<Mailbox[]>;
  mailbox(id: MailboxId): Promise<Mailbox | undefined>;
  mailboxByRole(role: MailboxRole): Promise<Mailbox | undefined>;
  uidValidity(id: MailboxId): Promise<number | undefined>;
  /** Threads in a mailbox: all, and those with an unread email (RFC 8621 §2 totalThreads, unreadThreads). */
  threadCounts(ids?: MailboxId[]): Promise<Map<MailboxId, { total: number; unread: number }>>;

  emails(ids: readonly EmailId[]): Promise<Email[]>;
  emailDetails(ids: readonly EmailId[]): Promise<EmailDetail[]>;
  /** Email ids of each thread, oldest first; unknown threads are absent. */
  threads(ids: readonly ThreadId[]): Promise<Map<ThreadId, EmailId[]>>;
  query(query: EmailQuery, window?: { limit?: number }): Promise<EmailId[]>;
  /** The text of the body as it is searched. */
  bodyTexts(ids: readonly EmailId[]): Promise<Map<EmailId, string>>;
  /** UIDs of a mailbox whose messages have a text as part of what is written; `tell` hears how many were looked at. */
  uidsWithText(mailboxId: MailboxId, key: TextKey, tell?: (done: number) => Promise<void>): Promise<number[]>;

  /** The state of one object type: the modseq of its last change (0: none yet). */
  state(type: ChangeType): Promise<ModSeq>;
  /** @throws DomainError mail.cannot_calculate_changes when `since` lies below the pruned part or ahead of us. */
  changes(type: ChangeType, since: ModSeq, max?: number): Promise<Changes>;

  /** In UID order, as all that follow. */
  placed(mailboxId: MailboxId, pick?: PlacePick): Promise<Placed[]>;
  placedFlags(mailboxId: MailboxId, pick?: PlacePick): Promise<PlacedFlags[]>;
  placedModseqs(mailboxId: MailboxId, pick?: PlacePick): Promise<PlacedModseq[]>;
  placedDetails(mailboxId: MailboxId, uids: ArrayLike<number>): Promise<PlacedDetail[]>;
  /** With no more of the derived data than is needed. */
  fetchRows(mailboxId: MailboxId, pick: PlacePick, needs: FetchNeeds): Promise<FetchRow[]>;
  /** Ascending: four octets for each message, so that a large mailbox may be known as a whole. */
  uids(mailboxId: MailboxId, pick?: PlacePick): Promise<Uint32Array>;
  /** Messages marked \Deleted, and their octets. */
  deletedTotals(mailboxId: MailboxId): Promise<{ count: number; bytes: number }>;
  /** Keywords beside the five usual ones that emails of this account have or had, at most 200. */
  keywords(): Promise<string[]>;
  /** The first UID without $seen among the first `within` messages. */
  firstUnseen(mailboxId: MailboxId, within: number): Promise<number | undefined>;
  headings(mailboxId: MailboxId, pick: PlacePick, needs: HeadingNeeds): Promise<Heading[]>;
  /** Of these messages; 0 when there is none. */
  highestModseq(mailboxId: MailboxId, pick: PlacePick): Promise<ModSeq>;
  /** UIDs that left the mailbox after `since`. */
  expungedSince(mailboxId: MailboxId, since: ModSeq): Promise<{ uid: number; modseq: ModSeq }[]>;

  /** Whether this account may read these bytes: an email's message or an upload of its own. */
  holdsBlob(hash: BlobHash): Promise<{ type: string; size: number } | undefined>;
  submissions(ids?: readonly SubmissionId[]): Promise<Submission[]>;
}

export interface AccountWriter extends AccountReader {
  readonly tx: Tx;
  /** Names NFC; @throws mail.mailbox_exists, mail.mailbox_name_invalid, mail.mailbox_parent_missing, mail.mailbox_loop, mail.too_many_mailboxes */
  createMailbox(mailbox: {
    name: string;
    parentId?: MailboxId | null;
    role?: MailboxRole | null;
    sortOrder?: number;
    isSubscribed?: boolean;
  }): Promise<Mailbox>;
  updateMailbox(
    id: MailboxId,
    change: {
      name?: string;
      parentId?: MailboxId | null;
      sortOrder?: number;
      isSubscribed?: boolean;
      role?: MailboxRole | null;
    },
  ): Promise<void>;
  /** @throws mail.mailbox_has_child, mail.mailbox_has_email (unless removeEmails), mail.mailbox_has_role */
  destroyMailbox(id: MailboxId, options?: { removeEmails?: boolean }): Promise<void>;
  /** UIDs below this were told to somebody. No change that anybody hears of. */
  tellRecent(id: MailboxId, below: number): Promise<void>;

  /** Records the blob too. @throws mail.over_quota, mail.mailbox_not_found */
  append(
    message: PreparedMessage,
    options: {
      mailboxIds: readonly MailboxId[];
      keywords?: readonly string[];
      receivedAt?: Millis;
      ignoreQuota?: boolean;
    },
  ): Promise<Appended>;
  /** Emails of this thread whose Message-ID is `messageId`, received since then, oldest first. */
  sameMessageId(threadId: ThreadId, messageId: string, since: Millis): Promise<{ emailId: EmailId; hash: BlobHash }[]>;
  /** Emails of this mailbox that were handed in since then, newest first. */
  submittedSince(mailboxId: MailboxId, since: Millis): Promise<{ emailId: EmailId; uid: number; hash: BlobHash }[]>;
  /** Same bytes, own flags (IMAP COPY). In UID order of the source. */
  copy(emailIds: readonly EmailId[], to: MailboxId): Promise<Appended[]>;
  /** Patches keywords; returns the emails that really changed. */
  setKeywords(
    emailIds: readonly EmailId[],
    patch: { set?: readonly string[]; add?: readonly string[]; remove?: readonly string[] },
  ): Promise<EmailId[]>;
  setDeleted(mailboxId: MailboxId, uids: ArrayLike<number>, deleted: boolean): Promise<void>;
  /** Membership after the call; empty is refused (destroy instead). UIDs in new mailboxes are returned. */
  setMailboxes(emailId: EmailId, mailboxIds: readonly MailboxId[]): Promise<Map<MailboxId, number>>;
  /** IMAP MOVE: out of one, into another, in UID order. */
  move(from: MailboxId, uids: ArrayLike<number>, to: MailboxId): Promise<{ uid: number; newUid: number }[]>;
  destroyEmails(emailIds: readonly EmailId[]): Promise<EmailId[]>;
  /** Takes \Deleted places (of `uids` if given) out; an email without place is destroyed. @returns the UIDs gone. */
  expunge(mailboxId: MailboxId, uids?: ArrayLike<number>): Promise<number[]>;

  recordUpload(blob: StagedBlob, type: string, expiresAt: Millis): Promise<void>;
  createSubmission(submission: Omit<Submission, 'id'>): Promise<Submission>;
  updateSubmission(id: SubmissionId, change: Partial<Pick<Submission, 'undoStatus' | 'outboundId'>>): Promise<void>;
  /** Forgets the submission; the message and its queue are untouched. @throws mail.submission_not_found */
  destroySubmission(id: SubmissionId): Promise<void>;
}

export interface Appended {
  emailId: EmailId;
  threadId: ThreadId;
  /** The thread was there before. */
  joined: boolean;
  uids: Map<MailboxId, number>;
}

/** Parsed and staged once; may be appended to any number of accounts, each in its own or one common unit of work. */
export interface PreparedMessage {
  readonly blob: StagedBlob;
  readonly derived: DerivedMessage;
  /** These bytes were here before: their rows are renewed, not written. */
  readonly isKnown?: true;
  /** Set by the caller before append when the signature was checked (src/signing). */
  verdict: unknown;
  /** Set by the caller too: goes into the unit that stores these bytes, such as the job that looks for the verdict later. */
  whenStored?: (tx: Tx) => Promise<void>;
}

export interface Finding {
  finding: string;
  accountId?: AccountId;
}

export interface Mailstore {
  /** Makes the account with its role mailboxes (names Vietnamese, see glossary). */
  createAccount(tx: Tx, account: { kind: AccountKind; quotaBytes: number }): Promise<AccountId>;
  setAccount(tx: Tx, id: AccountId, change: { status?: 'active' | 'disabled'; quotaBytes?: number }): Promise<void>;
  /** Stores large bytes, derives structure and text. Never throws for odd bytes. */
  prepare(bytes: Uint8Array): Promise<PreparedMessage>;
  /** The same of something that is not stored. What ends every thread that takes it apart is one part. */
  takeApart(bytes: Uint8Array): Promise<DerivedMessage>;
  read(accountId: AccountId): AccountReader;
  write<T>(accountId: AccountId, unit: (writer: AccountWriter) => Promise<T>): Promise<T>;
  /** For delivery to many accounts in one unit of work: ask in ascending account id (PostgreSQL locks in that order). */
  writerIn(tx: Tx, accountId: AccountId): Promise<AccountWriter>;
  /** Messages whose UID is told before they are stored. */
  readonly promised: Promised;
  /** A message that was accepted, into the mailbox of this role or else the inbox; the quota was asked before. In the order of accounts as well. */
  deliver(
    tx: Tx,
    accountId: AccountId,
    message: PreparedMessage,
    role: MailboxRole,
    /** What it counts and logs is written by `flush`, which must follow: once for all that come for an account. */
    options?: { flushLater?: boolean },
  ): Promise<Appended>;
  /** Before the unit of work ends. */
  flush(tx: Tx): Promise<void>;
  /** Sets the verdict of these bytes and marks every email that has them as updated. */
  setVerdict(tx: Tx, hash: BlobHash, verdict: unknown, at: Millis): Promise<AccountId[]>;
  /** A registered document was recognised in these bytes: `hasDocument` holds, and their emails are updated. */
  setHasDocument(tx: Tx, hash: BlobHash): Promise<AccountId[]>;
  /** Emails with these bytes, over all accounts. */
  holders(hash: BlobHash): Promise<{ accountId: AccountId; emailId: EmailId }[]>;
  derived(hash: BlobHash): Promise<Omit<DerivedMessage, 'text'> | undefined>;
  /** The verdict of each of these messages; null while it waits for a key; unknown bytes are absent. */
  verdicts(hashes: readonly BlobHash[]): Promise<Map<BlobHash, unknown>>;
  /** Told after the commit. */
  subscribe(accountId: AccountId, listener: () => void): () => void;
  readonly indexing: Indexing;
  /** Ends what runs beside: indexing, threads. */
  stop(): Promise<unknown>;
  /** blobs <-> rows <-> change log <-> counters; one sentence per finding. */
  check(options?: { deep?: boolean }): AsyncIterable<Finding>;
  /** Mends what can be computed anew: counters, derived rows, the search index. One sentence for each thing mended. */
  repair(): AsyncIterable<Finding>;
  /** After a restore. Unless it is the very moment of the snapshot, clients must forget what they knew; texts are indexed anew. */
  cameBack(tx: Tx, options: { sameMoment: boolean }): Promise<void>;
  /** Forgets log and tombstones up to `upTo`; who asks for older changes is told to begin anew. */
  pruneChanges(tx: Tx, accountId: AccountId, upTo: ModSeq): Promise<void>;
  /** Of every account whose log grew too long; the newest `keep` steps (states, MODSEQs) stay. @returns how many accounts */
  pruneLongLogs(keep: number): Promise<number>;
  /** Before the blobs are swept: drops uploads that ran out and derived rows that no email has and none renewed since `before`. */
  sweep(before: Millis): Promise<number>;
  /** Which of these blobs mail still needs. */
  referenced(hashes: BlobHash[]): Promise<Set<BlobHash>>;
}

export const accountTopic = (id: AccountId): string => `account:${id}`;
export type { Address };

/**
 * Mail. Every table's key begins with the account; ids are integers counted within the account.
 * `messages` is the exception: derived data of the bytes, shared by all accounts that hold them.
 */
import type { AccountId, BlobHash, EmailId, MailboxId, ModSeq, SubmissionId, ThreadId } from '../../base/ids.ts';
import type { Kit } from '../kit.ts';

export type AccountKind = 'person' | 'unit' | 'title';
export type ChangeType = 'Mailbox' | 'Email' | 'Thread' | 'EmailSubmission' | 'Identity';
/** `counts`: only the counters of a mailbox moved (RFC 8621 §2.2 updatedProperties). */
export type ChangeAction = 'created' | 'updated' | 'counts' | 'destroyed';

export const mailTables = (k: Kit) => ({
  accounts: k.table('accounts', {
    id: k.id('id').$type<AccountId>(),
    kind: k.text('kind').$type<AccountKind>().notNull(),
    status: k.text('status').$type<'active' | 'disabled'>().notNull(),
    modseq: k.int('modseq').$type<ModSeq>().notNull(),
    /** Changes at or below this modseq were pruned from the log. */
    changesFloor: k.int('changes_floor').$type<ModSeq>().notNull(),
    nextMailboxId: k.int('next_mailbox_id').notNull(),
    nextEmailId: k.int('next_email_id').notNull(),
    nextThreadId: k.int('next_thread_id').notNull(),
    nextSubmissionId: k.int('next_submission_id').notNull(),
    quotaBytes: k.int('quota_bytes').notNull(),
    usedBytes: k.int('used_bytes').notNull(),
    emailCount: k.int('email_count').notNull(),
    /** The newest UIDVALIDITY given out; the next one is greater, whatever the clock does. */
    lastUidValidity: k.int('last_uid_validity').notNull(),
    createdAt: k.int('created_at').notNull(),
  }),
  mailboxes: k.table(
    'mailboxes',
    {
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      id: k.int('id').$type<MailboxId>().notNull(),
      parentId: k.int('parent_id').$type<MailboxId>(),
      /** NFC; unique among siblings (RFC 8621 §2). */
      name: k.text('name').notNull(),
      role: k.text('role'),
      sortOrder: k.int('sort_order').notNull(),
      isSubscribed: k.bool('is_subscribed').notNull(),
      uidValidity: k.int('uid_validity').notNull(),
      uidNext: k.int('uid_next').notNull(),
      /** The first UID of which no IMAP session was told: what lies from here on is \\Recent to the next (RFC 3501 §2.3.2). */
      recentUid: k.int('recent_uid').notNull(),
      totalEmails: k.int('total_emails').notNull(),
      unreadEmails: k.int('unread_emails').notNull(),
      totalBytes: k.int('total_bytes').notNull(),
      highestModseq: k.int('highest_modseq').$type<ModSeq>().notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.accountId, t.id] })],
  ),
  emails: k.table(
    'emails',
    {
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      id: k.int('id').$type<EmailId>().notNull(),
      blobHash: k.text('blob_hash').$type<BlobHash>().notNull(),
      threadId: k.int('thread_id').$type<ThreadId>().notNull(),
      size: k.int('size').notNull(),
      receivedAt: k.int('received_at').notNull(),
      /** Bits: 1 $seen, 2 $flagged, 4 $answered, 8 $draft, 16 $forwarded. */
      flags: k.int('flags').notNull(),
      /** Other keywords, lower case, sorted. */
      keywords: k.json<string[]>('keywords').notNull(),
      createdModseq: k.int('created_modseq').$type<ModSeq>().notNull(),
      modseq: k.int('modseq').$type<ModSeq>().notNull(),
      /** Under which email id the text is indexed: its own, or that of the email it was copied from. */
      searchId: k.int('search_id').$type<EmailId>().notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.accountId, t.id] }),
      k.index('emails_thread').on(t.accountId, t.threadId),
      k.index('emails_received').on(t.accountId, t.receivedAt, t.id),
      k.index('emails_blob').on(t.blobHash, t.accountId),
      k.index('emails_search').on(t.accountId, t.searchId),
    ],
  ),
  emailMailboxes: k.table(
    'email_mailboxes',
    {
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      mailboxId: k.int('mailbox_id').$type<MailboxId>().notNull(),
      uid: k.int('uid').notNull(),
      emailId: k.int('email_id').$type<EmailId>().notNull(),
      receivedAt: k.int('received_at').notNull(),
      /** When it came into this mailbox (RFC 8514). */
      savedAt: k.int('saved_at').notNull(),
      /** IMAP \Deleted belongs to the place, not to the email: it must not follow it elsewhere. */
      deleted: k.bool('deleted').notNull(),
      /** CONDSTORE mod-sequence of this place: moves with flags and membership. */
      modseq: k.int('modseq').$type<ModSeq>().notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.accountId, t.mailboxId, t.uid] }),
      k.uniqueIndex('email_mailboxes_email').on(t.accountId, t.emailId, t.mailboxId),
      k.index('email_mailboxes_received').on(t.accountId, t.mailboxId, t.receivedAt, t.emailId),
      k.index('email_mailboxes_modseq').on(t.accountId, t.mailboxId, t.modseq),
    ],
  ),
  /** Keywords beside the usual ones that an email of the account has or had: FLAGS of SELECT, without reading every email. */
  accountKeywords: k.table(
    'account_keywords',
    {
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      keyword: k.text('keyword').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.accountId, t.keyword] })],
  ),
  expunged: k.table(
    'expunged',
    {
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      mailboxId: k.int('mailbox_id').$type<MailboxId>().notNull(),
      uid: k.int('uid').notNull(),
      modseq: k.int('modseq').$type<ModSeq>().notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.accountId, t.mailboxId, t.uid] }),
      k.index('expunged_modseq').on(t.accountId, t.mailboxId, t.modseq),
    ],
  ),
  changes: k.table(
    'changes',
    {
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      type: k.text('type').$type<ChangeType>().notNull(),
      modseq: k.int('modseq').$type<ModSeq>().notNull(),
      objectId: k.int('object_id').notNull(),
      action: k.text('action').$type<ChangeAction>().notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.accountId, t.type, t.modseq, t.objectId] })],
  ),
  /** Derived from the bytes, rebuilt at will (rule 6). One row per distinct message. */
  messages: k.table('messages', {
    // Small columns first: a list query must not walk the overflow pages of the large ones.
    hash: k.text('hash').$type<BlobHash>().primaryKey(),
    size: k.int('size').notNull(),
    /** Version of the code that derived this row. */
    derivedVersion: k.int('derived_version').notNull(),
    sentAt: k.int('sent_at'),
    hasAttachment: k.bool('has_attachment').notNull(),
    /** A part claims, or is known to be, a registered document. */
    hasDocument: k.bool('has_document').notNull(),
    /** The verdict is "whole". */
    isSigned: k.bool('is_signed').notNull(),
    verdictAt: k.int('verdict_at'),
    /** Renewed by each append, so that a sweep sees what is in use. */
    createdAt: k.int('created_at').notNull(),
    subject: k.text('subject').notNull(),
    /** Folded, for sorting: base subject; display name or address of the first From and To. */
    sortSubject: k.text('sort_subject').notNull(),
    sortFrom: k.text('sort_from').notNull(),
    sortTo: k.text('sort_to').notNull(),
    /** Folded, for substring conditions: subject; names and addresses. */
    subjectText: k.text('subject_text').notNull(),
    fromText: k.text('from_text').notNull(),
    toText: k.text('to_text').notNull(),
    ccText: k.text('cc_text').notNull(),
    bccText: k.text('bcc_text').notNull(),
    /** Every id in Message-ID, In-Reply-To and References once, separated by spaces. */
    messageIds: k.text('message_ids').notNull(),
    /** Verdict of src/signing/types.ts with its evidence; null while it waits for a key from outside. */
    verdict: k.json<unknown>('verdict'),
    /** DerivedMessage of src/message/types.ts without its text and the two columns below. */
    derived: k.packedJson<unknown>('derived').notNull(),
    imapEnvelope: k.text('imap_envelope').notNull(),
    imapBodyStructure: k.text('imap_body_structure').notNull(),
  }),
  /** The bridge to documents: the hash of each attachment's decoded bytes. */
  messageAttachments: k.table(
    'message_attachments',
    {
      messageHash: k.text('message_hash').$type<BlobHash>().notNull(),
      part: k.text('part').notNull(),
      contentHash: k.text('content_hash').$type<BlobHash>().notNull(),
      name: k.text('name'),
      type: k.text('type').notNull(),
      size: k.int('size').notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.messageHash, t.part] }),
      k.index('message_attachments_content').on(t.contentHash),
    ],
  ),
  /** What of a message is searched, deflated, for the last look at what the index found; one row per distinct message. */
  messageTexts: k.table('message_texts', {
    hash: k.text('hash').$type<BlobHash>().primaryKey(),
    text: k.blob('text').notNull(),
  }),
  /**
   * How far an account's emails are in the text index: every search id up to this one is. What an account has beyond it is
   * pending, so a delivery writes nothing for the index. Beside the account's row, which deliveries lock.
   */
  searchStates: k.table('search_states', {
    accountId: k.int('account_id').$type<AccountId>().primaryKey(),
    indexedTo: k.int('indexed_to').$type<EmailId>().notNull(),
  }),
  threadRefs: k.table(
    'thread_refs',
    {
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      /** First 24 hex digits of SHA-256 over a Message-ID and the base subject: both must agree (RFC 8621 §3). */
      ref: k.text('ref').notNull(),
      threadId: k.int('thread_id').$type<ThreadId>().notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.accountId, t.ref, t.threadId] }),
      k.index('thread_refs_thread').on(t.accountId, t.threadId),
    ],
  ),
  uploads: k.table(
    'uploads',
    {
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      hash: k.text('hash').$type<BlobHash>().notNull(),
      type: k.text('type').notNull(),
      size: k.int('size').notNull(),
      expiresAt: k.int('expires_at').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.accountId, t.hash] })],
  ),
  submissions: k.table(
    'submissions',
    {
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      id: k.int('id').$type<SubmissionId>().notNull(),
      /** Who pressed send: the delegate, for a unit mailbox. */
      sentBy: k.int('sent_by'),
      identityId: k.text('identity_id').notNull(),
      emailId: k.int('email_id').$type<EmailId>().notNull(),
      threadId: k.int('thread_id').$type<ThreadId>().notNull(),
      envelope: k.json<unknown>('envelope').notNull(),
      sendAt: k.int('send_at').notNull(),
      undoStatus: k.text('undo_status').$type<'pending' | 'final' | 'canceled'>().notNull(),
      outboundId: k.int('outbound_id'),
    },
    (t) => [k.primaryKey({ columns: [t.accountId, t.id] }), k.index('submissions_email').on(t.accountId, t.emailId)],
  ),
});

/**
 * Mail. Every table's key begins with the account (docs/architecture.md, rule 5); ids are integers counted within the account.
 * `messages` is the exception: derived data of the bytes, shared by all accounts that hold them.
 */
import type { AccountId, BlobHash, EmailId, MailboxId, ModSeq, SubmissionId, ThreadId } from '../../base/ids.ts';
import type { Kit } from '../kit.ts';

export type AccountKind = 'person' | 'unit' | 'title';
export type ChangeType = 'Mailbox' | 'Email' | 'Thread' | 'EmailSubmission' | 'Identity';
/** `counts`: only the counters of a mailbox moved (RFC 8621 §2.2 updatedProperties). */
export type ChangeAction = 'created' | 'updated' | 'counts' | 'destroyed';

export const mailTables = (k: Kit) => ({
  accounts: k.table(
    'accounts',
    {
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
      createdAt: k.int('created_at').notNull(),
    },
  ),
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
    },
    (t) => [
      k.primaryKey({ columns: [t.accountId, t.id] }),
      k.index('emails_thread').on(t.accountId, t.threadId),
      k.index('emails_received').on(t.accountId, t.receivedAt),
      k.index('emails_blob').on(t.blobHash, t.accountId),
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
      /** IMAP \Deleted belongs to the place, not to the email: it must not follow it elsewhere. */
      deleted: k.bool('deleted').notNull(),
      /** CONDSTORE mod-sequence of this place: moves with flags and membership. */
      modseq: k.int('modseq').$type<ModSeq>().notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.accountId, t.mailboxId, t.uid] }),
      k.uniqueIndex('email_mailboxes_email').on(t.accountId, t.emailId, t.mailboxId),
      k.index('email_mailboxes_received').on(t.accountId, t.mailboxId, t.receivedAt),
      k.index('email_mailboxes_modseq').on(t.accountId, t.mailboxId, t.modseq),
    ],
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
  messages: k.table(
    'messages',
    {
      hash: k.text('hash').$type<BlobHash>().primaryKey(),
      size: k.int('size').notNull(),
      /** Version of the code that derived this row. */
      derivedVersion: k.int('derived_version').notNull(),
      /** DerivedMessage of src/message/types.ts without the three columns below. */
      derived: k.json<unknown>('derived').notNull(),
      imapEnvelope: k.text('imap_envelope').notNull(),
      imapBodyStructure: k.text('imap_body_structure').notNull(),
      subject: k.text('subject').notNull(),
      sentAt: k.int('sent_at'),
      hasAttachment: k.bool('has_attachment').notNull(),
      /** Verdict of src/signing/types.ts with its evidence; null while it waits for a key from outside. */
      verdict: k.json<unknown>('verdict'),
      verdictAt: k.int('verdict_at'),
      createdAt: k.int('created_at').notNull(),
    },
  ),
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
    (t) => [k.primaryKey({ columns: [t.messageHash, t.part] }), k.index('message_attachments_content').on(t.contentHash)],
  ),
  threadRefs: k.table(
    'thread_refs',
    {
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      /** First 24 hex digits of SHA-256 over Message-ID. */
      ref: k.text('ref').notNull(),
      threadId: k.int('thread_id').$type<ThreadId>().notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.accountId, t.ref, t.threadId] })],
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

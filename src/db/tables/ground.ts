/** Bytes, jobs, secrets, audit. */
import type { BlobHash } from '../../base/ids.ts';
import type { Kit } from '../kit.ts';

export type JobState = 'waiting' | 'failed';

export const groundTables = (k: Kit) => ({
  blobs: k.table('blobs', {
    /** SHA-256 of the content; how it is stored is the affair of src/blobs. */
    hash: k.text('hash').$type<BlobHash>().primaryKey(),
    /** Octets of the content. */
    size: k.int('size').notNull(),
    /** How many other blobs its stored form names; they are in `blob_parts`. */
    parts: k.int('parts').notNull(),
    /** Renewed whenever it is recorded again, so that a sweep sees what is in use. */
    createdAt: k.int('created_at').notNull(),
    /** The stored form, last: who asks for the rest need not walk it. Null: in the folder or in S3. */
    data: k.blob('data'),
  }),
  /** The content that a blob cannot be read without: files of a message. */
  blobParts: k.table(
    'blob_parts',
    {
      hash: k.text('hash').$type<BlobHash>().notNull(),
      contentHash: k.text('content_hash').$type<BlobHash>().notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.hash, t.contentHash] }), k.index('blob_parts_content').on(t.contentHash)],
  ),
  secrets: k.table('secrets', {
    name: k.text('name').primaryKey(),
    sealed: k.blob('sealed').notNull(),
    createdAt: k.int('created_at').notNull(),
  }),
  /** Small settings that the program itself keeps (installation id, certification fingerprint). */
  facts: k.table('facts', { name: k.text('name').primaryKey(), value: k.json<unknown>('value').notNull() }),
  jobs: k.table(
    'jobs',
    {
      id: k.id('id'),
      queue: k.text('queue').notNull(),
      /** At most one waiting job per (queue, key); null: any number. */
      uniqueKey: k.text('unique_key'),
      payload: k.json<unknown>('payload').notNull(),
      state: k.text('state').$type<JobState>().notNull(),
      runAt: k.int('run_at').notNull(),
      attempts: k.int('attempts').notNull(),
      leaseUntil: k.int('lease_until'),
      /** Random; whoever holds it runs the job. A worker whose lease went to another can no longer finish it. */
      leaseToken: k.text('lease_token'),
      /** Asked for again (by key) while it ran: it runs once more at this time. */
      againAt: k.int('again_at'),
      lastError: k.text('last_error'),
      createdAt: k.int('created_at').notNull(),
    },
    (t) => [k.index('jobs_due').on(t.queue, t.state, t.runAt), k.uniqueIndex('jobs_unique').on(t.queue, t.uniqueKey)],
  ),
  auditLog: k.table(
    'audit_log',
    {
      id: k.id('id'),
      at: k.int('at').notNull(),
      /** "official:12", "key:3", "system", "cli". */
      actor: k.text('actor').notNull(),
      action: k.text('action').notNull(),
      object: k.text('object').notNull(),
      details: k.json<Record<string, unknown>>('details').notNull(),
      /** SHA-256 over the previous row's hash and this row: a changed or missing row breaks the chain. */
      hash: k.text('hash').notNull(),
    },
    (t) => [k.index('audit_at').on(t.at)],
  ),
  /** Mail on its way out: one row per accepted message, one per recipient below. */
  outboundMessages: k.table('outbound_messages', {
    id: k.id('id'),
    accountId: k.int('account_id'),
    returnPath: k.text('return_path').notNull(),
    blobHash: k.text('blob_hash').$type<BlobHash>().notNull(),
    size: k.int('size').notNull(),
    smtpUtf8: k.bool('smtp_utf8').notNull(),
    /** RFC 3461 ENVID and RET. */
    envId: k.text('env_id'),
    ret: k.text('ret').$type<'FULL' | 'HDRS'>(),
    createdAt: k.int('created_at').notNull(),
    expiresAt: k.int('expires_at').notNull(),
  }),
  outboundRecipients: k.table(
    'outbound_recipients',
    {
      id: k.id('id'),
      outboundId: k.int('outbound_id').notNull(),
      address: k.text('address').notNull(),
      domain: k.text('domain').notNull(),
      state: k.text('state').$type<'queued' | 'delivered' | 'failed' | 'expired'>().notNull(),
      attempts: k.int('attempts').notNull(),
      nextAt: k.int('next_at').notNull(),
      /** The peer's last words, one line: "451 4.7.1 Try again later". */
      lastReply: k.text('last_reply'),
      /** The host that took it, and the TLS version or null for clear text. */
      deliveredTo: k.text('delivered_to'),
      tls: k.text('tls'),
      doneAt: k.int('done_at'),
      /** RFC 3461 NOTIFY ("NEVER", or words joined by ",") and ORCPT. */
      notify: k.text('notify'),
      orcpt: k.text('orcpt'),
      delayReported: k.bool('delay_reported').notNull(),
    },
    (t) => [
      k.index('outbound_recipients_message').on(t.outboundId),
      k.index('outbound_recipients_state').on(t.state, t.nextAt),
    ],
  ),
});

// What drizzle-kit reads to write the SQLite migrations.
import { schemaFor } from './schema.ts';

export const tables = schemaFor('sqlite');
export const { blobs, blobParts, secrets, facts, jobs, auditLog, outboundMessages, outboundRecipients } = tables;
export const {
  accounts,
  mailboxes,
  emails,
  emailMailboxes,
  accountKeywords,
  expunged,
  changes,
  messages,
  messageAttachments,
  searchStates,
  messageTexts,
  threadRefs,
  uploads,
  submissions,
} = tables;
export const {
  units,
  officials,
  posts,
  addresses,
  titleMailboxes,
  delegates,
  grants,
  credentials,
  appPasswords,
  sessions,
  apiKeys,
  signingKeys,
  signingKeyIds,
  signedMessages,
  outsideKeys,
} = tables;
export const {
  registers,
  documents,
  documentFiles,
  documentRecipients,
  documentLinks,
  documentDeliveries,
  webhooks,
  webhookEvents,
} = tables;

/** Every method we have; any other is unknownMethod (RFC 8620 §3.6.2). */
import type { Method } from './context.ts';
import { coreEcho } from './core/echo.ts';
import { blobAssemble } from './blob/assemble.ts';
import { blobCopy } from './blob/copy.ts';
import { emailChanges } from './email/changes.ts';
import { emailCopy } from './email/copy.ts';
import { emailGet } from './email/get.ts';
import { emailImport } from './email/import.ts';
import { emailParse } from './email/parse.ts';
import { emailQueryChanges } from './email/query-changes.ts';
import { emailQuery } from './email/query.ts';
import { emailSet } from './email/set.ts';
import { emailSubmissionChanges } from './email-submission/changes.ts';
import { emailSubmissionGet } from './email-submission/get.ts';
import { emailSubmissionQueryChanges } from './email-submission/query-changes.ts';
import { emailSubmissionQuery } from './email-submission/query.ts';
import { emailSubmissionSet } from './email-submission/set.ts';
import { identityChanges } from './identity/changes.ts';
import { identityGet } from './identity/get.ts';
import { identitySet } from './identity/set.ts';
import { mailboxChanges } from './mailbox/changes.ts';
import { mailboxGet } from './mailbox/get.ts';
import { mailboxQueryChanges } from './mailbox/query-changes.ts';
import { mailboxQuery } from './mailbox/query.ts';
import { mailboxSet } from './mailbox/set.ts';
import { searchSnippetGet } from './search-snippet/get.ts';
import { threadChanges } from './thread/changes.ts';
import { threadGet } from './thread/get.ts';

export const methods: Readonly<Record<string, Method>> = {
  'Core/echo': coreEcho,
  'Blob/copy': blobCopy,
  'congvu:Blob/assemble': blobAssemble,
  'Mailbox/get': mailboxGet,
  'Mailbox/changes': mailboxChanges,
  'Mailbox/query': mailboxQuery,
  'Mailbox/queryChanges': mailboxQueryChanges,
  'Mailbox/set': mailboxSet,
  'Thread/get': threadGet,
  'Thread/changes': threadChanges,
  'Email/get': emailGet,
  'Email/changes': emailChanges,
  'Email/query': emailQuery,
  'Email/queryChanges': emailQueryChanges,
  'Email/set': emailSet,
  'Email/copy': emailCopy,
  'Email/import': emailImport,
  'Email/parse': emailParse,
  'SearchSnippet/get': searchSnippetGet,
  'Identity/get': identityGet,
  'Identity/changes': identityChanges,
  'Identity/set': identitySet,
  'EmailSubmission/get': emailSubmissionGet,
  'EmailSubmission/changes': emailSubmissionChanges,
  'EmailSubmission/query': emailSubmissionQuery,
  'EmailSubmission/queryChanges': emailSubmissionQueryChanges,
  'EmailSubmission/set': emailSubmissionSet,
};

/** The batches that the store sends; each is one round trip through back-references (RFC 8620 §3.7). */
import type { Invocation } from './client.ts';
import type { EmailCondition, Id } from './types.ts';

export const LIST_PROPERTIES = [
  'id', 'threadId', 'mailboxIds', 'keywords', 'from', 'to', 'subject', 'receivedAt', 'preview', 'size',
  'hasAttachment', 'attachments', 'congvu:verdict', 'congvu:documents',
]; // prettier-ignore
export const BODY_PROPERTIES = [
  'id', 'blobId', 'messageId', 'inReplyTo', 'references', 'cc', 'bcc', 'replyTo', 'sentAt', 'textBody', 'htmlBody',
  'attachments', 'bodyValues', 'congvu:authentication', 'congvu:lostParts',
]; // prettier-ignore
export const PART_PROPERTIES = [
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'header:X-CongVu-Document:asText',
];

export interface Query {
  accountId: Id;
  filter: EmailCondition;
  /** A mailbox shows threads; a search shows messages. */
  collapseThreads: boolean;
}
export const queryKey = (query: Query): string =>
  JSON.stringify([query.accountId, query.filter, query.collapseThreads]);

const queryArgs = (query: Query): Record<string, unknown> => ({
  accountId: query.accountId,
  filter: query.filter,
  sort: [{ property: 'receivedAt', isAscending: false }],
  collapseThreads: query.collapseThreads,
});
const ref = (resultOf: string, name: string, path: string): Record<string, string> => ({ resultOf, name, path });

/** RFC 8621 §4.10: a window of rows with everything needed to draw them. */
export function windowCalls(query: Query, position: number, limit: number): Invocation[] {
  const { accountId } = query;
  return [
    ['Email/query', { ...queryArgs(query), position, limit, calculateTotal: true }, 'query'],
    ['Email/get', { accountId, '#ids': ref('query', 'Email/query', '/ids'), properties: ['threadId'] }, 'ids'],
    ['Thread/get', { accountId, '#ids': ref('ids', 'Email/get', '/list/*/threadId') }, 'threads'],
    [
      'Email/get',
      {
        accountId,
        '#ids': ref('threads', 'Thread/get', '/list/*/emailIds'),
        properties: LIST_PROPERTIES,
        bodyProperties: ['partId', 'type'],
      },
      'emails',
    ],
  ];
}

/** Everything that happened since the states we hold, and the rows that belong to it. */
export function syncCalls(accountId: Id, since: { mailbox: string; email: string }): Invocation[] {
  const emails = (of: string): Record<string, unknown> => ({
    accountId,
    '#ids': ref('emailChanges', 'Email/changes', of),
    properties: LIST_PROPERTIES,
    bodyProperties: ['partId', 'type'],
  });
  return [
    ['Mailbox/changes', { accountId, sinceState: since.mailbox }, 'mailboxChanges'],
    ['Mailbox/get', { accountId, '#ids': ref('mailboxChanges', 'Mailbox/changes', '/created') }, 'mailboxCreated'],
    ['Mailbox/get', { accountId, '#ids': ref('mailboxChanges', 'Mailbox/changes', '/updated') }, 'mailboxUpdated'],
    ['Email/changes', { accountId, sinceState: since.email, maxChanges: 200 }, 'emailChanges'],
    ['Email/get', emails('/created'), 'emailCreated'],
    ['Email/get', emails('/updated'), 'emailUpdated'],
    ['Thread/get', { accountId, '#ids': ref('emailCreated', 'Email/get', '/list/*/threadId') }, 'threads'],
  ];
}

export function queryChangesCall(query: Query, sinceQueryState: string): Invocation {
  return [
    'Email/queryChanges',
    { ...queryArgs(query), sinceQueryState, calculateTotal: true, maxChanges: 200 },
    'queryChanges',
  ];
}

export function bodyCall(accountId: Id, ids: Id[]): Invocation {
  return [
    'Email/get',
    {
      accountId,
      ids,
      properties: BODY_PROPERTIES,
      bodyProperties: PART_PROPERTIES,
      fetchTextBodyValues: true,
      fetchHTMLBodyValues: true,
      maxBodyValueBytes: 2_000_000,
    },
    'bodies',
  ];
}

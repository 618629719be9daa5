/** What an Email/get or Email/parse asks for (RFC 8621 §4.2, §4.9), checked. */
import * as v from 'valibot';

import { knowsOfficial, type MethodContext } from '../context.ts';
import { unsignedInt } from '../core/arguments.ts';
import { MethodError } from '../core/errors.ts';
import { parseHeaderProperty, type HeaderProperty } from './header-forms.ts';

export const metadataProperties = ['id', 'blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt'] as const;
export const headerProperties = [
  'messageId',
  'inReplyTo',
  'references',
  'sender',
  'from',
  'to',
  'cc',
  'bcc',
  'replyTo',
  'subject',
  'sentAt',
] as const;
export const officialProperties = [
  'congvu:verdict',
  'congvu:authentication',
  'congvu:documents',
  'congvu:lostParts',
] as const;
const bodyProperties = [
  'bodyStructure',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
  'hasAttachment',
  'preview',
] as const;
const known: ReadonlySet<string> = new Set([...metadataProperties, ...headerProperties, ...bodyProperties, 'headers']);
const official: ReadonlySet<string> = new Set(officialProperties);

/** RFC 8621 §4.2, "If omitted, this defaults to". */
const defaultGet = [
  ...[
    'id',
    'blobId',
    'threadId',
    'mailboxIds',
    'keywords',
    'size',
    'receivedAt',
    'messageId',
    'inReplyTo',
    'references',
    'sender',
    'from',
  ],
  ...[
    'to',
    'cc',
    'bcc',
    'replyTo',
    'subject',
    'sentAt',
    'hasAttachment',
    'preview',
    'bodyValues',
    'textBody',
    'htmlBody',
    'attachments',
  ],
];
/** RFC 8621 §4.9. */
const defaultParse = [
  ...[
    'messageId',
    'inReplyTo',
    'references',
    'sender',
    'from',
    'to',
    'cc',
    'bcc',
    'replyTo',
    'subject',
    'sentAt',
    'hasAttachment',
  ],
  ...['preview', 'bodyValues', 'textBody', 'htmlBody', 'attachments'],
];
const partProperties = [
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
];
const knownPart: ReadonlySet<string> = new Set([...partProperties, 'headers', 'subParts']);

export const bodyEntries = {
  bodyProperties: v.optional(v.nullable(v.array(v.string()))),
  fetchTextBodyValues: v.optional(v.boolean(), false),
  fetchHTMLBodyValues: v.optional(v.boolean(), false),
  fetchAllBodyValues: v.optional(v.boolean(), false),
  maxBodyValueBytes: v.optional(unsignedInt, 0),
};
interface BodyArguments {
  properties: string[] | null;
  bodyProperties?: string[] | null | undefined;
  fetchTextBodyValues: boolean;
  fetchHTMLBodyValues: boolean;
  fetchAllBodyValues: boolean;
  maxBodyValueBytes: number;
}

export interface EmailRequest {
  properties: ReadonlySet<string>;
  headers: HeaderProperty[];
  partProperties: ReadonlySet<string>;
  partHeaders: HeaderProperty[];
  fetchText: boolean;
  fetchHtml: boolean;
  fetchAll: boolean;
  /** Octets; always set: 0 in the arguments means our own limit. */
  maxBodyValueBytes: number;
}

/** @throws MethodError invalidArguments */
export function emailRequest(context: MethodContext, args: BodyArguments, method: 'get' | 'parse'): EmailRequest {
  const asked = args.properties ?? (method === 'get' ? defaultGet : defaultParse);
  const names = new Set<string>(method === 'get' ? ['id'] : []);
  const headers: HeaderProperty[] = [];
  for (const name of asked) {
    if (name.startsWith('header:')) headers.push(readHeaderProperty(name));
    else if (known.has(name) || (official.has(name) && knowsOfficial(context) && method === 'get')) names.add(name);
    else throw new MethodError('invalidArguments', `unknown property: ${name.slice(0, 100)}`);
  }
  const parts = new Set<string>();
  const partHeaders: HeaderProperty[] = [];
  for (const name of args.bodyProperties ?? partProperties) {
    if (name.startsWith('header:')) partHeaders.push(readHeaderProperty(name));
    else if (knownPart.has(name)) parts.add(name);
    else throw new MethodError('invalidArguments', `unknown body property: ${name.slice(0, 100)}`);
  }
  const most = context.settings.maxBodyValueBytes;
  return {
    properties: names,
    headers,
    partProperties: parts,
    partHeaders,
    fetchText: args.fetchTextBodyValues,
    fetchHtml: args.fetchHTMLBodyValues,
    fetchAll: args.fetchAllBodyValues,
    maxBodyValueBytes: args.maxBodyValueBytes === 0 ? most : Math.min(args.maxBodyValueBytes, most),
  };
}

function readHeaderProperty(name: string): HeaderProperty {
  const parsed = parseHeaderProperty(name);
  if (!parsed) throw new MethodError('invalidArguments', `not a header property: ${name.slice(0, 100)}`);
  return parsed;
}

const fromDerived = [
  ...headerProperties.filter((p) => p !== 'subject'),
  ...bodyProperties.filter((p) => p !== 'hasAttachment'),
];

/** Whether the rows of the list are enough, or what was derived from the bytes is needed too. */
export function needsDerived({ properties, headers }: EmailRequest): boolean {
  return (
    headers.length > 0 ||
    properties.has('headers') ||
    properties.has('congvu:authentication') ||
    properties.has('congvu:lostParts') ||
    fromDerived.some((p) => properties.has(p))
  );
}

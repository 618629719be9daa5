/**
 * The finished message of the composer. Invariants:
 * - every body is quoted-printable or base64, so that no relay has reason to touch the signed part (RFC 3156 §3);
 * - no line exceeds 76 characters, none ends in white space;
 * - Bcc is never written.
 */
import { base64Lines, concat, CRLF, quotedPrintable, utf8 } from './encode.ts';
import {
  addresses,
  dateField,
  encodedWords,
  fold,
  messageIds,
  plainText,
  unstructured,
  withParameters,
} from './header.ts';
import {
  MailBuildError,
  type BuiltMessage,
  type Entity,
  type HeaderLine,
  type InlineImage,
  type OutgoingAttachment,
  type OutgoingMessage,
} from './types.ts';

export interface BuildLimits {
  /** Octets of all attachments and images before encoding. */
  attachmentBytes: number;
  recipients: number;
}
export const defaultBuildLimits: BuildLimits = { attachmentBytes: 50 * 1024 * 1024, recipients: 1000 };

export function buildMessage(message: OutgoingMessage, limits: BuildLimits = defaultBuildLimits): BuiltMessage {
  const files = [...(message.attachments ?? []), ...(message.inlineImages ?? [])];
  if (files.reduce((sum, file) => sum + file.bytes.length, 0) > limits.attachmentBytes) {
    throw new MailBuildError('too_large', 'the attachments are too large for one message');
  }
  if (message.to.length + (message.cc?.length ?? 0) > limits.recipients)
    throw new MailBuildError('too_large', 'too many recipients');
  return { header: headerOf(message), body: contentOf(message) };
}

function headerOf(message: OutgoingMessage): HeaderLine[] {
  const header: HeaderLine[] = [addresses('From', [message.from])];
  // RFC 5322 §3.6.2: Sender only when it says something that From does not.
  if (message.sender && message.sender.email.toLowerCase() !== message.from.email.toLowerCase())
    header.push(addresses('Sender', [message.sender]));
  if (message.replyTo?.length) header.push(addresses('Reply-To', message.replyTo));
  // RFC 5322 §3.6.3: an empty group says that all recipients are blind, and gives the signature a To to cover.
  header.push(message.to.length > 0 ? addresses('To', message.to) : { name: 'To', value: 'undisclosed-recipients:;' });
  if (message.cc?.length) header.push(addresses('Cc', message.cc));
  header.push(unstructured('Subject', message.subject), dateField(message.date, message.zone));
  header.push(messageIds('Message-ID', [message.messageId]));
  if (message.inReplyTo?.length) header.push(messageIds('In-Reply-To', message.inReplyTo));
  if (message.references?.length) header.push(messageIds('References', message.references));
  header.push({ name: 'MIME-Version', value: '1.0' });
  return header;
}

function contentOf(message: OutgoingMessage): Entity {
  const readable = readableOf(message);
  if (!message.attachments?.length) return readable;
  return multipart('mixed', [readable, ...message.attachments.map(attachmentOf)]);
}

function readableOf(message: OutgoingMessage): Entity {
  const text = textOf('plain', message.text);
  if (message.html === undefined) return text;
  const html = textOf('html', message.html);
  const images = message.inlineImages ?? [];
  return multipart('alternative', [
    text,
    images.length > 0 ? multipart('related', [html, ...images.map(imageOf)], [['type', 'text/html']]) : html,
  ]);
}

function textOf(subtype: 'plain' | 'html', text: string): Entity {
  return {
    header: [
      withParameters('Content-Type', `text/${subtype}`, [['charset', 'utf-8']]),
      { name: 'Content-Transfer-Encoding', value: 'quoted-printable' },
    ],
    body: { kind: 'leaf', chunks: [quotedPrintable(text)] },
  };
}

/** The last path component, as a receiver would have to make it anyway. */
function fileName(name: string): string {
  const base = plainText(name).split(/[/\\]/).pop() ?? '';
  return base === '' || base === '.' || base === '..' ? 'tep-dinh-kem' : base.slice(-200);
}

function mediaType(type: string): string {
  const plain = type.trim().toLowerCase();
  // RFC 2046 §5.2.1, §5.1.1: these may not be base64, so they travel as a file.
  if (!/^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/.test(plain) || /^(message|multipart)\//.test(plain))
    return 'application/octet-stream';
  return plain;
}

function attachmentOf(attachment: OutgoingAttachment): Entity {
  const name = fileName(attachment.name);
  const header = [
    withParameters('Content-Type', mediaType(attachment.type), [['name', name]]),
    withParameters('Content-Disposition', 'attachment', [['filename', name]]),
    { name: 'Content-Transfer-Encoding', value: 'base64' },
  ];
  if (attachment.documentIdentifier) header.push(documentField(attachment.documentIdentifier));
  return { header, body: { kind: 'leaf', chunks: [base64Lines(attachment.bytes)] } };
}

/** Lets another installation recognise the document; it lies inside the signed part. */
function documentField(identifier: string): HeaderLine {
  const value = plainText(identifier);
  const plain = /^[\x21-\x7e]{1,50}$/.test(value) && !value.includes('=?');
  return fold('X-CongVu-Document', plain ? [value] : encodedWords(value));
}

function imageOf(image: InlineImage): Entity {
  const name = fileName(image.name);
  const type = mediaType(image.type);
  return {
    header: [
      withParameters('Content-Type', type, [['name', name]]),
      withParameters('Content-Disposition', 'inline', [['filename', name]]),
      messageIds('Content-ID', [image.contentId]),
      { name: 'Content-Transfer-Encoding', value: 'base64' },
    ],
    body: { kind: 'leaf', chunks: [base64Lines(image.bytes)] },
  };
}

export function multipart(
  subtype: string,
  parts: Entity[],
  parameters: readonly (readonly [string, string])[] = [],
): Entity {
  const boundary = newBoundary();
  return {
    header: [withParameters('Content-Type', `multipart/${subtype}`, [['boundary', boundary], ...parameters])],
    body: { kind: 'multipart', boundary, parts },
  };
}

/** "=_" occurs in no quoted-printable and no base64 body (RFC 2045 §6.7). */
function newBoundary(): string {
  const random = crypto.getRandomValues(new Uint8Array(15));
  return `=_${[...random].map((octet) => octet.toString(36).padStart(2, '0')).join('')}`;
}

/** The entity's octets; no line end after the last line. */
export function writeEntity(entity: Entity): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  collect(entity, chunks);
  return concat(chunks);
}

function collect(entity: Entity, chunks: Uint8Array[]): void {
  chunks.push(utf8(writeHeader(entity.header) + CRLF));
  if (entity.body.kind === 'leaf') {
    chunks.push(...entity.body.chunks);
    return;
  }
  const { boundary, parts } = entity.body;
  parts.forEach((part, i) => {
    chunks.push(utf8(`${i > 0 ? CRLF : ''}--${boundary}${CRLF}`));
    collect(part, chunks);
  });
  chunks.push(utf8(`${CRLF}--${boundary}--${CRLF}`));
}

export function writeHeader(header: readonly HeaderLine[]): string {
  return header.map(({ name, value }) => `${name}:${value === '' ? '' : ` ${value}`}${CRLF}`).join('');
}

/** The message without signature: drafts, and mail of people who have no key yet. */
export function unsignedMessage(message: OutgoingMessage): Uint8Array<ArrayBuffer> {
  const { header, body } = buildMessage(message);
  return concat([
    writeEntity({ header: [...header, ...body.header], body: body.body }),
    utf8(body.body.kind === 'leaf' ? CRLF : ''),
  ]);
}

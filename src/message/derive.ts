/** Everything that lists, threads, IMAP and the index need of a message, computed once from its bytes. */
import { sha256 } from '../base/bytes.ts';
import { clean } from '../base/text.ts';

import { baseSubject } from './base-subject.ts';
import { decodePart, decodePartTextAndProblem, headerOf } from './content.ts';
import { decodeHeaderText, findField } from './header.ts';
import { htmlToText } from './html-text.ts';
import { imapBodyStructure, imapEnvelope } from './imap-structure.ts';
import { decomposeBody, type BodyLists } from './jmap-body.ts';
import { parseMessage } from './parse.ts';
import {
  defaultMessageLimits,
  type AttachmentInfo,
  type DerivedMessage,
  type MessageLimits,
  type ParsedMessage,
  type Part,
} from './types.ts';
import { tidy } from './words.ts';

/** Grows when the same bytes would give better derived data: stored data of an older version is derived again. */
export const DERIVED_VERSION = 1;
const PREVIEW = 256;
/** Characters of the text in which a preview is looked for: mostly the first lines have it, below a quotation it comes late. */
const NEAR = 512;
const PREVIEWED = 8192;
const MAX_ATTACHMENTS = 500;
/** Names a registered document (issue of Công Vụ installations among themselves); our own field on the attachment's part. */
export const DOCUMENT_FIELD = 'X-CongVu-Document';

/** @param contents filled with the decoded content of each attachment, for whoever goes on to need it */
export function deriveMessage(
  bytes: Uint8Array,
  limits: MessageLimits = defaultMessageLimits,
  contents?: Map<string, Uint8Array>,
): DerivedMessage {
  const parsed = parseMessage(bytes, limits);
  return deriveParsed(bytes, parsed, limits, contents);
}

export function deriveParsed(
  bytes: Uint8Array,
  parsed: ParsedMessage,
  limits: MessageLimits = defaultMessageLimits,
  contents?: Map<string, Uint8Array>,
): DerivedMessage {
  const { root, summary, size } = parsed;
  const body = decomposeBody(root);
  const files = body.attachments.filter((part) => !isSignature(part));
  return {
    version: DERIVED_VERSION,
    size,
    summary,
    root,
    preview: previewOf((most) => readableText(bytes, body, Math.min(limits.text, most))),
    hasAttachment: files.some((part) => !isShownInPlace(part) && !isEmbedded(part, body) && !isForPrograms(part)),
    attachments: files.slice(0, MAX_ATTACHMENTS).map((part) => attachmentInfo(bytes, part, limits, contents)),
    baseSubject: baseSubject(summary.subject).text,
    imapEnvelope: imapEnvelope(parsed.header, parsed.people),
    imapBodyStructure: imapBodyStructure(root),
  };
}

/** RFC 3156 §5, RFC 8551 §3.5: a detached signature is looked at by us, not offered as a file. */
export function isSignature(part: Part): boolean {
  return part.type === 'application' && /^(?:pgp-signature|(?:x-)?pkcs7-signature)$/.test(part.subtype);
}

/** RFC 8621 §4.1.4 leaves inline parts out. Apple Mail calls PDF files inline: what no reader shows in a text is a file. */
function isShownInPlace(part: Part): boolean {
  return part.disposition === 'inline' && /^(?:text|image|audio|video)$/.test(part.type);
}

/** RFC 8621 §4.1.4: an image that the HTML shows in place is no file to the reader. */
function isEmbedded(part: Part, body: BodyLists): boolean {
  return (
    part.type === 'image' &&
    part.contentId !== undefined &&
    part.disposition !== 'attachment' &&
    body.htmlBody.some((html) => html.subtype === 'html')
  );
}

/** RFC 8621 §4.1.4: parts that programs read: reports (RFC 3464, 8098) and invitations (RFC 6047) shown as such. */
function isForPrograms(part: Part): boolean {
  if (part.disposition === 'attachment' || part.filename) return false;
  return /^(?:message\/(?:global-)?(?:delivery-status|disposition-notification|headers)|text\/(?:rfc822-headers|calendar))$/.test(
    `${part.type}/${part.subtype}`,
  );
}

function attachmentInfo(
  bytes: Uint8Array,
  part: Part,
  limits: MessageLimits,
  contents: Map<string, Uint8Array> | undefined,
): AttachmentInfo {
  const content = decodePart(bytes, part);
  contents?.set(part.path, content);
  const info: AttachmentInfo = {
    part: part.path,
    contentHash: sha256(content),
    name: part.filename ?? null,
    type: `${part.type}/${part.subtype}`,
    size: content.length,
  };
  const field = findField(headerOf(bytes, part, limits), DOCUMENT_FIELD);
  const document = field && documentIdentifier(field.raw);
  if (document) info.document = document;
  return info;
}

/** `identifier`, `"identifier"` or `identifier; …`, encoded words and all. */
function documentIdentifier(raw: string): string {
  const text = decodeHeaderText(raw);
  return (/^"([^"]*)"/.exec(text)?.[1] ?? text.replace(/;.*$/s, '')).trim().slice(0, 500);
}

/** What a reader reads of a message, capped. */
export function messageText(bytes: Uint8Array, root: Part, most = defaultMessageLimits.text): string {
  return readableText(bytes, decomposeBody(root), most);
}

/** RFC 8621 §4.1.4 textBody in order: plain text as it is, HTML as its text. */
export function readableText(bytes: Uint8Array, body: BodyLists, most: number): string {
  const pieces: string[] = [];
  let left = most;
  for (const part of body.textBody) {
    if (part.type !== 'text' || left <= 0) continue;
    const isHtml = part.subtype === 'html';
    // UTF-8 needs up to 3 octets for a Vietnamese letter, HTML a good deal more around it.
    const { text } = decodePartTextAndProblem(bytes, part, left * (isHtml ? 16 : 4));
    const readable = clean(isHtml ? htmlToText(text, left) : text.slice(0, left)).trim();
    if (readable === '') continue;
    pieces.push(readable);
    left -= readable.length;
  }
  return pieces.join('\n\n');
}

/** RFC 8621 §4.1.4 preview: plain text of at most 256 characters; quoted lines and dashes say nothing to a reader. */
function previewOf(read: (most: number) => string): string {
  const first = ownWords(read(NEAR));
  // What ends where the text was cut may look different with more: a row of dashes, a mark above a letter.
  if (first.length >= PREVIEW + 8) return cut(first, PREVIEW);
  const text = read(PREVIEWED);
  const near = ownWords(text.slice(0, 2048));
  const own = near.length >= PREVIEW || text.length <= 2048 ? near : ownWords(text);
  return cut(own || tidy(text.slice(0, 2048)), PREVIEW);
}

function ownWords(head: string): string {
  const own = head.includes('>')
    ? head
        .split('\n')
        .filter((line) => !/^\s*>/.test(line))
        .join('\n')
    : head;
  return tidy(own.slice(0, 2048).replace(/[-_=*~]{4,}/g, ' '));
}

/** Cut without splitting a surrogate pair. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}

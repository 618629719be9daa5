/** The octets of parts: raw slices for IMAP (RFC 3501 §6.4.5), decoded content (RFC 2045 §6, RFC 3516) and text. */
import { decodeText, latin1, type DecodedText } from './charset.ts';
import { readHeaderFields } from './header-fields.ts';
import { partByPath } from './part.ts';
import { decodeBase64, decodeQuotedPrintable, decodeUuencode } from './transfer-encodings.ts';
import { defaultMessageLimits, type HeaderField, type MessageLimits, type Part } from './types.ts';

export { partByPath } from './part.ts';

export function rawBody(bytes: Uint8Array, part: Part): Uint8Array {
  return bytes.subarray(part.bodyStart, part.bodyEnd);
}

export function headerOf(bytes: Uint8Array, part: Part, limits: MessageLimits = defaultMessageLimits): HeaderField[] {
  return readHeaderFields(bytes, part.headerStart, part.bodyStart, limits);
}

/** The header block of a part, blank line included, one char per octet. */
export function rawHeader(bytes: Uint8Array, part: Part): string {
  return latin1(bytes, part.headerStart, part.bodyStart);
}

/**
 * Content with its transfer encoding undone. An unknown encoding leaves the octets as they are.
 * @param most octets of content that are wanted: about so many of the first are decoded, if there are more
 */
export function decodePart(bytes: Uint8Array, part: Part, most = Infinity): Uint8Array {
  const body = firstOf(rawBody(bytes, part), part.encoding, most);
  // RFC 2045 §6.4: multiparts and messages are never encoded as a whole.
  if (part.parts || part.message) return body;
  switch (part.encoding) {
    case 'base64':
      return decodeBase64(body);
    case 'quoted-printable':
      return decodeQuotedPrintable(body, most + 4);
    case 'x-uuencode':
    case 'uuencode':
    case 'x-uue':
    case 'uue':
      return decodeUuencode(body);
    default:
      return body;
  }
}

/** So many encoded octets hold one of content, unless somebody fills them with line ends. */
const ENCODED = 4;

function firstOf(body: Uint8Array, encoding: string, most: number): Uint8Array {
  if (encoding !== 'base64' && encoding !== 'quoted-printable') return body;
  let end = most * ENCODED;
  if (body.length <= end) return body;
  // RFC 2045 §6.7: "=E1" and "=" CRLF stay whole.
  const mark = encoding === 'base64' ? -1 : body.subarray(end - 2, end).indexOf(61);
  if (mark >= 0) end += mark - 2;
  return body.subarray(0, end);
}

const KNOWN_ENCODINGS = new Set([
  '7bit',
  '8bit',
  'binary',
  'base64',
  'quoted-printable',
  'x-uuencode',
  'uuencode',
  'x-uue',
  'uue',
]);

/** What has parts or is a message has no encoding of its own (RFC 2045 §6.4). */
export const isDecodable = (part: Part): boolean =>
  part.parts !== undefined || part.message !== undefined || KNOWN_ENCODINGS.has(part.encoding);

/** RFC 9051 §6.4.5 BINARY[part]: `unknownEncoding` is answered with NO [UNKNOWN-CTE]. */
export function binarySection(bytes: Uint8Array, root: Part, path: string): Uint8Array | 'unknownEncoding' | undefined {
  if (path === '') return bytes;
  const part = partByPath(root, path);
  if (part === undefined) return undefined;
  return isDecodable(part) ? decodePart(bytes, part) : 'unknownEncoding';
}

/** Text of a text part, line ends as LF (RFC 8621 §4.1.4 bodyValues). */
export function decodePartText(bytes: Uint8Array, part: Part): string {
  return decodePartTextAndProblem(bytes, part).text;
}

/** `problem` is JMAP's isEncodingProblem (RFC 8621 §4.1.4). */
export function decodePartTextAndProblem(bytes: Uint8Array, part: Part, most = Infinity): DecodedText {
  const whole = decodePart(bytes, part, most);
  const isCut = whole.length > most || part.bodyEnd - part.bodyStart > most * ENCODED;
  const octets = isCut ? withoutHalfCharacter(whole.subarray(0, most)) : whole;
  const decoded = decodeText(
    octets,
    part.params['charset'] || (part.subtype === 'html' ? htmlCharset(octets) : undefined),
  );
  const unknown = !KNOWN_ENCODINGS.has(part.encoding);
  return { text: withLineFeeds(decoded.text), problem: decoded.problem || unknown };
}

/** Half a character of UTF-8 (RFC 3629 §3) at the end would make all of the text another charset's. */
function withoutHalfCharacter(octets: Uint8Array): Uint8Array {
  let lead = octets.length - 1;
  while (lead > octets.length - 4 && ((octets[lead] ?? 0) & 0xc0) === 0x80) lead--;
  const first = octets[lead] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return lead + length > octets.length ? octets.subarray(0, Math.max(0, lead)) : octets;
}

function withLineFeeds(text: string): string {
  if (!text.includes('\r')) return text;
  const pairs = text.replaceAll('\r\n', '\n');
  return pairs.includes('\r') ? pairs.replaceAll('\r', '\n') : pairs;
}

/** HTML without a charset in its header may name one in a meta element near its start. */
function htmlCharset(octets: Uint8Array): string | undefined {
  return /<meta[^>]{1,200}charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(
    latin1(octets, 0, Math.min(octets.length, 1024)),
  )?.[1];
}

/** BODY[section] of IMAP, parsed. */
export interface BodySection {
  /** "" or "1.2". */
  path: string;
  kind: 'all' | 'header' | 'headerFields' | 'headerFieldsNot' | 'text' | 'mime';
  /** Names for the two headerFields kinds. */
  fields?: string[];
}

/** undefined: the message has no such section, the answer is NIL (RFC 3501 §6.4.5). */
export function bodySection(bytes: Uint8Array, root: Part, section: BodySection): Uint8Array | undefined {
  const part = partByPath(root, section.path);
  if (part === undefined) return undefined;
  const top = section.path === '';
  if (section.kind === 'all') return top ? bytes : rawBody(bytes, part);
  if (section.kind === 'mime') return top ? undefined : bytes.subarray(part.headerStart, part.bodyStart);
  // RFC 9051 §6.4.5: HEADER and TEXT with a part number only for message/rfc822 and message/global.
  const message = top ? root : part.message?.root;
  if (message === undefined) return undefined;
  if (section.kind === 'header') return bytes.subarray(message.headerStart, message.bodyStart);
  if (section.kind === 'text') return rawBody(bytes, message);
  return headerSubset(bytes, message, section.fields ?? [], section.kind === 'headerFields');
}

/** The chosen fields octet for octet, and the blank line that ends a header. */
function headerSubset(bytes: Uint8Array, part: Part, names: string[], wanted: boolean): Uint8Array {
  const chosen = new Set(names.map((name) => name.toLowerCase()));
  const pieces: Uint8Array[] = [];
  for (const field of headerOf(bytes, part)) {
    if (chosen.has(field.name.toLowerCase()) !== wanted) continue;
    pieces.push(bytes.subarray(field.start, field.end));
    if (bytes[field.end - 1] !== 10) pieces.push(Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('\r\n')]);
}

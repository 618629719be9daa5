/** A tree of parts -> the bytes of a message. */
import { randomToken } from '../../base/bytes.ts';
import { encodeParameter, headerLine } from '../../message/encode-words.ts';

export interface BuildPart {
  type: string;
  /** Header lines that the client gave. */
  extra: string[];
  name?: string;
  disposition?: string;
  cid?: string;
  language?: string[];
  location?: string;
  /** Of bytes that are text; our own text is UTF-8. */
  charset?: string;
  content:
    { kind: 'text'; value: string } | { kind: 'bytes'; bytes: Uint8Array } | { kind: 'parts'; parts: BuildPart[] };
}

/** `head`: the message's own fields, each with its CRLF. */
export function buildMessage(head: readonly string[], root: BuildPart): Uint8Array {
  return Buffer.concat([Buffer.from(`${head.join('')}MIME-Version: 1.0\r\n`, 'latin1'), ...entity(root)]);
}

function entity(part: BuildPart): Uint8Array[] {
  const { content } = part;
  const boundary = content.kind === 'parts' ? `=_${randomToken(18)}` : undefined;
  if (content.kind === 'parts') {
    return [
      ascii(fields(part, boundary, undefined)),
      ...content.parts.flatMap((child) => [ascii(`\r\n--${boundary}\r\n`), ...entity(child)]),
      ascii(`\r\n--${boundary}--\r\n`),
    ];
  }
  const body =
    content.kind === 'text' ? Buffer.from(content.value.replace(/\r\n?|\n/g, '\r\n'), 'utf8') : content.bytes;
  const encoding = encodingFor(part.type, body);
  return [ascii(fields(part, undefined, encoding)), encoding === 'base64' ? base64(body) : body];
}

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function fields(part: BuildPart, boundary: string | undefined, encoding: string | undefined): string {
  const charset = part.content.kind === 'text' ? 'utf-8' : part.type.startsWith('text/') ? part.charset : undefined;
  const name = part.name === undefined ? '' : encodeParameter('name', part.name);
  const lines = [
    ...part.extra,
    folded(
      `Content-Type: ${part.type}${charset === undefined ? '' : `; charset=${charset}`}${boundary === undefined ? '' : `; boundary="${boundary}"`}${name}`,
    ),
  ];
  if (part.disposition !== undefined || part.name !== undefined) {
    const filename = part.name === undefined ? '' : encodeParameter('filename', part.name);
    lines.push(folded(`Content-Disposition: ${part.disposition ?? 'attachment'}${filename}`));
  }
  if (part.cid !== undefined) lines.push(`Content-ID: <${part.cid}>\r\n`);
  if (part.language) lines.push(headerLine('Content-Language', part.language.join(', ')));
  if (part.location !== undefined) lines.push(headerLine('Content-Location', part.location));
  if (encoding !== undefined) lines.push(`Content-Transfer-Encoding: ${encoding}\r\n`);
  return `${lines.join('')}\r\n`;
}

/** Parameters each on a line of their own: never over 998 octets, seldom over 78. */
const folded = (line: string): string => `${line.replaceAll('; ', ';\r\n ')}\r\n`;

function encodingFor(type: string, body: Uint8Array): '7bit' | '8bit' | 'base64' {
  const plain = isPlain(body);
  // RFC 2046 §5.2.1: a message is never encoded.
  if (type === 'message/rfc822' || type === 'message/global') return plain ? '7bit' : '8bit';
  return plain && type.startsWith('text/') ? '7bit' : 'base64';
}

/** RFC 2045 §2.7: 7bit is ASCII without NUL, lines of at most 998 octets that end with CRLF. */
function isPlain(body: Uint8Array): boolean {
  let line = 0;
  for (let i = 0; i < body.length; i++) {
    const octet = body[i] ?? 0;
    if (octet === 0 || octet > 127) return false;
    if (octet === 13 && body[i + 1] !== 10) return false;
    if (octet === 10) {
      if (body[i - 1] !== 13) return false;
      line = 0;
    } else if (++line > 998) return false;
  }
  return true;
}

const OCTETS_PER_LINE = 57;

function base64(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('base64');
  return ascii(
    text.replace(new RegExp(`.{${(OCTETS_PER_LINE / 3) * 4}}`, 'g'), '$&\r\n').replace(/([^\n])$/, '$1\r\n'),
  );
}

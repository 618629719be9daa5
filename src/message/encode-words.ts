/** Text into header octets: RFC 2047 encoded words, RFC 2231 parameters, folding. Output is ASCII and free of line ends inside. */
import { tidy } from './words.ts';

/** RFC 2047 §2: a line with encoded words is at most 76 characters. "Subject: =?utf-8?B??=" takes 21 of them, 52 hold 39 octets. */
const OCTETS_PER_WORD = 39;
/** RFC 5322 §2.1.1, and RFC 2047 §2 of a line with encoded words. */
const COLUMNS = 78;
const COLUMNS_OF_WORDS = 76;

/** Phrase or unstructured text (RFC 2047 §5). Plain ASCII stays unless it would read as an encoded word. */
export function encodeText(text: string): string {
  const value = tidy(text);
  return needsEncoding(value) ? encodeWords(value).join(' ') : value;
}

/** RFC 5322 §2.1.1: a line has 998 octets at most; a longer word can only be folded when it is encoded. */
const LONG_WORD = /[^ ]{900}/;

/** The value of a field of text, which goes out in a message. */
export function encodeUnstructured(text: string): string {
  const value = tidy(text);
  return LONG_WORD.test(value) ? encodeWords(value).join(' ') : encodeText(value);
}

/** As a display name: encoded words, an atom, or a quoted string (RFC 5322 §3.2.5). */
export function encodePhrase(text: string): string {
  const value = tidy(text);
  if (needsEncoding(value) || LONG_WORD.test(value)) return encodeWords(value).join(' ');
  return /^[\w!#$%&'*+/=?^`{|}~-]+(?: [\w!#$%&'*+/=?^`{|}~-]+)*$/.test(value)
    ? value
    : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

export function encodeAddress(address: { name: string | null; email: string }): string {
  // RFC 5322 §3.2.4: within quotes they belong to the local part; without them it is somebody else's.
  const email = tidy(address.email).replace(/("(?:[^"\\]|\\.)*")|[<>\s]/g, '$1');
  return address.name ? `${encodePhrase(address.name)} <${email}>` : `<${email}>`;
}

function needsEncoding(text: string): boolean {
  return /[^\x20-\x7e]/.test(text) || text.includes('=?');
}

/** RFC 2047 §5 (3): a character is never split between words. */
export function encodeWords(text: string): string[] {
  const words: string[] = [];
  let chunk = '';
  let octets = 0;
  const flush = (): void => {
    if (chunk !== '') words.push(`=?utf-8?B?${Buffer.from(chunk, 'utf8').toString('base64')}?=`);
    chunk = '';
    octets = 0;
  };
  for (const char of text) {
    const size = Buffer.byteLength(char, 'utf8');
    if (octets + size > OCTETS_PER_WORD) flush();
    chunk += char;
    octets += size;
  }
  flush();
  return words;
}

/** One header field, folded at white space where its line would be too long and can be, CRLF at the end. */
export function headerLine(name: string, value: string): string {
  const words = value
    .replace(/[\r\n\0]+/g, ' ')
    .split(/ +/)
    .filter((word) => word !== '');
  let line = `${name}:`;
  const lines: string[] = [];
  for (const word of words) {
    const columns = word.includes('=?') || line.includes('=?') ? COLUMNS_OF_WORDS : COLUMNS;
    // The first word stays beside the name, as an empty first line confuses some.
    if (line.length + 1 + word.length > columns && line !== `${name}:`) {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  lines.push(line);
  return `${lines.join('\r\n')}\r\n`;
}

/** RFC 5322 §2.1.1: a line has 998 octets at most, and a quoted value without spaces cannot be folded. */
const QUOTED_VALUE = 200;

/** `; name="value"`, or the RFC 2231 §4 form when the value is not ASCII, is long, or would read as an encoded word. */
export function encodeParameter(name: string, value: string): string {
  const text = tidy(value);
  if (!needsEncoding(text) && text.length <= QUOTED_VALUE) return `; ${name}="${text.replace(/["\\]/g, '\\$&')}"`;
  const encoded = [...Buffer.from(text, 'utf8')].map((octet) => {
    const char = String.fromCharCode(octet);
    return /[A-Za-z0-9!#$&+.^_`{}~-]/.test(char) ? char : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  const pieces: string[] = [];
  let piece = '';
  for (const char of encoded) {
    if (piece.length + char.length > 50) {
      pieces.push(piece);
      piece = '';
    }
    piece += char;
  }
  pieces.push(piece);
  // RFC 2231 §4.1: charset and language stand in the first section only.
  if (pieces.length === 1) return `; ${name}*=utf-8''${piece}`;
  return pieces.map((part, at) => `; ${name}*${at}*=${at === 0 ? "utf-8''" : ''}${part}`).join('');
}

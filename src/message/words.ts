/** RFC 2047 encoded words: decode and clean. Linear in the length of the text. */
import { clean } from '../base/text.ts';

import { decodeCharset, fromLatin1 } from './charset.ts';
import { decodeBase64 } from './transfer-encodings.ts';

/** RFC 2047 §2, wider: spaces inside Q text occur in the wild; "?" ends a field. */
const ENCODED_WORD = /=\?([^?\s]{1,80})\?([bBqQ])\?([^?\r\n]*)\?=/g;

interface Word {
  charset: string;
  chunks: Uint8Array[];
}

/** Decodes the encoded words of an unfolded text; what is not a well-formed word stays as written. */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text;
  let out = '';
  let pending: Word | undefined;
  let end = 0;
  const flush = (): void => {
    if (pending) out += decodeCharset(Buffer.concat(pending.chunks), pending.charset);
    pending = undefined;
  };
  for (const match of text.matchAll(ENCODED_WORD)) {
    const [all, label = '', kind = '', body = ''] = match;
    const between = text.slice(end, match.index);
    const charset = label.replace(/\*.*$/, '').toLowerCase();
    const bytes = kind.toLowerCase() === 'b' ? decodeB(body) : decodeQ(body, charset);
    // RFC 2047 §6.2: white space between adjacent words vanishes. §5 (3) forbids splitting a character; many do it.
    const adjacent = pending !== undefined && between.trim() === '';
    if (pending && adjacent && pending.charset === charset) pending.chunks.push(bytes);
    else {
      flush();
      if (!adjacent) out += between;
      pending = { charset, chunks: [bytes] };
    }
    end = match.index + all.length;
  }
  flush();
  return out + text.slice(end);
}

/** Padding may sit in the middle when a generator joined two words. */
function decodeB(body: string): Uint8Array {
  return decodeBase64(fromLatin1(body));
}

/** RFC 2047 §2 wants ASCII. What stands there raw was read already: in a word of UTF-8 it becomes its octets again. */
function decodeQ(body: string, charset: string): Uint8Array {
  const unescaped = body
    .replace(/_/g, ' ')
    .replace(charset === 'utf-8' ? /[\u0080-\u{10ffff}]/gu : /[\u0100-\u{10ffff}]/gu, (char) =>
      Buffer.from(char, 'utf8').toString('latin1'),
    )
    .replace(/=([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(unescaped, 'latin1');
}

/**
 * Text fit for a line on the screen: NFC, no control characters, no bidirectional overrides (they turn
 * "gpj.exe" round), white space folded to single spaces.
 */
export function tidy(text: string): string {
  // Most addresses, ids and words of a header are this.
  if (/^(?:[!-~]+(?: [!-~]+)*)?$/.test(text)) return text;
  const plain = text.replace(/[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
  // A single space is left alone: it is most of the white space there is.
  return clean(plain.replace(/[\s\u0085]{2,}|[^\S ]|\u0085/g, ' ').trim());
}

/** RFC 5322 §2.2.3: a line end followed by white space is that white space. */
export function unfold(raw: string): string {
  if (!raw.includes('\n') && !raw.includes('\r')) return raw;
  return raw.replace(/\r?\n(?=[ \t])/g, '').replace(/[\r\n]+/g, ' ');
}

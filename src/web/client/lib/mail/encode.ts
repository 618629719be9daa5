/** Octets, base64 and quoted-printable (RFC 2045 §6.7, §6.8). Everything written is 7bit, CRLF, no trailing white space. */

export const CRLF = '\r\n';
const encoder = new TextEncoder();

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

export function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

const alphabet = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
/** 57 octets are 76 characters. */
const LINE_OCTETS = 57;

export const base64LinesLength = (octets: number): number =>
  Math.ceil(octets / 3) * 4 + Math.max(0, Math.ceil(octets / LINE_OCTETS) - 1) * 2;

/** base64 in lines of 76, the last one without its line end. */
export function base64Lines(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(base64LinesLength(bytes.length));
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    if (i > 0 && i % LINE_OCTETS === 0) {
      out[at++] = 13;
      out[at++] = 10;
    }
    at = quantum(bytes, i, out, at);
  }
  return out;
}

function quantum(bytes: Uint8Array, i: number, out: Uint8Array, at: number): number {
  const left = bytes.length - i;
  const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
  out[at] = alphabet[word >> 18] ?? 0;
  out[at + 1] = alphabet[(word >> 12) & 63] ?? 0;
  out[at + 2] = left > 1 ? (alphabet[(word >> 6) & 63] ?? 0) : 61;
  out[at + 3] = left > 2 ? (alphabet[word & 63] ?? 0) : 61;
  return at + 4;
}

export function base64(bytes: Uint8Array): string {
  return new TextDecoder().decode(base64Lines(bytes)).replaceAll(CRLF, '');
}

export const hex = (octet: number): string => octet.toString(16).toUpperCase().padStart(2, '0');

/** UTF-8 text with any line ends to quoted-printable, lines of at most 76. */
export function quotedPrintable(text: string): Uint8Array {
  const lines = text.replace(/\r\n?|\n/g, '\n').split('\n');
  return encoder.encode(lines.map(qpLine).join(CRLF));
}

function qpLine(line: string): string {
  let out = '';
  let width = 0;
  const octets = encoder.encode(line);
  octets.forEach((octet, i) => {
    const token = qpToken(octet, i === octets.length - 1);
    // RFC 2045 §6.7 (5): soft line break; its "=" is the 76th character.
    if (width + token.length > (i === octets.length - 1 ? 76 : 75)) {
      out += `=${CRLF}`;
      width = 0;
    }
    // RFC 3156 §3: "From " at the start of a line is rewritten by some relays, a lone dot eaten by others.
    const safe = width === 0 && (token === 'F' || token === '.') ? `=${hex(octet)}` : token;
    out += safe;
    width += safe.length;
  });
  return out;
}

function qpToken(octet: number, last: boolean): string {
  const blank = octet === 0x20 || octet === 0x09;
  if (blank) return last ? `=${hex(octet)}` : String.fromCharCode(octet);
  return octet > 0x20 && octet < 0x7f && octet !== 0x3d ? String.fromCharCode(octet) : `=${hex(octet)}`;
}

/**
 * Octets to text for every charset that mail names, and some that it misnames. Never throws: an unknown charset is read
 * as UTF-8 when the octets are that, else as windows-1252.
 */
import iconv from 'iconv-lite';

import { fromVni } from './vietnamese.ts';
import { guessVietnamese, type LegacyVietnamese } from './vietnamese-guess.ts';

export interface DecodedText {
  text: string;
  /** RFC 8621 §4.1.4 isEncodingProblem: unknown charset, or octets that it does not have. */
  problem: boolean;
}

/** Charsets that TextDecoder (the WHATWG list) lacks, by their name in iconv-lite. */
const ICONV: Record<string, string> = {
  tcvn: 'tcvn',
  'tcvn-5712': 'tcvn',
  tcvn5712: 'tcvn',
  'tcvn5712-1': 'tcvn',
  tcvn3: 'tcvn',
  'x-viet-tcvn5712': 'tcvn',
  'x-viet-tcvn': 'tcvn',
  viscii: 'viscii',
  'viscii1.1-1': 'viscii',
  csviscii: 'viscii',
  'x-viscii': 'viscii',
  'utf-7': 'utf-7',
  utf7: 'utf-7',
  'unicode-1-1-utf-7': 'utf-7',
  'x-unicode-2-0-utf-7': 'utf-7',
  'utf-32': 'utf-32',
  'utf-32le': 'utf-32le',
  'utf-32be': 'utf-32be',
  cp437: 'cp437',
  cp850: 'cp850',
  ibm437: 'cp437',
  ibm850: 'cp850',
  cp852: 'cp852',
  ibm852: 'cp852',
  cp858: 'cp858',
  'iso-8859-9e': 'iso88599',
};
const VNI = new Set(['vni', 'x-vni', 'x-viet-vni', 'vni-times', 'x-vni-times']);
const ASCII = new Set(['', 'us-ascii', 'ascii', 'ansi_x3.4-1968', 'iso646-us', '7bit', '8bit']);

const utf8Strict = new TextDecoder('utf-8', { fatal: true });
const utf8 = new TextDecoder('utf-8');
const windows1258 = new TextDecoder('windows-1258');
/** Node's own decoder reads windows-1252 as ISO 8859-1 (0x80–0x9F become controls), hence iconv. */
export const windows1252 = { decode: (bytes: Uint8Array): string => iconv.decode(asBuffer(bytes), 'windows-1252') };

/** RFC 2231 §5 allows a language after the charset; labels come quoted, spaced and in any case. */
function normalise(label: string | undefined): string {
  return (label ?? '')
    .replace(/\*.*$/s, '')
    .replace(/["'\s]/g, '')
    .toLowerCase();
}

export function decodeCharset(bytes: Uint8Array, label?: string): string {
  return decodeText(bytes, label).text;
}

export function decodeText(bytes: Uint8Array, label?: string): DecodedText {
  const name = normalise(label);
  if (VNI.has(name)) return { text: fromVni(windows1252.decode(bytes)), problem: false };
  const ours = Object.hasOwn(ICONV, name) ? ICONV[name] : undefined;
  if (ours !== undefined) {
    const read = iconv.decode(asBuffer(bytes), ours);
    // UTF-7 and UTF-32 can name half of a pair, which no text may hold (RFC 7493 §2.1).
    return { text: read.toWellFormed().normalize('NFC'), problem: !read.isWellFormed() };
  }
  if (ASCII.has(name)) return guess(bytes, false);
  const standard = standardDecoder(name, bytes);
  if (standard === undefined) return guess(bytes, true);
  if (standard.encoding === 'utf-8') return decodeUtf8(bytes);
  if (standard.encoding === 'windows-1252') return western(bytes, false);
  const text = standard.decode(bytes);
  // windows-1258 writes tones as combining marks; everything above expects NFC.
  return {
    text: standard.encoding === 'windows-1258' ? text.normalize('NFC') : text,
    problem: text.includes('\ufffd'),
  };
}

/** Whether octets of this charset that are well-formed UTF-8 are read as that, whatever else they may be. */
export function isReadAsUtf8(label: string | undefined): boolean {
  const name = normalise(label);
  return name === 'utf-8' || name === 'utf8' || ASCII.has(name);
}

function standardDecoder(name: string, bytes: Uint8Array): TextDecoder | undefined {
  // WHATWG reads a bare "utf-16" as little-endian; a byte order mark says otherwise.
  const label = name === 'utf-16' && bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : name;
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

/** No usable label: UTF-8 is recognised by its own structure, everything else is read as windows-1252. */
function guess(bytes: Uint8Array, problem: boolean): DecodedText {
  const text = strictUtf8(bytes);
  return text === undefined ? western(bytes, true) : { text, problem };
}

/** Read as windows-1252, unless the octets are plainly Vietnamese of an older kind. */
function western(bytes: Uint8Array, problem: boolean): DecodedText {
  if (isAscii(bytes)) return { text: windows1252.decode(bytes), problem };
  // Western text is never well-formed UTF-8 by chance: somebody only labelled it wrong.
  const utf = strictUtf8(bytes);
  if (utf !== undefined) return { text: utf, problem: true };
  const charset = guessVietnamese(bytes, decodeLegacy);
  return charset === undefined
    ? { text: windows1252.decode(bytes), problem }
    : { text: decodeLegacy(bytes, charset), problem: true };
}

function decodeLegacy(bytes: Uint8Array, charset: LegacyVietnamese | 'windows-1252'): string {
  if (charset === 'windows-1252') return windows1252.decode(bytes);
  if (charset === 'vni') return fromVni(windows1252.decode(bytes));
  if (charset === 'windows-1258') return windows1258.decode(bytes).normalize('NFC');
  return iconv.decode(asBuffer(bytes), charset).normalize('NFC');
}

function isAscii(bytes: Uint8Array): boolean {
  for (const octet of bytes) if (octet > 127) return false;
  return true;
}

function strictUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8Strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Said to be UTF-8 and is not: cut-off UTF-8 keeps its good characters, a wrong label is read as windows-1252. */
function decodeUtf8(bytes: Uint8Array): DecodedText {
  const text = utf8.decode(bytes);
  if (!text.includes('\ufffd')) return { text, problem: false };
  if (strictUtf8(bytes) !== undefined) return { text, problem: false };
  let bad = 0;
  let good = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0xfffd) bad++;
    else if (code > 0x7f) good++;
  }
  return { text: bad > good ? western(bytes, true).text : text, problem: true };
}

export function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One char per octet, for header fields that are read octet by octet. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return asBuffer(bytes).toString('latin1', start, end);
}

export function fromLatin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** Raw 8-bit header text (RFC 6532 §3.1 allows UTF-8; older software wrote whatever it had). */
export function decodeRaw(raw: string): string {
  return /[\x80-\xff]/.test(raw) ? decodeCharset(fromLatin1(raw)) : raw;
}

/**
 * JSON in few octets without deflating: what mail repeats (names of members, types, charsets) is one octet. Four times as quick as
 * deflating what is derived from a message, for twice the room.
 *
 * A value begins with one octet:
 *   0 null · 1 false · 2 true · 3 number, a LEB128 follows · 4 the same, negative · 5 number as text · 6 string of UTF-8 ·
 *   7 string of UTF-16 (it is no Unicode text) · 8 array · 9 object · 10 the word whose number follows;
 *   0x20 + n array of n · 0x30 + n object of n members · 0x40 + n string of n octets · 0x80 + n the number n.
 * Lengths and counts are LEB128. A member is the number of its name, or 0 and the name as a value; then its value.
 */

/** By number, from 1 on; never edited, but for more at the end. At most 255. */
export const words: readonly string[] = (
  'version size summary messageId inReplyTo references from sender replyTo to cc bcc subject sentAt sentZone name email ' +
  'root path headerStart bodyStart bodyEnd type subtype params disposition dispositionParams filename contentId location language ' +
  'md5 encoding lines parts message defects preview hasAttachment attachments baseSubject part contentHash document inline ' +
  'charset boundary format delsp protocol micalg report-type method smime-type ' +
  'text plain html multipart mixed alternative related signed report encrypted application pdf octet-stream zip msword ' +
  'vnd.openxmlformats-officedocument.wordprocessingml.document vnd.openxmlformats-officedocument.spreadsheetml.sheet ' +
  'pkcs7-signature pgp-signature image png jpeg gif rfc822 delivery-status calendar attachment 7bit 8bit base64 quoted-printable ' +
  'utf-8 us-ascii iso-8859-1 windows-1252 windows-1258 flowed application/pdf application/octet-stream ' +
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document application/pkcs7-signature image/png image/jpeg ' +
  '1 2 3 4 1.1 1.2 1.3 2.1 2.2 1.1.1 1.1.2 bare-lf no-closing-boundary vi en'
).split(' ');
const numbers = new Map(words.map((word, i) => [word, i + 1]));

export const NULL = 0;
export const FALSE = 1;
export const TRUE = 2;
export const NUMBER = 3;
export const NEGATIVE = 4;
export const TEXT_NUMBER = 5;
export const UTF8 = 6;
export const UTF16 = 7;
export const ARRAY = 8;
export const OBJECT = 9;
export const WORD = 10;
export const SMALL_ARRAY = 0x20;
export const SMALL_OBJECT = 0x30;
export const SMALL_STRING = 0x40;
export const SMALL_NUMBER = 0x80;

/** One at a time writes: its result is copied out. */
let room = Buffer.allocUnsafeSlow(16 * 1024);
let at = 0;

/** @param head octets that stand before it @returns a copy of its own */
export function shortJson(value: unknown, head: readonly number[] = []): Buffer {
  at = 0;
  need(head.length);
  for (const octet of head) room[at++] = octet;
  put(value ?? null);
  const made = Buffer.from(room.subarray(0, at));
  // One huge value must not keep its room.
  if (room.length > 1_000_000) room = Buffer.allocUnsafeSlow(16 * 1024);
  return made;
}

function need(octets: number): void {
  if (at + octets <= room.length) return;
  const larger = Buffer.allocUnsafeSlow(2 * (at + octets));
  room.copy(larger, 0, 0, at);
  room = larger;
}

function put(value: unknown): void {
  need(2);
  if (typeof value === 'string') putString(value);
  else if (typeof value === 'number') putNumber(value);
  else if (typeof value === 'boolean') room[at++] = value ? TRUE : FALSE;
  else if (Array.isArray(value)) {
    putCount(value.length, SMALL_ARRAY, 16, ARRAY);
    // As JSON has it: what is undefined is null.
    for (const one of value) put(one ?? null);
  } else if (typeof value === 'object' && value !== null) putObject(value);
  else room[at++] = NULL;
}

function putObject(value: object): void {
  const members = Object.entries(value) as [string, unknown][];
  let count = 0;
  for (const [, one] of members) if (one !== undefined) count++;
  putCount(count, SMALL_OBJECT, 16, OBJECT);
  for (const [name, one] of members) {
    if (one === undefined) continue;
    const number = numbers.get(name) ?? 0;
    need(2);
    room[at++] = number;
    if (number === 0) putString(name);
    put(one);
  }
}

function putCount(count: number, small: number, below: number, long: number): void {
  need(12);
  if (count < below) {
    room[at++] = small + count;
    return;
  }
  room[at++] = long;
  putLength(count);
}

function putLength(value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) room[at++] = (rest % 0x80) | 0x80;
  room[at++] = rest;
}

function putNumber(value: number): void {
  need(12);
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    // JSON has no infinity: null.
    if (!Number.isFinite(value)) {
      room[at++] = NULL;
      return;
    }
    room[at++] = TEXT_NUMBER;
    putString(JSON.stringify(value));
  } else if (value >= 0 && value < 0x80) room[at++] = SMALL_NUMBER + value;
  else {
    room[at++] = value < 0 ? NEGATIVE : NUMBER;
    putLength(Math.abs(value));
  }
}

function putString(text: string): void {
  const number = numbers.get(text);
  if (number !== undefined) {
    need(2);
    room[at++] = WORD;
    room[at++] = number;
    return;
  }
  need(12 + 3 * text.length);
  if (text.length < 0x40 && putAscii(text)) return;
  // A half of a surrogate pair would be lost in UTF-8.
  const encoding = text.isWellFormed() ? 'utf8' : 'utf16le';
  const length = Buffer.byteLength(text, encoding);
  if (encoding === 'utf16le') {
    room[at++] = UTF16;
    putLength(length);
  } else putCount(length, SMALL_STRING, 0x40, UTF8);
  at += room.write(text, at, encoding);
}

function putAscii(text: string): boolean {
  const start = at;
  room[at++] = SMALL_STRING + text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) {
      at = start;
      return false;
    }
    room[at++] = code;
  }
  return true;
}

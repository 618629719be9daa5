/** The top header fields of raw bytes: enough to count, to take out and to put in front. Bytes of other fields stay. */

import { asBuffer, latin1 } from '../message/charset.ts';

export interface RawField {
  /** Lower case. */
  name: string;
  /** Octets [start, end), line ends included. */
  start: number;
  end: number;
}

const LF = 0x0a;
const CR = 0x0d;

/** Several look at the same message on its way in. */
const known = new WeakMap<Uint8Array, readonly RawField[]>();

export function headerFields(bytes: Uint8Array): readonly RawField[] {
  const fields = known.get(bytes) ?? fieldsOf(bytes);
  known.set(bytes, fields);
  return fields;
}

function fieldsOf(given: Uint8Array): RawField[] {
  const bytes = asBuffer(given);
  const fields: RawField[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = lineEnd(bytes, at);
    if (isBlank(bytes, at, end)) break;
    const first = bytes[at];
    const last = fields.at(-1);
    // RFC 5322 §2.2.3: a line that begins with white space continues the field before it.
    if ((first === 0x20 || first === 0x09) && last) last.end = end;
    else fields.push({ name: nameOf(bytes, at, end), start: at, end });
    at = end;
  }
  return fields;
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const lf = bytes.indexOf(LF, from);
  return lf < 0 ? bytes.length : lf + 1;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 ? bytes[start] === LF : end - start === 2 && bytes[start] === CR && bytes[start + 1] === LF;
}

function nameOf(bytes: Uint8Array, start: number, end: number): string {
  let colon = start;
  while (colon < end && bytes[colon] !== 0x3a) colon++;
  return colon === end ? '' : latin1(bytes, start, colon).trimEnd().toLowerCase();
}

/** The value, unfolded, as latin1. */
export function fieldValue(bytes: Uint8Array, field: RawField): string {
  const text = latin1(bytes, field.start, field.end);
  return text
    .slice(text.indexOf(':') + 1)
    .replace(/\r?\n(?=[ \t])/g, '')
    .trim();
}

export function withoutFields(bytes: Uint8Array, unwanted: (field: RawField) => boolean): Uint8Array {
  const gone = headerFields(bytes).filter(unwanted);
  if (gone.length === 0) return bytes;
  const kept: Uint8Array[] = [];
  let at = 0;
  for (const { start, end } of gone) {
    kept.push(bytes.subarray(at, start));
    at = end;
  }
  kept.push(bytes.subarray(at));
  return Buffer.concat(kept);
}

/**
 * RFC 5322 §3.6.3: the copies that travel carry no Bcc. RFC 8601 §5: nor results that a sender of ours wrote, which readers of ours
 * would believe; RFC 5321 §4.4: nor a Return-Path, which only the last server writes.
 */
export function travellingBytes(bytes: Uint8Array): Uint8Array {
  return withoutFields(bytes, ({ name }) => stayBehind.has(name));
}
const stayBehind = new Set(['bcc', 'resent-bcc', 'authentication-results', 'return-path']);

/** RFC 5321 §2.3.8: CR and LF come together or not at all. Where a line ends is what mail servers disagree about (smuggling). */
export function hasBareLineEnd(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) if (bytes[at - 1] !== CR) return true;
  for (let at = bytes.indexOf(CR); at >= 0; at = bytes.indexOf(CR, at + 1)) if (bytes[at + 1] !== LF) return true;
  return false;
}

/** The header block with its blank line: what a report with RET=HDRS returns. */
export function headerBlock(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, headerFields(bytes).at(-1)?.end ?? 0);
}

/** RFC 6409 §8.1, §8.2: a submission server may add a missing Date and Message-ID. */
export function completeHeader(bytes: Uint8Array, make: { date: () => string; messageId: () => string }): Uint8Array {
  const names = new Set(headerFields(bytes).map((field) => field.name));
  let front = '';
  if (!names.has('message-id')) front += `Message-ID: ${make.messageId()}\r\n`;
  if (!names.has('date')) front += `Date: ${make.date()}\r\n`;
  if (front === '') return bytes;
  // A message without any header begins with its blank line or with its text: the fields need one of their own.
  const separator = names.size === 0 && !isBlank(bytes, 0, lineEnd(bytes, 0)) ? '\r\n' : '';
  return Buffer.concat([Buffer.from(front + separator, 'latin1'), bytes]);
}

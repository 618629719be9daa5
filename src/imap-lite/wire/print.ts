/** Writing strings and names as the client reads them (RFC 9051 §9). */
import { encodeModifiedUtf7 } from './modified-utf7.ts';

/** A quoted string when it can be one, else a literal. In UTF-8 only when the client said that it takes it. */
export function string(text: string, utf8: boolean): string {
  const quotable = utf8 ? /^[^\0\r\n]*$/ : /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/;
  if (quotable.test(text) && text.length < 1000) return `"${text.replace(/[\\"]/g, '\\$&')}"`;
  return `{${Buffer.byteLength(text)}}\r\n${text}`;
}

export const nstring = (text: string | null, utf8: boolean): string => (text === null ? 'NIL' : string(text, utf8));

/** A mailbox name, which is never NIL and whose INBOX is written so. */
export function mailbox(name: string, utf8: boolean): string {
  const encoded = utf8 ? name : encodeModifiedUtf7(name);
  return /^[A-Za-z0-9/._-]+$/.test(encoded) && encoded.toUpperCase() !== 'NIL' ? encoded : string(encoded, utf8);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const DAY = 86_400_000;
const TWO = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
/** The day printed last: mail of one day stands together. */
let printedDay = { number: NaN, text: '' };

/** date-time in UTC: `"17-Jul-1996 02:44:25 +0000"`. */
export function dateTime(at: number): string {
  const number = Math.floor(at / DAY);
  if (number !== printedDay.number) printedDay = { number, text: calendarDay(at) };
  const seconds = Math.floor((at - number * DAY) / 1000);
  const two = (n: number): string => TWO[n] ?? '';
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `"${printedDay.text} ${time} +0000"`;
}

function calendarDay(at: number): string {
  const d = new Date(at);
  const day = String(d.getUTCDate()).padStart(2, ' ');
  return `${day}-${MONTHS[d.getUTCMonth()]}-${String(d.getUTCFullYear()).padStart(4, '0')}`;
}

/** Text for a person in a response: one line, printable. */
export const humanText = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ').trim() || '-';

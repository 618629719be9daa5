/** Atoms, numbers, strings, dates (RFC 9051 §9). */
import { isUtf8 } from 'node:buffer';

import { type Cursor, char, code, octets, run } from './cursor.ts';

const isCtl = (o: number): boolean => o < 0x20 || o === 0x7f;
const among = (set: string): ((o: number) => boolean) => {
  const octets = new Set([...set].map(code));
  return (o) => octets.has(o);
};
const atomSpecials = among('(){ %*"\\]');
const isAtomChar = (o: number): boolean => !isCtl(o) && o < 0x80 && !atomSpecials(o);
/** ASTRING-CHAR = ATOM-CHAR / resp-specials. Octets above 127 are let in: old clients send raw UTF-8 names. */
const isAstringChar = (o: number): boolean => isAtomChar(o) || o === code(']') || o >= 0x80;
const isListChar = (o: number): boolean => isAstringChar(o) || o === code('%') || o === code('*');
const isDigit = (o: number): boolean => o >= 0x30 && o <= 0x39;

export const atom = (c: Cursor): string | undefined => run(c, isAtomChar);
export const expectAtom = (c: Cursor): string => atom(c) ?? c.fail('a word');

/** tag = 1*<any ASTRING-CHAR except "+"> */
export const tag = (c: Cursor): string | undefined => run(c, (o) => o < 0x80 && isAstringChar(o) && o !== code('+'));

/** number, number64: up to 2^53-1, which is all that we can count. */
export function number(c: Cursor): number | undefined {
  return c.attempt(() => {
    const digits = run(c, isDigit);
    const value = digits === undefined || digits.length > 16 ? undefined : Number(digits);
    return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
  });
}
export const expectNumber = (c: Cursor): number => number(c) ?? c.fail('a number');

export function nzNumber(c: Cursor): number | undefined {
  return c.attempt(() => number(c) || undefined);
}
export const expectNzNumber = (c: Cursor): number => nzNumber(c) ?? c.fail('a number above zero');

/** quoted = DQUOTE *QUOTED-CHAR DQUOTE */
export function quoted(c: Cursor): Buffer | undefined {
  if (c.peek() !== code('"')) return undefined;
  return c.attempt(() => {
    c.at++;
    const content: number[] = [];
    for (;;) {
      let octet = c.peek();
      if (octet === -1 || octet === 0 || octet === 10 || octet === 13) return undefined;
      c.at++;
      if (octet === code('"')) return Buffer.from(content);
      if (octet === code('\\')) {
        octet = c.peek();
        if (octet !== code('"') && octet !== code('\\')) return undefined;
        c.at++;
      }
      content.push(octet);
    }
  });
}

export interface Literal {
  bytes: Buffer;
  /** literal8: `~{n}` (RFC 9051 §9). */
  binary: boolean;
}

export function literal(c: Cursor): Literal | undefined {
  return c.attempt(() => {
    const binary = char(c, '~') === true;
    if (!char(c, '{')) return undefined;
    if (run(c, isDigit) === undefined) return undefined;
    char(c, '+');
    if (!char(c, '}')) return undefined;
    char(c, '\r');
    const bytes = char(c, '\n') ? c.literals[c.nextLiteral] : undefined;
    if (!bytes) return undefined;
    c.nextLiteral++;
    return { bytes, binary };
  });
}

/** string = quoted / literal */
export const string = (c: Cursor): Buffer | undefined => quoted(c) ?? literal(c)?.bytes;
export const expectString = (c: Cursor): Buffer => string(c) ?? c.fail('a string');

/** RFC 6855 §3: what is no UTF-8 is BAD. */
function text(c: Cursor, found: Buffer | undefined): string | undefined {
  if (found && !isUtf8(found)) c.fail('UTF-8');
  return found?.toString('utf8');
}

/** astring = 1*ASTRING-CHAR / string, as text. */
export const astring = (c: Cursor): string | undefined => text(c, octets(c, isAstringChar) ?? string(c));

export const expectAstring = (c: Cursor): string => astring(c) ?? c.fail('a word or string');

/** list-mailbox = 1*list-char / string */
export const listMailbox = (c: Cursor): string | undefined => text(c, octets(c, isListChar) ?? string(c));
export const expectListMailbox = (c: Cursor): string => listMailbox(c) ?? c.fail('a mailbox pattern');

/** nstring = string / nil; null is NIL. */
export function nstring(c: Cursor): string | null | undefined {
  const text = string(c)?.toString('utf8');
  if (text !== undefined) return text;
  return c.attempt(() => (atom(c)?.toUpperCase() === 'NIL' ? null : undefined));
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Midnight UTC of a calendar day, undefined when there is no such day. */
function day(year: number, month: string, dayOfMonth: number): number | undefined {
  const index = MONTHS.indexOf(month.toLowerCase());
  const date = new Date(Date.UTC(2000, Math.max(index, 0), dayOfMonth));
  date.setUTCFullYear(year);
  return index >= 0 && date.getUTCDate() === dayOfMonth && date.getUTCMonth() === index ? date.getTime() : undefined;
}

/** date = date-text / DQUOTE date-text DQUOTE, as midnight UTC of that day. */
export function date(c: Cursor): number | undefined {
  return c.attempt(() => {
    const text = quoted(c)?.toString('latin1') ?? atom(c) ?? '';
    const [, d, m, y] = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text) ?? [];
    return m === undefined ? undefined : day(Number(y), m, Number(d));
  });
}
export const expectDate = (c: Cursor): number => date(c) ?? c.fail('a date such as 1-Feb-1994');

/** date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE, as an instant. */
export function dateTime(c: Cursor): number | undefined {
  return c.attempt(() => {
    const text = quoted(c)?.toString('latin1') ?? '';
    const found = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text);
    if (!found) return undefined;
    const [d, h, min, s, zh, zm] = [1, 4, 5, 6, 8, 9].map((i) => Number(found[i])) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const start = day(Number(found[3]), found[2] ?? '', d);
    if (start === undefined || h > 23 || min > 59 || s > 60 || zm > 59) return undefined;
    const zone = (found[7] === '-' ? -1 : 1) * (zh * 60 + zm);
    return start + ((h * 60 + min - zone) * 60 + s) * 1000;
  });
}

/** flag = "\Answered" / … / flag-keyword / "\" atom; as sent. */
export function flag(c: Cursor): string | undefined {
  return c.attempt(() => {
    const system = char(c, '\\') === true;
    const name = atom(c);
    return name === undefined ? undefined : (system ? '\\' : '') + name;
  });
}
export const expectFlag = (c: Cursor): string => flag(c) ?? c.fail('a flag');

import { describe, expect, it } from 'vitest';

import { Cursor, cursorOf, type RawCommand } from './cursor.ts';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.ts';
import * as print from './print.ts';
import { astring, date, dateTime, flag, literal, nstring, number, nzNumber, quoted, tag } from './strings.ts';

const read = <T>(rule: (c: Cursor) => T, text: string): [T, number] => {
  const c = cursorOf(text);
  return [rule(c), c.at];
};

describe('atoms, strings and numbers', () => {
  it.each([
    ['INBOX SP', 'INBOX'],
    ['a]b c', 'a]b'],
    ['"a \\"b\\" \\\\c" x', 'a "b" \\c'],
    ['""', ''],
    ['"Hồ sơ"', 'Hồ sơ'],
    ['Hồ', 'Hồ'],
    ['(x', undefined],
    ['"open', undefined],
    ['"bad\\escape"', undefined],
    ['"line\nend"', undefined],
  ])('reads the astring %j', (text, expected) => {
    const [found, at] = read(astring, text);
    expect(found).toBe(expected);
    if (expected === undefined) expect(at).toBe(0);
  });

  it('takes literals from beside the text and gives them back on a mismatch', () => {
    const command: RawCommand = {
      text: Buffer.from('{3+}\r\n {2}\r\n~{1}\r\n'),
      literals: [Buffer.from('abc'), Buffer.from('de'), Buffer.from('\0')],
    };
    const c = new Cursor(command);
    expect(c.attempt(() => (literal(c), undefined))).toBeUndefined();
    expect(literal(c)).toEqual({ bytes: Buffer.from('abc'), binary: false });
    c.at++;
    expect(literal(c)?.bytes.toString()).toBe('de');
    expect(literal(c)?.binary).toBe(true);
    expect(literal(c)).toBeUndefined();
  });

  it.each([
    ['0', 0, undefined],
    ['42)', 42, 42],
    ['9007199254740991', 9007199254740991, 9007199254740991],
    ['9007199254740993', undefined, undefined],
    ['99999999999999999999', undefined, undefined],
    ['x', undefined, undefined],
    ['-1', undefined, undefined],
  ])('reads the number %j', (text, plain, nonZero) => {
    expect(read(number, text)[0]).toBe(plain);
    expect(read(nzNumber, text)[0]).toBe(nonZero);
  });

  it.each([
    ['NIL', null],
    ['nil ', null],
    ['"NIL"', 'NIL'],
    ['NILE', undefined],
  ])('reads the nstring %j', (text, expected) => expect(read(nstring, text)[0]).toBe(expected));

  it.each([
    ['A142 X', 'A142'],
    ['+ x', undefined],
    ['a+b', 'a'],
    ['"a" x', undefined],
  ])('reads the tag %j', (text, expected) => expect(read(tag, text)[0]).toBe(expected));

  it.each([
    ['\\Seen)', '\\Seen'],
    ['$Forwarded', '$Forwarded'],
    ['\\*', undefined],
    ['\\ x', undefined],
  ])('reads the flag %j', (text, expected) => expect(read(flag, text)[0]).toBe(expected));
});

describe('dates', () => {
  it.each([
    ['1-Feb-1994', Date.UTC(1994, 1, 1)],
    ['"01-FEB-1994"', Date.UTC(1994, 1, 1)],
    ['29-Feb-2024', Date.UTC(2024, 1, 29)],
    ['29-Feb-2023', undefined],
    ['0-Jan-2023', undefined],
    ['1-Foo-2023', undefined],
    ['1-1-2023', undefined],
  ])('reads the date %s', (text, expected) => expect(read(date, text)[0]).toBe(expected));

  it.each([
    // RFC 3501 §6.3.11, §7.4.2
    ['"17-Jul-1996 02:44:25 -0700"', Date.UTC(1996, 6, 17, 9, 44, 25)],
    ['" 7-Feb-1994 21:52:25 +0700"', Date.UTC(1994, 1, 7, 14, 52, 25)],
    ['"7-Feb-1994 21:52:25 +0700"', undefined],
    ['"17-Jul-1996 24:44:25 -0700"', undefined],
    ['"31-Jun-1996 02:44:25 -0700"', undefined],
  ])('reads the date-time %s', (text, expected) => expect(read(dateTime, text)[0]).toBe(expected));

  it('prints a date-time that it reads back', () => {
    for (const at of [0, Date.UTC(1996, 6, 17, 9, 44, 25), Date.UTC(2026, 10, 2, 3)]) {
      expect(read(dateTime, print.dateTime(at))[0]).toBe(at);
    }
  });
});

describe('mailbox names in modified UTF-7', () => {
  it.each([
    // RFC 3501 §5.1.3
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'],
    ['A & B', 'A &- B'],
    ['Thư đã gửi', 'Th&AbA- &AREA4w- g&Hu0-i'],
    ['😀', '&2D3eAA-'],
    ['INBOX', 'INBOX'],
  ])('writes %s as %s and back', (name, encoded) => {
    expect(encodeModifiedUtf7(name)).toBe(encoded);
    expect(decodeModifiedUtf7(encoded)).toBe(name);
  });

  it.each(['&', '&AbA', '&A-', '&AGE-', '&AbA-&AbA-', 'Thư', '&***-', 'a\tb'])('refuses %s', (bad) => {
    expect(decodeModifiedUtf7(bad)).toBeUndefined();
  });
});

describe('printed strings', () => {
  it.each(['plain', 'with "quotes" and \\', 'Tiếng Việt', 'two\r\nlines', '', 'x'.repeat(2000)])(
    'are read back: %j',
    (text) => {
      for (const utf8 of [false, true]) {
        const printed = print.string(text, utf8);
        const [head, ...rest] = printed.split(/(?<=^\{\d+\}\r\n)/);
        const literals = rest.length > 0 ? [Buffer.from(rest.join(''))] : [];
        const c = cursorOf(head ?? '', literals);
        expect((quoted(c) ?? literal(c)?.bytes)?.toString()).toBe(text);
      }
    },
  );

  it('never lets a line end into words for people', () => {
    expect(print.humanText('a\r\n* BYE b\u0000')).toBe('a * BYE b');
  });
});

/** RFC 2045, 2046, 2047, 2231, 6532: what they say of parts, encodings and words, rule by rule. */
import { describe, expect, it } from 'vitest';

import { decodePart, decodePartText } from './content.ts';
import { decodeHeaderText } from './header.ts';
import { parseParameterized } from './params.ts';
import { parseMessage } from './parse.ts';
import { expectSoundTree } from './testing/invariants.ts';
import { bodyOf, message } from './testing/lines.ts';
import type { Part } from './types.ts';

const rootOf = (...lines: string[]): Part => parseMessage(message(...lines)).root;
const kind = ({ type, subtype }: Part): string => `${type}/${subtype}`;

describe('Content-Type (RFC 2045 §5)', () => {
  it.each([
    ['TEXT/HTML', 'text/html'],
    ['text / html', 'text/html'],
    ['text/html (a comment)', 'text/html'],
    ['(a comment) text/html; x=y', 'text/html'],
    ['text/html;', 'text/html'],
    ['application/vnd.ms-excel.sheet+xml', 'application/vnd.ms-excel.sheet+xml'],
    ['x-own/x-type', 'x-own/x-type'],
    // §5.2: what says nothing is text/plain
    ['', 'text/plain'],
    ['text', 'text/plain'],
    ['/html', 'text/plain'],
    ['text/', 'text/plain'],
    ['text html', 'text/plain'],
  ])('%j is %s', (value, expected) => expect(kind(rootOf(`Content-Type: ${value}`, '', 'x'))).toBe(expected));

  it('is text/plain where there is none, and message/rfc822 in a digest (RFC 2046 §5.1.5)', () => {
    expect(kind(rootOf('Subject: x', '', 'x'))).toBe('text/plain');
    const { parts = [] } = rootOf(
      ...[
        'Content-Type: multipart/digest; boundary=b',
        '',
        '--b',
        '',
        'Subject: a',
        '',
        'x',
        '--b',
        'Content-Type: text/plain',
        '',
        'y',
        '--b--',
      ],
    );
    expect(parts.map(kind)).toEqual(['message/rfc822', 'text/plain']);
    expect(parts[0]?.message?.summary.subject).toBe('a');
  });

  it.each<[string, Record<string, string>]>([
    ['a/b; X=1; y="2"', { x: '1', y: '2' }],
    ['a/b ; x = 1 ; y= "2 3"', { x: '1', y: '2 3' }],
    ['a/b; x="a;b=c,d"', { x: 'a;b=c,d' }],
    ['a/b; x="a\\"b\\\\"', { x: 'a"b\\' }],
    ['a/b; x=1 (one); y=(two)2', { x: '1', y: '2' }],
    ['a/b;\r\n\tx=1;\r\n y=2', { x: '1', y: '2' }],
    ['a/b; x=1; X=2', { x: '1' }],
    ['a/b; x=""', { x: '' }],
    ['a/b; x', {}],
  ])('parameters of %j', (value, params) => expect(parseParameterized(` ${value}`).params).toEqual(params));

  it.each<[string, string]>([
    // RFC 2231 §3 and §4
    ["x*=utf-8''C%C3%B4ng", 'Công'],
    ["x*=UTF-8'vi'C%c3%b4ng%20v%C4%83n", 'Công văn'],
    ["x*=iso-8859-1'en'%A3%20rates", '£ rates'],
    ['x*0*=utf-8\'\'C%C3%B4; x*1*=ng; x*2=" v%C4%83n"', 'Công v%C4%83n'],
    ['x*0=one; x*1=" two"; x*2=three', 'one twothree'],
    ["x*1*=%B4ng; x*0*=utf-8''C%C3", 'Công'],
    ["x*0*=utf-8''a; x*10*=c; x*2*=b", 'abc'],
    ["x=plain; x*=utf-8''%C4%91", 'đ'],
    ["x*=utf-8''100%", '100%'],
    ["x*=''C%C3%B4ng", 'Công'],
    ['x*=no%20quotes', 'no quotes'],
  ])('RFC 2231: %s', (text, expected) => expect(parseParameterized(` a/b; ${text}`).params['x']).toBe(expected));
});

describe('transfer encodings (RFC 2045 §6)', () => {
  const content = (encoding: string, body: string, type = 'text/plain; charset=utf-8'): string => {
    const bytes = message(`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`, '', body);
    return Buffer.from(decodePart(bytes, parseMessage(bytes).root)).toString('latin1');
  };
  it.each([
    ['7bit', 'a=41', 'a=41'],
    ['8BIT', 'a=41', 'a=41'],
    ['binary', 'a\nb\r', 'a\nb\r'],
    ['BASE64', 'YWI=', 'ab'],
    [' base64 ', 'YWI=', 'ab'],
    ['base64 (as always)', 'YWI=', 'ab'],
    ['"base64"', 'YWI=', 'ab'],
    ['Quoted-Printable', 'a=41=\r\nb', 'aAb'],
    // §6.4: of an encoding that nobody knows the octets stay
    ['x-own', 'YWI=', 'YWI='],
    ['', 'YWI=', 'YWI='],
    // §6.7: soft breaks, white space at the end of a line, lower-case digits, "=" that is none
    ['quoted-printable', 'one =\r\ntwo  \r\nthree\t\r\n', 'one two\r\nthree\r\n'],
    ['quoted-printable', '=c3=B4 = =4 =G1 ==41', '\u00c3\u00b4 = =4 =G1 =A'],
    ['quoted-printable', 'trailing=', 'trailing'],
    ['quoted-printable', '=20\r\n=09\r\n', ' \r\n\t\r\n'],
    // §6.8: line ends and other characters are passed over; padding may lack or come early
    ['base64', 'Y W\r\nI = ', 'ab'],
    ['base64', '!Y?W-I*=', 'ab'],
    ['base64', 'YWJj\r\n\r\n', 'abc'],
    ['base64', 'YWI', 'ab'],
    ['base64', 'YQ==\r\nYg==', 'ab'],
    ['base64', '', ''],
  ])('%j of %j is %j', (encoding, body, expected) => expect(content(encoding, body)).toBe(expected));

  it.each(['base64', 'quoted-printable'])('a multipart in %s is read as if it said nothing (§6.4)', (encoding) => {
    const bytes = message(
      'Content-Type: multipart/mixed; boundary=b',
      `Content-Transfer-Encoding: ${encoding}`,
      '',
      '--b',
      '',
      'a=41',
      '--b--',
    );
    expect(bodyOf(bytes, parseMessage(bytes).root.parts?.[0])).toBe('a=41');
  });

  it.each([
    ['utf-8', 'C\u00c3\u00b4ng', 'Công'],
    ['us-ascii', 'plain', 'plain'],
    ['iso-8859-1', 'Gr\u00fc\u00dfe', 'Grüße'],
    ['"ISO-8859-1"', '\u00e9', 'é'],
    ['x-unknown', 'C\u00c3\u00b4ng', 'Công'],
    ['utf-8', 'a\r\nb\nc\rd', 'a\nb\nc\nd'],
  ])('text in %s: %j is %j', (charset, octets, expected) => {
    const bytes = Buffer.from(`Content-Type: text/plain; charset=${charset}\r\n\r\n${octets}`, 'latin1');
    expect(decodePartText(bytes, parseMessage(bytes).root)).toBe(expected);
  });
});

describe('multipart (RFC 2046 §5.1)', () => {
  const bodies = (boundary: string, ...lines: string[]): string[] => {
    const bytes = message(`Content-Type: multipart/mixed; boundary=${boundary}`, '', ...lines);
    const parsed = parseMessage(bytes);
    expectSoundTree(bytes, parsed);
    return (parsed.root.parts ?? []).map((part) => bodyOf(bytes, part));
  };
  it.each<[string, string, string[], string[]]>([
    ['preamble and epilogue are no parts', 'b', ['pre', '--b', '', '1', '--b--', 'post', '--b', '', 'no'], ['1']],
    ['the line end before a delimiter is its own', 'b', ['--b', '', '1', '', '--b', '', '2', '--b--'], ['1\r\n', '2']],
    ['a part may be empty', 'b', ['--b', '', '', '--b', '', '--b--'], ['', '']],
    ['a part without a header begins with an empty line', 'b', ['--b', '', 'x: y', '--b--'], ['x: y']],
    ['white space after a delimiter is none', 'b', ['--b \t', '', '1', '--b--  '], ['1']],
    [
      'a delimiter stands at the start of its line',
      'b',
      ['--b', '', '1', ' --b', 'x--b', '--b--'],
      ['1\r\n --b\r\nx--b'],
    ],
    ['one boundary may begin another', 'b', ['--b', '', '--bb', '--b-', '--b--'], ['--bb\r\n--b-']],
    ['all characters of a boundary', `"a'()+_,-./:=? z"`, [`--a'()+_,-./:=? z`, '', '1', `--a'()+_,-./:=? z--`], ['1']],
    ['the closing one may be missing', 'b', ['--b', '', '1', '--b', '', '2'], ['1', '2']],
    ['case matters', 'bB', ['--bB', '', '1', '--bb', '--bB--'], ['1\r\n--bb']],
    ['a single part is a part', 'b', ['--b', '', '1', '--b--'], ['1']],
  ])('%s', (_, boundary, lines, expected) => expect(bodies(boundary, ...lines)).toEqual(expected));

  it.each(['alternative', 'related', 'report', 'signed', 'x-nobody-knows'])(
    'multipart/%s has parts like mixed (§5.1.7)',
    (subtype) => {
      const { parts = [] } = rootOf(
        `Content-Type: multipart/${subtype}; boundary=b`,
        '',
        '--b',
        '',
        '1',
        '--b',
        '',
        '2',
        '--b--',
      );
      expect(parts.map(({ path }) => path)).toEqual(['1', '2']);
    },
  );

  it('a message inside is read, with an encoding that leaves it as it is only (§5.2.1)', () => {
    const inside = ['', 'Subject: x', '', 'y'];
    for (const encoding of ['7bit', '8bit', 'binary'])
      expect(
        rootOf('Content-Type: message/rfc822', `Content-Transfer-Encoding: ${encoding}`, ...inside).message?.summary
          .subject,
      ).toBe('x');
    for (const encoding of ['base64', 'quoted-printable', 'x-own'])
      expect(
        rootOf('Content-Type: message/rfc822', `Content-Transfer-Encoding: ${encoding}`, ...inside).message,
      ).toBeUndefined();
  });
});

describe('encoded words (RFC 2047)', () => {
  const raw8 = (text: string): string => Buffer.from(text).toString('latin1');
  it.each([
    ['=?utf-8?q?C=C3=B4ng?=', 'Công'],
    ['=?UTF-8?B?Q8O0bmc=?=', 'Công'],
    ['=?utf-8?Q?a_b=5Fc?=', 'a b_c'],
    ['=?iso-8859-1?q?=A3?= 5', '£ 5'],
    // §6.2: white space between words goes, around them it stays
    ['=?utf-8?q?a?= =?utf-8?q?b?=', 'ab'],
    ['=?utf-8?q?a?=\r\n =?utf-8?q?b?= c', 'ab c'],
    ['x =?utf-8?q?a?= y', 'x a y'],
    ['=?utf-8?q?a_?= =?utf-8?q?b?=', 'a b'],
    ['=?utf-8?q?a?= x =?utf-8?q?b?=', 'a x b'],
    ['=?utf-8?b?xA==?= =?utf-8?b?kQ==?=', 'đ'],
    ['=?utf-8?q?a?= =?iso-8859-1?b?6Q==?=', 'aé'],
    // What is none stays as it was written
    ['=?utf-8?q?a', '=?utf-8?q?a'],
    ['=?utf-8?x?a?=', '=?utf-8?x?a?='],
    ['=?utf-8?q?', '=?utf-8?q?'],
    ['=??q?a?=', '=??q?a?='],
    ['=?utf-8?q??=', ''],
    ['a=?=b', 'a=?=b'],
    // RFC 2231 §5: a language; RFC 6532: UTF-8 as it is, also beside words
    ['=?utf-8*vi?q?C=C3=B4ng?=', 'Công'],
    ['Công văn', 'Công văn'],
    ['Công =?utf-8?q?v=C4=83n?=', 'Công văn'],
    ['Co\u0302ng', 'Công'],
  ])('%j is %j', (text, expected) => expect(decodeHeaderText(` ${raw8(text)}`)).toBe(expected));
});

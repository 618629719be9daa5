import { describe, expect, it } from 'vitest';

import {
  decodeAddresses,
  decodeAddressGroups,
  decodeDate,
  decodeHeaderText,
  decodeMessageIds,
  decodeUrls,
} from './header.ts';
import { parseParameterized } from './params.ts';
import { cpuTime } from './testing/invariants.ts';
import type { Address } from './types.ts';

const raw8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('encoded words', () => {
  // RFC 2047 §8
  it.each([
    [' (=?ISO-8859-1?Q?a?=)', '(a)'],
    [' (=?ISO-8859-1?Q?a?= b)', '(a b)'],
    [' (=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)', '(ab)'],
    [' (=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)', '(ab)'],
    [' (=?ISO-8859-1?Q?a?=\r\n =?ISO-8859-1?Q?b?=)', '(ab)'],
    [' (=?ISO-8859-1?Q?a_b?=)', '(a b)'],
    [' (=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)', '(a b)'],
    [
      ' =?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
      'If you can read this you understand the example.',
    ],
    [' =?US-ASCII?Q?Keith_Moore?=', 'Keith Moore'],
    [' =?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?=', 'Patrik Fältström'],
    // RFC 2231 §5: a language beside the charset
    [' =?US-ASCII*EN?Q?Keith_Moore?=', 'Keith Moore'],
  ])('RFC example %j is %j', (raw, text) => expect(decodeHeaderText(raw)).toBe(text));

  it.each([
    ['a character split between two words', ' =?utf-8?B?4bo=?= =?utf-8?B?oQ==?=', 'ạ'],
    ['quoted-printable split inside a character', ' =?utf-8?Q?=E1=BA?= =?utf-8?Q?=A1?=', 'ạ'],
    ['the same with the charset in another case', ' =?UTF-8?Q?=E1=BA?= =?utf-8?q?=A1?=', 'ạ'],
    ['padding in the middle', ' =?utf-8?B?QQ==QQ==?=', 'AA'],
    ['an unknown charset', ' =?x-no?Q?=E1=BA=A1?=', 'ạ'],
    ['a word without an end', ' =?utf-8?Q?abc', '=?utf-8?Q?abc'],
    ['a word inside a text', ' a=?utf-8?Q?b?=c', 'abc'],
    ['spaces inside Q', ' =?utf-8?Q?a b?=', 'a b'],
    ['NFD becomes NFC', ' =?utf-8?Q?e=CC=81?=', 'é'],
    ['raw UTF-8 beside a word', raw8(' Báo =?utf-8?Q?c=C3=A1o?='), 'Báo cáo'],
    ['raw UTF-8 inside a Q word', raw8(' =?utf-8?Q?Báo?='), 'Báo'],
    ['a folded line', ' one\r\n two', 'one two'],
    ['U+0000', ' a\0b =?utf-8?Q?c=00d?=', 'ab cd'],
    ['bidirectional override', ' =?utf-8?Q?a=E2=80=AEb?=', 'ab'],
    ['line ends smuggled in', ' =?utf-8?Q?a=0D=0ABcc:_x?=', 'a Bcc: x'],
  ])('%s', (_, raw, text) => {
    expect(decodeHeaderText(raw)).toBe(text);
    expect(decodeHeaderText(raw)).not.toMatch(/[\0\r\n]/);
  });
});

const a = (name: string | null, email: string): Address => ({ name, email });

describe('addresses', () => {
  it.each<[string, string, Address[]]>([
    // RFC 5322 Appendix A
    ['A.1.1', ' John Doe <jdoe@machine.example>', [a('John Doe', 'jdoe@machine.example')]],
    ['A.1.2', ' "Joe Q. Public" <john.q.public@example.com>', [a('Joe Q. Public', 'john.q.public@example.com')]],
    [
      'A.1.2 list',
      ' Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>',
      [a('Mary Smith', 'mary@x.test'), a(null, 'jdoe@example.org'), a('Who?', 'one@y.test')],
    ],
    [
      'A.1.2 quotes',
      ' <boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
      [a(null, 'boss@nil.test'), a('Giant; "Big" Box', 'sysservices@example.net')],
    ],
    [
      'A.6.1 route',
      ' Mary Smith <@node.test:mary@example.net>, , jdoe@test   . example',
      [a('Mary Smith', 'mary@example.net'), a(null, 'jdoe@test.example')],
    ],
    ['route of two', ' <@a.test,@b.test:x@y>, z@z', [a(null, 'x@y'), a(null, 'z@z')]],
    [
      'comment as name',
      ' nhung@a.vn (Hoàng Thị Nhung)'.replace(/[^\0-\x7f]/g, (char) => raw8(char)),
      [a('Hoàng Thị Nhung', 'nhung@a.vn')],
    ],
    ['comma inside an encoded word', ' =?utf-8?Q?L=C3=AA,_V=C4=83n?= <l@v.vn>', [a('Lê, Văn', 'l@v.vn')]],
    ['encoded word in quotes', ' "=?utf-8?Q?L=C3=AA?=" <l@v.vn>', [a('Lê', 'l@v.vn')]],
    ['quoted local part', ' "a b"@c.vn', [a(null, '"a b"@c.vn')]],
    ['name without brackets', ' Nguyen Van A a@b.vn', [a('Nguyen Van A', 'a@b.vn')]],
    ['semicolons between', ' a@b; c@d', [a(null, 'a@b'), a(null, 'c@d')]],
    ['nobody', ' ', []],
    ['empty brackets', ' <>', []],
    ['a null sender with a name', ' Mail Daemon <>', [a('Mail Daemon', '')]],
    ['a name alone', ' Van thu So', [a('Van thu So', '')]],
    ['a local user', ' root', [a(null, 'root')]],
    ['unclosed quote', ' "Nhung <n@a.vn>, b@c', [a('Nhung', 'n@a.vn'), a(null, 'b@c')]],
    ['unclosed bracket', ' A <a@b', [a('A', 'a@b')]],
    ['unclosed bracket before another', ' A <a@b, c@d', [a('A', 'a@b'), a(null, 'c@d')]],
    ['two brackets are two addresses', ' A <a@b> <c@d>', [a('A', 'a@b'), a(null, 'c@d')]],
    ['domain literal', ' a@[192.0.2.1]', [a(null, 'a@[192.0.2.1]')]],
  ])('%s', (_, raw, expected) => expect(decodeAddresses(raw)).toEqual(expected));

  it('a name that looks like an address stays a name', () => {
    expect(decodeAddresses(' "chutich@caoson.gov.vn" <x@evil.example>')).toEqual([
      a('chutich@caoson.gov.vn', 'x@evil.example'),
    ]);
    const hidden = Buffer.from('Boss <boss@caoson.gov.vn>').toString('base64');
    expect(decodeAddresses(` =?utf-8?B?${hidden}?= <x@evil.example>`)).toEqual([
      a('Boss <boss@caoson.gov.vn>', 'x@evil.example'),
    ]);
    expect(decodeAddresses(` =?utf-8?B?${hidden}?=`)).toEqual([a('Boss <boss@caoson.gov.vn>', '')]);
  });

  it('keeps groups apart', () => {
    expect(decodeAddressGroups(' A Group:Ed Jones <c@a.test>,joe@where.test;, x@y, Hidden:;')).toEqual([
      { name: 'A Group', addresses: [a('Ed Jones', 'c@a.test'), a(null, 'joe@where.test')] },
      { name: null, addresses: [a(null, 'x@y')] },
      { name: 'Hidden', addresses: [] },
    ]);
  });

  it.each(['(', '"', '<', ':', '@', '=?', ',', '[', '=?a?q?', '\\(', 'a@b:', 'a '])(
    'half a megabyte of %j takes no time',
    (piece) => {
      const spent = cpuTime(() => {
        decodeAddresses(`a ${piece.repeat(500_000 / piece.length)}`);
        decodeAddresses(`a@b ${piece.repeat(250_000 / piece.length)}:${'('.repeat(250_000)}`);
      });
      expect(spent).toBeLessThan(4000);
    },
  );
});

describe('dates', () => {
  it.each([
    ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06Z', -360],
    ['Thu, 13\r\n Feb\r\n 1969\r\n 23:32\r\n -0330 (Newfoundland Time)', '1969-02-14T03:02:00Z', -210],
    ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06Z', 0],
    ['Fri, 21 Nov 97 09(comment):   55  :  06 -0600', '1997-11-21T15:55:06Z', -360],
    ['Mon, 2 Nov 2026 08:15:00 +0700', '2026-11-02T01:15:00Z', 420],
    ['2 Nov 2026 08:15 EST', '2026-11-02T13:15:00Z', -300],
    ['2 Nov 2026 08:15:00 A', '2026-11-02T08:15:00Z', 0],
    ['2 Nov 49 08:15:00 UT', '2049-11-02T08:15:00Z', 0],
    ['2 Nov 126 08:15:00 UT', '2026-11-02T08:15:00Z', 0],
    ['Thứ hai', null, null],
    ['Mon, 31 Feb 2026 08:15:00 +0700', null, null],
    ['29 Feb 2024 23:59:60 +0000', '2024-02-29T23:59:59Z', 0],
    ['Mon Nov  2 08:15:00 2026', '2026-11-02T08:15:00Z', 0],
    ['Mon Nov  2 08:15:00 ICT 2026', '2026-11-02T01:15:00Z', 420],
    ['2026-11-02T08:15:00+07:00', '2026-11-02T01:15:00Z', 420],
    ['2 Nov 2026 08:15:00 GMT+0700', '2026-11-02T01:15:00Z', 420],
    ['2 Nov 2026 08:15:00 +9999', '2026-11-02T08:15:00Z', 0],
    ['2 Nov 99999 08:15:00 +0000', null, null],
    ['', null, null],
  ])('%j', (raw, iso, zone) => {
    const date = decodeDate(` ${raw}`);
    expect(date?.at ?? null).toBe(iso === null ? null : Date.parse(iso));
    expect(date?.zone ?? null).toBe(zone);
  });
});

describe('identifiers and URLs', () => {
  it.each([
    [' <a@b>', ['a@b']],
    [' <1@a>\r\n <2@a>,<3@a>junk', ['1@a', '2@a', '3@a']],
    [' a@b', ['a@b']],
    [' Your message of Monday', []],
    [' <1234   @   local.machine>', ['1234@local.machine']],
    [' <>', []],
  ])('%j', (raw, ids) => expect(decodeMessageIds(raw)).toEqual(ids));

  it('an id longer than a line is left out', () =>
    expect(decodeMessageIds(` <${'x'.repeat(2000)}@y> <a@b>`)).toEqual(['a@b']));

  it('List-Post names URLs in brackets', () => {
    expect(decodeUrls(' <mailto:list@host.com>\r\n (Postings are Moderated), <http://a/b>')).toEqual([
      'mailto:list@host.com',
      'http://a/b',
    ]);
  });
});

describe('parameters', () => {
  it.each<[string, string, Record<string, string>]>([
    // RFC 2231 §3, §4, §4.1
    [
      ' message/external-body; access-type=URL; URL*0="ftp://"; URL*1="cs.utk.edu/pub/x.tar"',
      'message/external-body',
      { 'access-type': 'URL', url: 'ftp://cs.utk.edu/pub/x.tar' },
    ],
    [
      " application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
      'application/x-stuff',
      { title: 'This is ***fun***' },
    ],
    [
      " application/x-stuff;\r\n title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n title*2=\"isn't it!\"",
      'application/x-stuff',
      { title: "This is even more ***fun*** isn't it!" },
    ],
    [' Text/Plain; CharSet="UTF-8"', 'text/plain', { charset: 'UTF-8' }],
    [' text/plain; charset=us-ascii (Plain text)', 'text/plain', { charset: 'us-ascii' }],
    [' a/b; name=Bao cao.pdf; x=y', 'a/b', { name: 'Bao cao.pdf', x: 'y' }],
    [' a/b; name="a\\"b\\\\c"', 'a/b', { name: 'a"b\\c' }],
    [' a/b; name="C:\\vb\\a.pdf"', 'a/b', { name: 'C:\\vb\\a.pdf' }],
    [" a/b; name=plain.txt; name*=utf-8''%C4%91.txt", 'a/b', { name: 'đ.txt' }],
    [' a/b; name*=%C4%91.txt', 'a/b', { name: 'đ.txt' }],
    [' a/b; name*1=b; name*0=a; name*1=c', 'a/b', { name: 'ab' }],
    [' a/b; name="ban "sach".doc"; x=1', 'a/b', { name: 'ban "sach".doc', x: '1' }],
    [
      ' a/b; __proto__=x; constructor=y',
      'a/b',
      JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>,
    ],
    [' a/b; ; =; x; y=', 'a/b', { y: '' }],
    [raw8(' a/b; name="đề.doc"'), 'a/b', { name: 'đề.doc' }],
  ])('%j', (raw, value, params) => expect(parseParameterized(raw)).toMatchObject({ value, params }));

  it('a boundary keeps every octet', () => {
    expect(parseParameterized(' multipart/mixed; boundary="a  b:?=c "').boundary).toBe('a  b:?=c');
  });

  it.each(['(', '"', ';', 'a*0*=', '=', '; name="a" "'])('half a megabyte of %j takes no time', (piece) => {
    const spent = cpuTime(() => {
      parseParameterized(` a/b; x=${piece.repeat(500_000 / piece.length)}`);
    });
    expect(spent).toBeLessThan(4000);
  });
});

/** What we write, we read as it was; what we read, we can write and read again. A failure names its seed: it is kept with its rule. */
import { describe, expect, it } from 'vitest';

import type { Random } from '../base/testing/random.ts';
import { forSeeds, roundsOr } from '../base/testing/seeds.ts';
import { parseAddresses } from './addresses.ts';
import { decodeText } from './charset.ts';
import { parseDate } from './dates.ts';
import { encodeAddress, encodeParameter, encodeText, encodeUnstructured, headerLine } from './encode-words.ts';
import { decodeAddresses, decodeHeaderText, decodeMessageIds } from './header.ts';
import { rfc5322Date } from './imap-structure.ts';
import { parseParameterized } from './params.ts';
import { addressList, encodedWord } from './testing/random-message.ts';
import { tidy } from './words.ts';

const ROUNDS = roundsOr(1500);

const PIECES = [
  ...[
    'a',
    'B',
    '.',
    '..',
    ' ',
    '  ',
    '\t',
    '@',
    '<',
    '>',
    ',',
    ';',
    ':',
    '"',
    '""',
    '\\',
    '\\"',
    '(',
    ')',
    '(x(y)\\))',
  ],
  ...[
    '[',
    ']',
    '=?',
    '?=',
    '=?utf-8?Q?=41?=',
    '=?x?B?',
    '\0',
    '\r\n',
    '\r\n ',
    '\x7f',
    '%41',
    "utf-8''",
    "'",
    '*',
    '&',
  ],
  ...[
    'à',
    'Bà',
    'Nguyễn',
    'e\u0302\u0301',
    '\u0301',
    '\u200b',
    '\u200d',
    '\u202e',
    '\u2066',
    '\ufeff',
    '\u00a0',
    '\u3000',
  ],
  ...[
    '\u0085',
    '\u2028',
    '😀',
    '👩‍👩‍👧',
    '\ud800',
    '\udc00',
    '\ufffd',
    'ﬁ',
    '中',
    '\u0e33',
    'x'.repeat(80),
    'đ'.repeat(60),
  ],
] as const;
const mess = (dice: Random, most = 10): string =>
  Array.from({ length: dice.int(most) }, () => dice.pick(PIECES)).join('');
/** The octets of a header field, one char each. */
const octets = (text: string): string => Buffer.from(text).toString('latin1');
/** Without the name of the field and the CRLF at its end. */
const written = (value: string): string => octets(headerLine('X', value)).slice(2, -2);

describe('what is written is read as it was', () => {
  it('text', () => {
    forSeeds([], ROUNDS, (dice) => {
      const text = tidy(mess(dice, 20));
      expect(decodeHeaderText(written(encodeText(text)))).toBe(text);
    });
  });

  it('words longer than a line may be', () => {
    const text = `a ${'x'.repeat(3000)} b`;
    const both =
      headerLine('Subject', encodeUnstructured(text)) + headerLine('To', encodeAddress({ name: text, email: 'a@b' }));
    expect(Math.max(...both.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(decodeHeaderText(written(encodeUnstructured(text)))).toBe(text);
    expect(decodeAddresses(written(encodeAddress({ name: text, email: 'a@b' })))).toEqual([
      { name: text, email: 'a@b' },
    ]);
    expect(encodeUnstructured('như thường')).toBe(encodeText('như thường'));
  });

  it('names and values of parameters', () => {
    forSeeds([48], ROUNDS, (dice) => {
      const text = tidy(mess(dice, 20));
      const name = dice.pick(['name', 'filename', 'x']);
      const read = parseParameterized(`a/b${encodeParameter(name, text)}${encodeParameter('last', 'z')}`);
      expect(read).toEqual({ value: 'a/b', params: { [name]: text, last: 'z' } });
    });
  });

  it('addresses with any name, and local parts in quotes', () => {
    forSeeds([0], ROUNDS, (dice) => {
      const list = Array.from({ length: 1 + dice.int(4) }, () => {
        const local = dice.chance(0.5)
          ? `"${tidy(mess(dice, 5)).replaceAll('=?', '').replace(/["\\]/g, '\\$&')}"`
          : dice.pick(['a', 'a.b', 'a+b', "o'x", 'đ']);
        return { name: tidy(mess(dice)) || null, email: `${local}@${dice.pick(['b.vn', 'sở.vn', '[192.0.2.1]'])}` };
      });
      expect(decodeAddresses(written(list.map(encodeAddress).join(', ')))).toEqual(list);
    });
  });
});

/** RFC 5322 §3.4.1; what else an address field gives is shown, never written to. */
const ADDRESS = /^(?:[^\s@()<>,;:\\"[\]]+|"(?:[^"\\]|\\.)*")@(?:[^\s@()<>,;:\\"[\]]+|\[[^\s[\]\\"(),;<>@]*\])$/;

describe('what was read can be written and read again', () => {
  it('addresses of any field', () => {
    forSeeds([12, 18], ROUNDS, (dice) => {
      const raw = dice.chance(0.5) ? octets(addressList(dice)) : octets(mess(dice, 16));
      const once = decodeAddresses(raw).filter(({ email }) => ADDRESS.test(email));
      const again = decodeAddresses(written(once.map(encodeAddress).join(', ')));
      expect(decodeAddresses(written(again.map(encodeAddress).join(', ')))).toEqual(again);
      expect(again.map(({ email }) => email)).toEqual(once.map(({ email }) => email));
      expect(again.map(({ name }) => name)).toEqual(once.map(({ name }) => name));
    });
  });

  it('message ids', () => {
    forSeeds([57284], ROUNDS, (dice) => {
      const raw = Array.from(
        { length: dice.int(5) },
        () => `${dice.pick(['<', '', '<<', '>'])}${octets(mess(dice, 5))}>`,
      );
      const ids = decodeMessageIds(raw.join(dice.pick([' ', '', '\r\n ', ','])));
      for (const id of ids) expect(id).toMatch(/^[^<>\s\0]{1,996}$/);
      expect(decodeMessageIds(octets(ids.map((id) => `<${id}>`).join(' ')))).toEqual(ids);
    });
  });
});

describe('dates', () => {
  const two = (number: number): string => `${number}`.padStart(2, '0');
  const shape = (dice: Random): string => {
    const month = dice.pick(['Jan', 'FEB', 'March', 'may', 'Dec', 'Sept', 'Xyz']);
    const year = dice.pick(['2026', '26', '126', '1999', '9999', '1900', '1899', '10000', '0']);
    const time = `${two(dice.int(26))}${dice.pick([':', '.', ' : '])}${two(dice.int(62))}${dice.pick([':00', ':60', ':59.9', ''])}`;
    const zone = dice.pick([
      '+0700',
      '-2359',
      '+2359',
      '+9999',
      '-0000',
      'GMT',
      'ICT',
      'A',
      'GMT+7',
      '',
      '+07:00',
      '(x',
    ]);
    const noted = dice.pick(['', ' (ICT)', ' (a (b) c)', ' (a\\)b)', ' (', ' )']);
    const space = dice.pick([' ', ' ', '  ', '\t', '\r\n ', ' (a\\)b) ', ' (a (b)) ']);
    const day = `${dice.int(33)}`;
    return dice.pick([
      `Mon, ${day}${space}${month} ${year}${space}${time} ${zone}${noted}`,
      `${day}-${month}-${year} ${time}${space}${zone}`,
      `Sun ${month} ${day} ${time} ${zone} ${year}`,
      `${year}-${two(dice.int(14))}-${two(dice.int(33))}T${time}Z`,
      mess(dice),
    ]);
  };

  it('a date of any shape is none, or one of four digits of year that is the same when it is written and read again', () => {
    forSeeds([], ROUNDS, (dice) => {
      const date = parseDate(shape(dice));
      if (date === null) return;
      expect(new Date(date.at).toISOString()).toMatch(/^\d{4}-/);
      expect(parseDate(rfc5322Date(date.at, date.zone))).toEqual(date);
    });
  });

  it.each([
    ['Mon, 12 (a\\)b) Jan 2026 08:00:00 +0700', 1768179600000],
    ['Mon, 12 (a (b\\() c\\)) Jan 2026 08:00:00 +0700', 1768179600000],
    ['Fri, 31 Dec 9999 24:00:00 +0000', undefined],
    ['Fri, 31 Dec 9999 23:00:00 -0100', undefined],
  ])('%s', (text, at) => expect(parseDate(text)?.at).toBe(at));
});

describe('charsets', () => {
  const LABELS = [
    ...'utf-8 us-ascii utf-16 utf-16be utf-16le utf-32 utf-32le utf-32be utf-7 iso-2022-jp iso-2022-kr hz-gb-2312'.split(
      ' ',
    ),
    ...'gb18030 gbk big5 euc-jp euc-kr shift_jis windows-1258 windows-1252 tcvn viscii x-vni cp437 koi8-r'.split(' '),
    ...['x-user-defined', 'replacement', 'none', '', '"utf-8"', "utf-8'vi", '__proto__', 'x'.repeat(200)],
  ];
  /** Escapes, byte order marks, halves of pairs and of characters, codes that do not exist. */
  const BITS = [
    ...'\x1b$B \x1b(B \x1b$)C \x0e \x0f ~{ ~} +2AA- + +- - \0 a =C3'.split(' '),
    ...'\xff\xfe \xfe\xff \xef\xbb\xbf \xd8\x00 \x00\xd8 \xdc\x00 \x00\x00\xd8\x00 \x00\x00\x11\x00'.split(' '),
    ...'\xed\xa0\x80 \xf4\x90\x80\x80 \xc0\x80 \xe1\xba \x81\x30 \x84\x31\xa4\x39'.split(' '),
  ];

  it('any octets under any name are well-formed text, no longer than they were, and the same each time', () => {
    forSeeds([28], ROUNDS, (dice) => {
      const one = (): string => (dice.chance(0.5) ? dice.pick(BITS) : String.fromCharCode(dice.int(256)));
      const bytes = Buffer.from(Array.from({ length: dice.int(30) }, one).join(''), 'latin1');
      const label = dice.pick(LABELS);
      const { text } = decodeText(bytes, label);
      expect(text.isWellFormed(), label).toBe(true);
      expect(text.length).toBeLessThanOrEqual(bytes.length * 3);
      decodeText(Buffer.from([0x1b, 0x24, 0x42, 0xe1, 0xba]), label);
      expect(decodeText(bytes, label).text).toBe(text);
    });
  });
});

describe('octets beyond ASCII where none should be', () => {
  it.each(['công văn', 'cafés đẹp', '😀 mới', 'bà'])('in an encoded word: %s', (text) => {
    expect(decodeHeaderText(octets(`=?utf-8?Q?${text}?=`))).toBe(text);
  });
  it.each(['báo cáo của bà', 'à', 'bà'])('at the end of a parameter: %s', (text) => {
    expect(parseParameterized(octets(`attachment; filename=${text}`)).params).toEqual({ filename: text });
    expect(parseParameterized(octets(`attachment; filename=${text} ; x=y`)).params).toEqual({ filename: text, x: 'y' });
    expect(parseParameterized(octets(`multipart/mixed; boundary="${text}"`)).boundary).toBe(octets(text));
    expect(parseParameterized(octets(`multipart/mixed; (x) boundary=${text}`)).boundary).toBe(octets(text));
  });
  it('encoded words of any kind make one clean line, the same when it is written and read again', () => {
    forSeeds([], ROUNDS, (dice) => {
      const text = decodeHeaderText(
        octets(Array.from({ length: dice.int(5) }, () => dice.pick([encodedWord, mess])(dice)).join('')),
      );
      expect(text).toBe(tidy(text));
      expect(decodeHeaderText(written(encodeText(text)))).toBe(text);
      expect(parseAddresses(`${encodeAddress({ name: text, email: 'a@b' })}`)).toEqual([
        { name: text || null, email: 'a@b' },
      ]);
    });
  });
});

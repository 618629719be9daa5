/** Most fields are plain and have a short way; what it gives is what the long way gives, or it leaves the field to that. */
import { describe, expect, it } from 'vitest';

import { parseAddressGroups, readAddressGroups } from './addresses.ts';
import { decodeMessageIds } from './header.ts';
import { parseParameterized, readParameterized } from './params.ts';
import { random as seeded } from '../base/testing/random.ts';
import { unfold } from './words.ts';

const ROUNDS = 4000;
const made = (seed: number, pieces: readonly string[], most: number): string => {
  const { int: random } = seeded(seed);
  return Array.from({ length: 1 + random(most) }, () => pieces[random(pieces.length)] ?? '').join('');
};

describe('plain address lists', () => {
  const whole = [
    'a@b.vn',
    'Nguyễn Văn A <a@b.vn>',
    '"A, B" <a@b>',
    '<x@y>',
    '=?utf-8?Q?=C3=81n?= <a@b>',
    'A  B <c@d>',
    '<>',
    'A',
  ];
  const small = [
    'a',
    '@',
    'b',
    '.',
    ' ',
    '\t',
    '<',
    '>',
    ',',
    ', ',
    '"',
    '(',
    ')',
    ':',
    ';',
    '\\',
    '=?u?q?',
    '?=',
    '=?',
    '\u00a0',
    'é',
  ];

  it.each([
    ['whole mailboxes', [...whole, ', ', ',', ' '], 7],
    ['pieces of them', small, 14],
    ['both', [...whole, ...small, ', ', ', '], 7],
  ] as const)('made of %s', (_, pieces, most) => {
    for (let seed = 0; seed < ROUNDS; seed++) {
      const text = made(seed, pieces, most);
      expect(parseAddressGroups(text), text).toEqual(readAddressGroups(text));
    }
  });

  it.each([
    ['=?utf-8?q?boss@x.vn?=', ''],
    ['=?x?q?a<boss@x.vn>,d@e?=', ''],
    ['=?x?q?a<boss@x.vn>?= <real@y.vn>', 'real@y.vn'],
  ])('an address within an encoded word is none: %s', (text, email) => {
    expect(parseAddressGroups(text).flatMap(({ addresses }) => addresses.map((one) => one.email))).toEqual([email]);
  });
});

describe('plain parameters', () => {
  const whole = [
    'text/plain',
    '; charset=utf-8',
    '; name="a b.pdf"',
    ';boundary="x "',
    '; x=1',
    'multipart/mixed',
    ';\r\n\tfilename=a.doc',
  ];
  const small = [
    'a',
    '/',
    ';',
    '=',
    ' ',
    '"',
    '(',
    ')',
    '\\',
    '*',
    '*0',
    "utf-8''",
    '%41',
    'name',
    '\t',
    '\r\n ',
    '\xa0',
    '\xe1',
    '=?u?q?=41?=',
  ];

  it.each([
    ['whole ones', whole, 6],
    ['pieces of them', small, 14],
    ['both', [...whole, ...small], 8],
  ] as const)('made of %s', (_, pieces, most) => {
    for (let seed = 0; seed < ROUNDS; seed++) {
      const raw = made(seed, pieces, most);
      expect(parseParameterized(raw), raw).toEqual(readParameterized(unfold(raw)));
    }
  });
});

it('one identifier alone is read as one among others', () => {
  const pieces = ['<', '>', 'a', '@', 'b.vn', ' ', '\t', '\r\n ', '(', 'é', ',', '<1@x>'];
  for (let seed = 0; seed < ROUNDS; seed++) {
    const raw = made(seed, pieces, 9);
    const [last, ...before] = decodeMessageIds(`${raw} <other@x>`).reverse();
    // Without brackets somewhere, words that look like one count only when no brackets do.
    if (before.length > 0 && last === 'other@x') expect(decodeMessageIds(raw), raw).toEqual(before.reverse());
  }
});

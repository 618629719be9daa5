import { describe, expect, it } from 'vitest';

import { casemap } from './casemap.ts';

describe('i;unicode-casemap (RFC 5051)', () => {
  it.each([
    ['a', 'A'],
    ['công văn', 'CÔNG VĂN'],
    ['công văn', 'công văn'.normalize('NFD')],
    ['ｃｏｎｇ', 'cong'],
    ['ǆ', 'ǅ'],
    ['ǆ', 'Ǆ'],
    ['ᾳ', 'ᾼ'],
    ['đ', 'Đ'],
  ])('%s is %s', (a, b) => expect(casemap(a)).toBe(casemap(b)));
  it.each([
    ['cong', 'công'],
    ['z', 'đ'],
    ['a', 'b'],
    ['', 'a'],
    ['mạ', 'mạng'],
    // Octets of UTF-8, not UTF-16: above the private use area.
    ['\u{e000}', '\u{1f4e7}'],
  ])('%s is before %s', (a, b) => expect(casemap(a) < casemap(b)).toBe(true));
  it.each(['ß', 'ა', '\ud800'])('%j stays one letter', (char) => expect(casemap(char).length).toBeGreaterThan(0));
  it('is the same for usual letters beside unusual ones', () => {
    const all = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code));
    expect(all.filter((char) => casemap(`${char}ა`) !== casemap(char) + casemap('ა'))).toEqual([]);
  });
  it('holds no more of a long text than decides', () => {
    expect(casemap('ế'.repeat(100_000)).length).toBeLessThan(10_000);
  });
});

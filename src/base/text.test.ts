import { describe, expect, it } from 'vitest';

import { clean, fold } from './text.ts';

describe('folding for search', () => {
  it.each([
    ['Điều hành', 'dieu hanh'],
    ['Điều hành'.normalize('NFD'), 'dieu hanh'],
    ['ĐẶNG “Thuỳ” – 1427/UBND', 'dang “thuy” – 1427/ubnd'],
    ['PLAIN ascii', 'plain ascii'],
    ['İstanbul Ωμέγα שָׁלוֹם ปี', 'istanbul ωμεγα שלום ป'],
    ['', ''],
  ])('%s -> %s', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  it('gives what the definition gives, for any letters', () => {
    const plainly = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();
    for (let code = 1; code < 0x11000; code += 7) {
      const text = `a${String.fromCodePoint(code)}Ế${String.fromCodePoint(code + 1)}`;
      expect(fold(text)).toBe(plainly(text));
    }
  });
});

describe('clean text', () => {
  it('is NFC, without U+0000 and lone surrogates; pairs stay', () => {
    expect(clean('e\u0302\u0301 \u0000 \ud83d\ude00 \ud83d \ude00')).toBe('ế \ufffd \ud83d\ude00 \ufffd \ufffd');
  });
});

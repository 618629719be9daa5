import { describe, expect, it } from 'vitest';

import { createWordReader, isMarked, words, wordText, writtenWord } from './word-text.ts';

describe('words of a text', () => {
  it.each([
    ['Giải phóng, MẶT-bằng 1427/UBND', 'giai phong mat bang 1427 ubnd'],
    ['Die\u0302\u0300u “hành”…', 'dieu hanh'],
    ['Ωμέγα đất', 'ωμεγα dat'],
    ['', ''],
  ])('%s', (text, expected) => {
    expect(words(text).join(' ')).toBe(expected);
    expect(wordText(text).split(' ').filter(Boolean).join(' ')).toBe(expected);
  });

  it('one way of writing tones', () => {
    expect(['Hoà', 'hòa', 'THUỶ', 'thủy', 'quý', 'qúy', 'toàn'].map(writtenWord)).toEqual(
      'hòa hòa thủy thủy qúy qúy tòan'.split(' '),
    );
    expect(['cong', 'công', 'dat', 'đat', 'A1'].map(isMarked)).toEqual([false, true, false, true, false]);
  });

  it('gives each word as written and folded, also when it was met in a text before', () => {
    const read = createWordReader();
    for (let i = 0; i < 2; i++) {
      const { text, written, folded } = read(`Công công cộng van 2026 ${'a'.repeat(300)}đ Ω`);
      expect(new Set(written)).toEqual(new Set(['công', 'cộng', 'van']));
      expect(new Set(folded)).toEqual(new Set(['cong', 'van', '2026', 'a'.repeat(200), 'ω']));
      expect(text.split(/ +/)).toEqual(words(text));
    }
  });
});

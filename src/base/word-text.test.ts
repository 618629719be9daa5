import { describe, expect, it } from 'vitest';

import { fold } from './text.ts';
import { wordText } from './word-reader.ts';
import { isMarked, lettersByFold, piecesOf, words, writtenWord } from './word-text.ts';

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

  it('tells words from what stands between them as Unicode does, for every character', () => {
    const all = Array.from({ length: 0x11000 }, (_, code) => code)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code));
    for (const char of all) {
      const isWord = /[\p{L}\p{N}\p{M}]/u.test(char);
      if (piecesOf(char)[0]?.isWord !== isWord) expect(`U+${char.codePointAt(0)?.toString(16)}`).toBe(isWord);
    }
    expect(piecesOf('Số 5/VP, đã ký.').map(({ text }) => text)).toEqual('Số| |5|/|VP|, |đã| |ký|.'.split('|'));
  });

  it('knows the letters of each letter without marks', () => {
    const letters = lettersByFold();
    for (const letter of 'aăâáàảãạắấeêềđdoôơởuưữyỹAĐ') expect(letters.get(fold(letter))).toContain(letter);
    for (const [folded, family] of letters) for (const letter of family) expect(fold(letter)).toBe(folded);
  });
});

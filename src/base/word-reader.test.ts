import { describe, expect, it } from 'vitest';

import { clean } from './text.ts';
import { createWordReader, wordText } from './word-reader.ts';
import { words, writtenWord } from './word-text.ts';

const plain = (text: string) => text.split(/ +/).filter(Boolean);

describe('taking texts apart', () => {
  it('gives each word as written, also when it was met in a text before, and each folded one once', () => {
    const { read, forget } = createWordReader();
    const text = `Công công cộng van 2026 ${'a'.repeat(300)}đ Ω`;
    const folded = ['cong', 'van', '2026', 'a'.repeat(200), 'ω'];
    for (let i = 0; i < 3; i++) {
      const found = read(text);
      expect(new Set(found.written)).toEqual(new Set(['công', 'cộng', 'van']));
      expect(plain(found.text)).toEqual(words(text));
      if (i !== 1) expect(found.fresh.sort()).toEqual(folded.sort());
      // A long word is not kept in mind.
      else expect(found.fresh).toEqual(['a'.repeat(200)]);
      if (i === 1) forget();
    }
    expect(read('cong CỘNG moi').fresh).toEqual(['moi']);
  });

  it('a text that is longer than any before, and one of many short words', () => {
    const { read } = createWordReader();
    for (const text of ['a', 'b '.repeat(100_000), 'công văn '.repeat(30_000), 'c'.repeat(90_000)]) {
      const found = read(text);
      expect(plain(found.text)).toEqual(words(text));
      expect(new Set(found.written)).toEqual(new Set(words(text).length === 1 ? read(text).written : found.written));
    }
  });

  // Every character of the plane, beside others: the table and the expressions must agree on where words begin and end.
  it('cuts as expressions of Unicode do, whatever the characters', () => {
    const codes = Array.from({ length: 0x1fb00 }, (_, code) => code).filter((c) => c < 0xd800 || c > 0xdfff);
    for (let i = 0; i < codes.length; i += 64) {
      const chars = codes.slice(i, i + 64).map((code) => clean(String.fromCodePoint(code)));
      const text = `${chars.join('')} ${chars.map((char) => `a${char}b`).join(' ')}`;
      if (wordText(text).split(/ +/).filter(Boolean).join(' ') !== words(text).join(' '))
        expect(plain(wordText(text))).toEqual(words(text));
    }
  });

  it('one character alone never hides its neighbours', () => {
    const { read } = createWordReader();
    for (const odd of ['\u0301', '', '•', '😀', '❤\ufe0f', '①', '\ud83d', '\u{1f600}\u0301', '　', '中文', '\u2bff']) {
      const { text, written } = read(`một${odd} ${odd}hai ba${odd}bốn ${odd}`);
      expect(plain(text), odd).toEqual(words(`một${odd} ${odd}hai ba${odd}bốn ${odd}`));
      expect(plain(text).join(''), odd).toContain('mot');
      expect(written, odd).not.toContain('');
    }
  });

  it('words whose letters share a place in the memory are told apart', () => {
    const { read } = createWordReader();
    // 31 * a + b is the same for both.
    const pairs = Array.from(
      { length: 20 },
      (_, i) => String.fromCharCode(97 + i, 66 + 31) + String.fromCharCode(98 + i, 66),
    );
    for (let i = 0; i < 3; i++)
      for (const word of ['Aa', 'BB', ...pairs])
        expect(read(word).written, word).toEqual(read(word).text === '' ? [] : [writtenWord(word)]);
  });
});

/** The quick way gives what the long one gives, which a charset takes that is UTF-8 by another name. */
import { describe, expect, it } from 'vitest';

import { random } from '../base/testing/random.ts';
import { deriveMessage } from './derive.ts';
import { plainText } from './plain-text.ts';
import { searchText } from './search-text.ts';

async function bodyOf(text: string | Uint8Array, charset: string): Promise<string> {
  const head = `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), Buffer.from(text)]);
  return (await searchText((start, end) => bytes.subarray(start, end), deriveMessage(bytes))).body;
}
const theLongWay = (text: string | Uint8Array) => bodyOf(text, 'unicode-1-1-utf-8');

describe('plain text in UTF-8', () => {
  it.each([
    ['Kính gửi\r\n  đồng chí,\t công\u00a0văn  ', 'Kính gửi đồng chí, công văn'],
    ['– “Điều” … • 5 ₫ ■ ☑', '– “Điều” … • 5 ₫ ■ ☑'],
    ['số a > b, <a@b.vn> và\nsố', 'số a > b, <a@b.vn> và số'],
    ['số \u0085 \v\f x\u0001', 'số \u0085 x\u0001'],
    ['đ', 'đ'],
  ])('%j is read the quick way', (text, expected) => {
    expect(plainText(Buffer.from(text))).toBe(expected);
  });

  it.each([
    ['only ASCII', 'cong van'],
    ['marks that stand alone', 'Die\u0302\u0300u hành'],
    ['quoted lines', 'Vâng.\r\n> Điều\r\n \t> hành'],
    ['other scripts', 'đ Ω 中'],
    ['pictures', 'đ 😀'],
    ['NUL', 'đ\0đ'],
    ['a byte order mark', '\ufeffđ'],
    ['wide spaces', 'đ\u2003đ'],
    ['other ends of lines', 'đ\u2028> đ'],
    ['half a letter', Buffer.from('điều').subarray(0, -2)],
    ['no UTF-8', Buffer.from('công', 'latin1')],
  ])('%s: the long way', async (_, text) => {
    expect(plainText(Buffer.from(text))).toBeUndefined();
    expect(await bodyOf(text, 'utf-8')).toBe(await theLongWay(text));
  });

  it('each character beside others is as the long way has it', async () => {
    let quick = 0;
    for (let code = 1; code < 0x11000; code++) {
      const around = `a${String.fromCodePoint(code)}b ế${String.fromCodePoint(code)} ${String.fromCodePoint(code)}`;
      const found = code >= 0xd800 && code <= 0xdfff ? undefined : plainText(Buffer.from(around));
      if (found === undefined) continue;
      quick++;
      const long = around.replace(/\s+/g, ' ').trim().normalize('NFC');
      if (found !== long) expect(found, code.toString(16)).toBe(long);
    }
    expect(quick).toBeGreaterThan(1000);
  });

  it('any mixture of white space, quotes and letters', async () => {
    const dice = random(7);
    const pieces = [
      '\r\n',
      '\n',
      '\r',
      ' ',
      '  ',
      '\t',
      '\u00a0',
      '>',
      '> ',
      'công',
      'văn',
      'a',
      'ế',
      '…',
      '\v',
      '\u2029',
      '\u0301',
    ];
    for (let i = 0; i < 400; i++) {
      const text = Array.from({ length: 12 }, () => dice.pick(pieces)).join('');
      expect(await bodyOf(text, 'utf-8'), JSON.stringify(text)).toBe(await theLongWay(text));
    }
  });
});

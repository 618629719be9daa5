/** Modified UTF-7 (RFC 3501 §5.1.3): one spelling for each name, and none for what is no name. */
import { describe, expect, it } from 'vitest';

import { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.ts';

/** The same on every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed; ; x = (x * 1_103_515_245 + 12_345) % 2 ** 31) yield x / 2 ** 31;
}
const ALPHABET = [...'ab/& -~+,ơớđĐ\u0301台😀\u0001\u007f\u00e9'];

describe('a name in modified UTF-7', () => {
  it('comes back from its spelling, which is printable ASCII', () => {
    const random = numbers(3501);
    for (let round = 0; round < 2000; round++) {
      const length = Math.floor(random.next().value * 12);
      const name = Array.from({ length }, () => ALPHABET[Math.floor(random.next().value * ALPHABET.length)]).join('');
      const spelled = encodeModifiedUtf7(name);
      expect(spelled).toMatch(/^[\x20-\x7e]*$/);
      expect(decodeModifiedUtf7(spelled)).toBe(name);
    }
  });

  it('has one spelling only: no other text reads as the same name', () => {
    const random = numbers(9051);
    const letters = [...'&-AbTw,+/ a'];
    for (let round = 0; round < 5000; round++) {
      const length = Math.floor(random.next().value * 8);
      const text = Array.from({ length }, () => letters[Math.floor(random.next().value * letters.length)]).join('');
      const name = decodeModifiedUtf7(text);
      if (name !== undefined) expect(encodeModifiedUtf7(name)).toBe(text);
    }
  });

  it.each([
    // Superfluous shifts, what needs none, what is not ended, halves of characters, other alphabets
    ...['&AGEAYg-', '&AbA-&AbA-', '&ACY-', '&AbA', 'a&', '&', '&A-', '&AbAx-', '&AbAxx-', '&Ab/A-', '&Ab A-', '&AbA=-'],
    ...['Thư', '\u0000', 'a\tb'],
  ])('%j is none', (text) => expect(decodeModifiedUtf7(text)).toBeUndefined());

  it.each([
    ['', ''],
    ['&-', '&'],
    ['&-&-', '&&'],
    ['&--', '&-'],
    ['-&AbA--', '-ư-'],
    ['&2D3eAA-', '😀'],
    ['&AAo-', '\n'],
  ])('%j is %j', (text, name) => expect(decodeModifiedUtf7(text)).toBe(name));
});

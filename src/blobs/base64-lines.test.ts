import { describe, expect, it } from 'vitest';

import { encodedLength, encodeInto, encodeRange, octetsOf, readLines, type Lines } from './base64-lines.ts';
import { noise } from './testing/noise.ts';
import { random } from '../base/testing/random.ts';

const ENDS = { 0: '', 1: '\n', 2: '\r\n' } as const;

function written(content: Buffer, { lineLength, lineEnd }: Lines): Buffer {
  const text = content.toString('base64');
  const lines = lineLength === 0 ? [text] : (text.match(new RegExp(`.{1,${lineLength}}`, 'gs')) ?? []);
  return Buffer.from(lines.join(ENDS[lineEnd]));
}

const shapes: Lines[] = [
  { lineLength: 0, lineEnd: 0 },
  ...[1, 2, 3, 4, 5, 60, 64, 72, 75, 76, 77, 998].flatMap((lineLength) => [
    { lineLength, lineEnd: 1 as const },
    { lineLength, lineEnd: 2 as const },
  ]),
];

describe('base64 in lines', () => {
  it.each(shapes)('of $lineLength characters, line end of $lineEnd octets, is read and written again', (lines) => {
    for (const size of [1, 2, 3, 44, 45, 56, 57, 58, 113, 114, 115, 171, 747, 749, 4096]) {
      const content = noise(size, size);
      const encoded = written(content, lines);
      expect(encodedLength(size, lines)).toBe(encoded.length);
      const again = Buffer.alloc(encoded.length);
      expect(encodeInto(again, 0, content, lines)).toBe(encoded.length);
      expect(again.equals(encoded)).toBe(true);
      const read = readLines(Buffer.concat([Buffer.from('X: y\r\n\r\n'), encoded]), 8, 8 + encoded.length);
      expect(read?.content.equals(content)).toBe(true);
      expect(read?.end).toBe(8 + encoded.length);
    }
  });

  it.each(shapes)(
    'of $lineLength characters, line end of $lineEnd octets, is written from any octet to any other',
    (lines) => {
      const { int } = random(lines.lineLength * 4 + lines.lineEnd);
      for (let round = 0; round < 60; round++) {
        const content = noise(1 + int(400), round);
        const encoded = written(content, lines);
        const [start = 0, end = 0] = [int(encoded.length + 1), int(encoded.length + 1)].sort((a, b) => a - b);
        const { from, to } = octetsOf(content.length, lines, start, end);
        const range = encodeRange(content.subarray(from, to), lines, start, end);
        expect(range.equals(encoded.subarray(start, end)), `${start}-${end} of ${content.length}`).toBe(true);
      }
    },
  );

  it('ends where the lines end, and leaves what follows to others', () => {
    const encoded = written(noise(200), { lineLength: 76, lineEnd: 2 });
    for (const tail of ['\r\n', '\r\n\r\n', '\r\n-- \r\nmot danh sach thu\r\n', '\n', ' ', '\r\nQUJD']) {
      const read = readLines(Buffer.concat([encoded, Buffer.from(tail)]), 0, encoded.length + tail.length);
      if (tail === ' ') expect(read).toBeUndefined();
      else expect(read?.end).toBe(encoded.length);
    }
    const full = written(noise(57 * 3), { lineLength: 76, lineEnd: 2 });
    const read = readLines(Buffer.concat([full, Buffer.from('\r\n')]), 0, full.length + 2);
    expect(read?.end).toBe(full.length);
  });

  it.each([
    ['nothing', ''],
    ['an empty first line', '\r\nQUJD'],
    ['another alphabet', 'QUJD-_==\r\nQUJD'],
    ['padding within', 'QQ==QUJD'],
    ['padding that is missing', 'QUJDRA'],
    ['loose bits', 'QR=='],
    ['a space', 'QUJD QUJD'],
    ['words', 'This is no base64 at all.'],
    ['octets above 127', 'QUJ\xc3\xa9'],
    ['a NUL', 'QUJD\0UJD'],
    ['a bare CR', 'QUJD\rQUJD'],
  ])('is not taken for it: %s', (_, text) => {
    const bytes = Buffer.from(text, 'latin1');
    const read = readLines(bytes, 0, bytes.length);
    // A regular beginning may be taken; what is taken must come out the same.
    if (read) {
      const again = Buffer.alloc(read.end);
      encodeInto(again, 0, read.content, read);
      expect(again.equals(bytes.subarray(0, read.end))).toBe(true);
    }
    if (!text.includes('\r')) expect(read?.content.length ?? 0).toBe(0);
  });

  it('what is taken comes out the same, whatever a few octets were changed to', () => {
    const { int, pick } = random(7);
    const changes = [...'-_=+/A9 \r\n\t\0\xff.,'].map((char) => char.charCodeAt(0));
    let taken = 0;
    for (let round = 0; round < 4000; round++) {
      const encoded = written(noise(1 + int(300), round), pick(shapes));
      for (let change = int(3); change > 0; change--) {
        // The end is where the rules are.
        const at = pick([int(encoded.length), Math.max(0, encoded.length - 1 - int(5))]);
        encoded[at] = pick(changes);
      }
      const read = readLines(encoded, 0, encoded.length);
      if (!read) continue;
      taken++;
      const again = Buffer.alloc(encodedLength(read.content.length, read));
      encodeInto(again, 0, read.content, read);
      expect(again.equals(encoded.subarray(0, read.end)), encoded.toString('latin1')).toBe(true);
    }
    expect(taken).toBeGreaterThan(1500);
  });

  it('takes content that was decoded before only when it is the content of these octets', () => {
    const lines = { lineLength: 76, lineEnd: 2 } as const;
    const [own, other] = [noise(3000, 1), noise(3000, 2)];
    const encoded = written(own, lines);
    expect(readLines(encoded, 0, encoded.length, own)?.content).toBe(own);
    expect(readLines(encoded, 0, encoded.length, other)).toBeUndefined();
    expect(readLines(encoded, 0, encoded.length, other.subarray(3))?.content.equals(own)).toBe(true);
  });

  it('takes 25 MB of one line, or of lines of one character, in reasonable time', () => {
    const one = Buffer.from(noise(18_000_000).toString('base64'));
    expect(readLines(one, 0, one.length)?.content.length).toBe(18_000_000);
    const narrow = written(noise(600_000), { lineLength: 1, lineEnd: 1 });
    expect(readLines(narrow, 0, narrow.length)?.content.length).toBe(600_000);
  });
});

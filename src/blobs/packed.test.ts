import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { dictionaries, dictionaryFor, officeWords } from './dictionary.ts';
import { BlobDamaged } from './errors.ts';
import { CHUNK_BYTES, headLength, HEAD_BYTES, pack, readHead, unpack, unpackChunk } from './packed.ts';
import { noise } from './testing/noise.ts';

const text = (size: number): Buffer =>
  Buffer.from('Kính gửi: Ủy ban nhân dân xã; đề nghị báo cáo kết quả. '.repeat(Math.ceil(size / 60))).subarray(0, size);
const sizes = [
  0,
  1,
  2,
  2047,
  2048,
  2049,
  CHUNK_BYTES - 1,
  CHUNK_BYTES,
  CHUNK_BYTES + 1,
  4 * CHUNK_BYTES,
  5 * CHUNK_BYTES + 7,
];

describe('packed content', () => {
  it.each(sizes)('%i octets come out as they went in, text, noise and both', async (size) => {
    for (const content of [text(size), noise(size), Buffer.concat([noise(size >> 1), text(size - (size >> 1))])]) {
      const packed = await pack(content);
      expect(unpack(packed).equals(content)).toBe(true);
      const head = readHead(packed.subarray(0, headLength(packed.subarray(0, HEAD_BYTES))));
      expect(head.size).toBe(size);
      expect(head.offsets.at(-1)).toBe(packed.length);
      head.crcs.forEach((_, i) => {
        const stored = packed.subarray(head.offsets[i], head.offsets[i + 1]);
        const plain = content.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
        expect(unpackChunk(head, i, stored).equals(plain)).toBe(true);
      });
    }
  });

  it('makes text small and never costs more than its head', async () => {
    expect((await pack(text(CHUNK_BYTES))).length).toBeLessThan(CHUNK_BYTES / 20);
    for (const size of sizes) {
      expect((await pack(noise(size))).length).toBeLessThanOrEqual(size + 12 + 8 * Math.ceil(size / CHUNK_BYTES));
    }
  });

  it('packs each chunk as it deserves', async () => {
    const packed = await pack(Buffer.concat([noise(CHUNK_BYTES), text(CHUNK_BYTES), noise(CHUNK_BYTES, 2)]));
    expect(readHead(packed).asItIs).toEqual([true, false, true]);
  });

  it('is never read wrong: whatever octet changes, it says so', async () => {
    for (const content of [text(300), noise(300), Buffer.concat([text(100), noise(200)])]) {
      const packed = await pack(content);
      for (let at = 0; at < packed.length; at++) {
        for (const bit of [0, 3, 7]) {
          const changed = Buffer.from(packed);
          changed[at]! ^= 1 << bit;
          let read: Buffer | undefined;
          try {
            read = unpack(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(BlobDamaged);
          }
          if (read) expect(read.equals(content), `octet ${at}, bit ${bit}`).toBe(true);
        }
      }
      for (let length = 0; length < packed.length; length++) {
        expect(() => unpack(packed.subarray(0, length))).toThrow(BlobDamaged);
      }
      expect(() => unpack(Buffer.concat([packed, Buffer.of(0)]))).toThrow(BlobDamaged);
    }
  });

  it('never inflates more than it was said to hold', async () => {
    const packed = await pack(text(CHUNK_BYTES));
    const lie = Buffer.from(packed);
    // 65,536 as LEB128 is 80 80 04; 100 as three octets is e4 80 00.
    expect(lie.subarray(2, 5)).toEqual(Buffer.of(0x80, 0x80, 0x04));
    lie.set([0xe4, 0x80, 0x00], 2);
    expect(() => unpack(lie)).toThrow(BlobDamaged);
  });
});

it('a dictionary is never edited: what was packed with it could not be read again', () => {
  const hashes = dictionaries.map((octets) => createHash('sha256').update(octets).digest('hex'));
  expect(hashes).toEqual([
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'bfe241828f70d0ba00dde947301f0300d0602038046100d25cfed0f7efdca7fd',
    'ae1d3a59deb8fbf1d6255d5ba6dade9f58d609c433832be19978c130ab1dd2ed',
  ]);
  for (const octets of dictionaries) expect(octets.length).toBeLessThanOrEqual(32_768 - 262);
});

it.each([
  ['a message in quoted-printable', 1, 'From: a@b.vn\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nC=C3=B4ng'],
  ['a message in 8 bits', 2, 'From: a@b.vn\r\nContent-Transfer-Encoding: 8bit\r\n\r\nCông văn'],
  ['words, whatever character is cut through', 2, officeWords.subarray(0, 5000)],
  ['words that begin one octet later', 2, Buffer.concat([Buffer.of(65), officeWords])],
  ['words that begin two octets later', 2, Buffer.concat([Buffer.of(65, 66), officeWords])],
  ['a PDF file', 0, Buffer.from('%PDF-1.5\n%\xb5\xed\xae\xfb\n1 0 obj', 'latin1')],
  ['noise', 0, noise(5000)],
  ['nothing', 2, ''],
])('%s is packed with dictionary %i', async (_, number, content) => {
  const octets = Buffer.from(content);
  expect(dictionaryFor(octets)).toBe(number);
  const packed = await pack(octets);
  expect(packed[1]).toBe(number);
  expect(unpack(packed).equals(octets)).toBe(true);
});

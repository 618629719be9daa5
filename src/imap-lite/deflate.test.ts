import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { asItIs, compressed } from './deflate.ts';

const back = (bytes: Buffer) => inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
const base64 = Buffer.from(randomBytes(45_000).toString('base64').replace(/.{76}/g, '$&\r\n'));
const text = Buffer.from('Kính gửi các đơn vị, đề nghị báo cáo tình hình thực hiện.\r\n'.repeat(800));

const kinds = [
  ['nothing', Buffer.alloc(0)],
  ['one octet', Buffer.from('.')],
  ['base64', base64],
  ['text', text],
  ['octets of any kind', randomBytes(60_000)],
  ['text, then base64', Buffer.concat([text, base64])],
] as const;

describe('what is sent compressed', () => {
  it.each(kinds)('%s comes out as it went in', (_, bytes) => {
    expect(back(compressed(bytes)).equals(bytes)).toBe(true);
  });

  it('base64 shrinks as far as looking for repetitions would bring it', () => {
    const thorough = deflateRawSync(base64, { level: 9 }).length;
    expect(compressed(base64).length).toBeLessThan(thorough * 1.01);
  });

  it('text shrinks by what repeats in it', () => {
    expect(compressed(text).length).toBeLessThan(text.length / 50);
  });

  it('text with a little base64 in it is still looked through', () => {
    const mixed = Buffer.concat([text, base64.subarray(0, 6000)]);
    expect(compressed(mixed).length).toBeLessThan(6000);
  });
});

describe('what is sent as it is', () => {
  it.each(kinds)('%s comes out as it went in', (_, bytes) => {
    expect(back(Buffer.concat(asItIs([bytes]))).equals(bytes)).toBe(true);
  });

  it.each([65_535, 65_536, 131_070, 200_000])('costs five octets a block, with %i octets too', (size) => {
    const bytes = randomBytes(size);
    const sent = Buffer.concat(asItIs([bytes]));
    expect(sent.length).toBe(size + 5 * Math.ceil(size / 65_535));
    expect(back(sent).equals(bytes)).toBe(true);
  });

  it('and what is compressed make one stream, in any order', () => {
    const sent = [compressed(text), ...asItIs([base64, text]), compressed(base64), ...asItIs([Buffer.from('.')])];
    expect(back(Buffer.concat(sent)).equals(Buffer.concat([text, base64, text, base64, Buffer.from('.')]))).toBe(true);
  });
});

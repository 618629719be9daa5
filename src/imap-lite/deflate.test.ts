import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { compressed } from './deflate.ts';

const back = (bytes: Buffer) => inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
const base64 = Buffer.from(randomBytes(45_000).toString('base64').replace(/.{76}/g, '$&\r\n'));
const text = Buffer.from('Kính gửi các đơn vị, đề nghị báo cáo tình hình thực hiện.\r\n'.repeat(800));

describe('what is sent compressed', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['one octet', Buffer.from('.')],
    ['base64', base64],
    ['text', text],
    ['octets of any kind', randomBytes(60_000)],
    ['text, then base64', Buffer.concat([text, base64])],
  ])('%s comes out as it went in', (_, bytes) => {
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

import { createHash } from 'node:crypto';

import { expect, it } from 'vitest';

import { deriveMessage } from '../message/derive.ts';
import { oddMessages } from '../message/testing/collection.ts';
import { jsonDictionaries, packJson, unpackJson } from './packed-json.ts';

it('comes back as it was', () => {
  for (const value of [null, 0, '', 'Kính gửi', [], {}, { a: ['\u0000', '\ud800', '"\\'] }, 'x'.repeat(100_000)])
    expect(unpackJson(packJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
});

it('takes about a third for what is derived from messages', () => {
  let plain = 0;
  let packed = 0;
  for (const { bytes } of oddMessages()) {
    const derived = deriveMessage(bytes);
    expect(unpackJson(packJson(derived))).toEqual(JSON.parse(JSON.stringify(derived)));
    plain += Buffer.byteLength(JSON.stringify(derived));
    packed += packJson(derived).length;
  }
  expect(packed).toBeLessThan(plain * 0.45);
});

it('refuses what it does not know or what is cut off', () => {
  const packed = packJson({ a: 'Kính gửi các đồng chí' });
  for (const bytes of [Buffer.of(), Buffer.of(0, 1), Buffer.of(9, 1, 2), packed.subarray(0, 5)])
    expect(() => unpackJson(bytes)).toThrow();
});

it('a dictionary is never edited: what was packed with it could not be read again', () => {
  const hashes = jsonDictionaries.map((d) => d && createHash('sha256').update(d).digest('hex'));
  expect(hashes).toEqual([undefined, 'deab4f3d1245e4b656ae59ee3e816c63990c452e3d6fae200930b556f67db344']);
});

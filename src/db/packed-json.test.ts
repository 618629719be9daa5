import { createHash } from 'node:crypto';

import { expect, it } from 'vitest';

import { deriveMessage } from '../message/derive.ts';
import { oddMessages } from '../message/testing/collection.ts';
import { random } from '../base/testing/random.ts';
import { jsonDictionaries, packJson, unpackJson, unpackMembers } from './packed-json.ts';
import { words } from './short-json.ts';

it('comes back as it was', () => {
  const text = [
    '',
    'Kính gửi',
    '\u0000',
    '\ud800',
    '"\\',
    '😀',
    'subject',
    'x'.repeat(63),
    'y'.repeat(64),
    'ạ'.repeat(300),
  ];
  const numbers = [
    0,
    -0,
    1,
    127,
    128,
    2 ** 32,
    2 ** 53 - 1,
    -1,
    -128,
    -(2 ** 53 - 1),
    2 ** 53,
    1.5,
    -1e-7,
    1e300,
    NaN,
    Infinity,
  ];
  const members = { subject: undefined, 'không quen': null, to: [undefined, true, false], ['__proto__']: { a: 1 } };
  for (const value of [null, [], {}, ...text, ...numbers, text, numbers, { text }, members, [[members]]]) {
    const json = JSON.stringify(value);
    expect(JSON.stringify(unpackJson(packJson(value)))).toBe(json);
    expect(JSON.stringify(unpackJson(packJson([value, 'x'.repeat(100_000)])))).toBe(
      JSON.stringify([value, 'x'.repeat(100_000)]),
    );
  }
  const long = Array.from({ length: 16 }, (_, i) => i);
  expect(unpackJson(packJson([long, Object.fromEntries(long.entries())]))).toEqual([long, { ...long }]);
});

it('gives some members of one object, whatever stands before and between', () => {
  const all = [
    null,
    true,
    'x'.repeat(70),
    '\ud800',
    [[1.5], 'ạ'],
    { 'không quen': { to: [-300, 'subject'] } },
    2 ** 40,
  ];
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`m${i}`, all]));
  const value = {
    size: 1,
    root: many,
    parts: Array(20).fill(all),
    summary: { from: all, to: 'x', odd: many, cc: [] },
    text: 'y',
  };
  for (const stored of [packJson(value), packJson({ size: 1, summary: value.summary }), packJson([value])])
    for (const wanted of [[], ['to'], ['cc', 'from'], ['odd', 'nothing', 'to']]) {
      const whole = unpackJson(stored) as Partial<typeof value>;
      const inner: Record<string, unknown> = whole.summary ?? {};
      const expected = Object.fromEntries(Object.entries(inner).filter(([name]) => wanted.includes(name)));
      expect(unpackMembers(stored, 'summary', wanted)).toEqual(expected);
      expect(unpackMembers(stored, 'size', wanted)).toEqual({});
      expect(unpackMembers(stored, 'none', wanted)).toEqual({});
    }
  const cut = packJson({ summary: { to: all, cc: 'x'.repeat(90) } }).subarray(0, -1);
  expect(unpackMembers(cut, 'summary', ['to'])).toEqual({ to: all });
  expect(() => unpackMembers(cut, 'summary', ['cc'])).toThrow('cut off');
});

it('takes little more than half for what is derived from messages', () => {
  let plain = 0;
  let packed = 0;
  for (const { bytes } of oddMessages()) {
    const derived = deriveMessage(bytes);
    expect(unpackJson(packJson(derived))).toEqual(JSON.parse(JSON.stringify(derived)));
    plain += Buffer.byteLength(JSON.stringify(derived));
    packed += packJson(derived).length;
  }
  expect(packed).toBeLessThan(plain * 0.65);
});

it('refuses what it does not know or what is cut off', () => {
  const packed = packJson({ a: 'Kính gửi các đồng chí' });
  const long = packJson('Kính gửi các đồng chí'.repeat(1000));
  for (const bytes of [Buffer.of(), Buffer.of(0, 1), Buffer.of(9, 1, 2), packed.subarray(0, 5), long.subarray(0, 50)])
    expect(() => unpackJson(bytes)).toThrow();
  // No such kind, no such word, a count of what is not there.
  for (const bytes of [[2, 11], [2, 10, 255], [2, 8, 255, 255, 255, 255, 127], [2, 0x31, 255, 0], [2]])
    expect(() => unpackJson(Buffer.from(bytes))).toThrow();
});

it('gives a value or an error for octets that the disk changed, and never more work than there are octets', () => {
  const { int, chance } = random(5);
  const whole = packJson(deriveMessage(oddMessages()[0]!.bytes));
  let read = 0;
  for (let i = 0; i < 4000; i++) {
    const bytes = chance(0.5)
      ? Buffer.from(whole.subarray(0, Math.min(whole.length, 2000)))
      : Buffer.alloc(1 + int(60), int(256));
    for (let n = int(6); n >= 0; n--) bytes[1 + int(bytes.length - 1)] = int(256);
    bytes[0] = 2;
    for (const look of [() => unpackJson(bytes), () => unpackMembers(bytes, 'summary', ['subject', 'from'])]) {
      try {
        JSON.stringify(look());
        read++;
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
  }
  expect(read).toBeGreaterThan(100);
  expect(() => unpackJson(Buffer.concat([Buffer.of(2), Buffer.alloc(1_000_000, 0x21)]))).toThrow();
});

it('a dictionary is never edited: what was packed with it could not be read again', () => {
  const hashes = jsonDictionaries.map((d) => d && createHash('sha256').update(d).digest('hex'));
  expect(hashes).toEqual([undefined, 'deab4f3d1245e4b656ae59ee3e816c63990c452e3d6fae200930b556f67db344']);
  const first = createHash('sha256').update(words.slice(0, 112).join(' ')).digest('hex');
  expect(first).toBe('c704409c415e09749363e1306e8bd8d3ae7bff907dc39838281f7d8195b145e8');
  expect(words.length).toBeLessThan(256);
});

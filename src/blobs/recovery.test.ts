/** Messages read as docs/database.md describes their form, with nothing of this folder but the dictionary's octets. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { sha256 } from '../base/bytes.ts';
import { message, openStore, type TestStore } from '../mailstore/testing/setup.ts';
import { dictionaries } from './dictionary.ts';
import { noise, noiseText } from './testing/noise.ts';

type Find = (name: string) => Promise<Buffer>;

function reader(form: Buffer) {
  let at = 1;
  const octets = (n: number) => form.subarray(at, (at += n));
  const number = (): number => {
    const octet = octets(1)[0]!;
    return octet < 128 ? octet : octet - 128 + 128 * number();
  };
  return { octets, number, rest: () => form.subarray(at), at: () => at };
}

async function read(name: string, find: Find): Promise<Buffer> {
  const form = await find(name);
  return form[0] === 1 ? unpacked(form) : cooked(form, find);
}

function unpacked(form: Buffer): Buffer {
  const { octets, number } = reader(form);
  const dictionary = dictionaries[octets(1)[0]!]!;
  const [size, chunkSize] = [number(), number()];
  const chunks = Array.from({ length: Math.ceil(size / chunkSize) }, () => ({
    n: number(),
    crc: octets(4).readUInt32LE(),
  }));
  return Buffer.concat(
    chunks.map(({ n, crc }) => {
      const stored = octets(Math.floor(n / 2));
      const plain = n % 2 === 1 ? stored : inflateRawSync(stored, { dictionary });
      expect(crc32(plain)).toBe(crc);
      return plain;
    }),
  );
}

async function cooked(form: Buffer, find: Find): Promise<Buffer> {
  const r = reader(form);
  const [size, steps, length] = [r.number(), r.number(), r.number()];
  const end = r.at() + length;
  expect(form.readUInt32LE(end)).toBe(crc32(form.subarray(0, end)));
  const tail = form.subarray(end + 5);
  const where = form[end + 4];
  let text = where === 0 ? Buffer.alloc(0) : where === 1 ? unpacked(tail) : await read(tail.toString('hex'), find);
  const out: Buffer[] = [];
  for (let i = 0; i < steps; i++) {
    const step = r.octets(1)[0]!;
    const n = r.number();
    const [line, lineEnd] = step === 1 || step === 2 ? [r.number(), r.number()] : [0, 0];
    const content = step < 2 ? text.subarray(0, n) : await read(r.octets(32).toString('hex'), find);
    expect(content.length).toBe(n);
    if (step < 2) text = text.subarray(n);
    if (step === 0 || step === 3) out.push(content);
    else {
      const all = content.toString('base64');
      const lines = line === 0 ? [all] : (all.match(new RegExp(`.{1,${line}}`, 'g')) ?? []);
      out.push(Buffer.from(lines.join(['', '\n', '\r\n'][lineEnd])));
    }
  }
  const whole = Buffer.concat(out);
  expect([whole.length, text.length]).toEqual([size, 0]);
  return whole;
}

let t: TestStore;
beforeAll(async () => {
  t = await openStore(sqliteDatabase);
});
afterAll(() => t.dispose());

const lines = (content: Buffer, eol = '\r\n') => content.toString('base64').replace(/.{76}(?=.)/g, `$&${eol}`);
const part = (head: string, body: string) => `--x\r\n${head}\r\n\r\n${body}\r\n`;
const BASE64 = 'Content-Transfer-Encoding: base64';
const file = `Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n${BASE64}`;
const mixed = (...parts: string[]) =>
  message({ 'Content-Type': 'multipart/mixed; boundary=x' }, `${parts.join('')}--x--`);

it.each([
  ['a short text', message()],
  ['a text of several chunks', message({}, 'Kính gửi các đồng chí. '.repeat(9000))],
  ['a text outside a row', message({}, noiseText(400_000))],
  ['text in base64', message({ 'Content-Transfer-Encoding': 'base64' }, lines(Buffer.from('Kính gửi '.repeat(50))))],
  [
    'files, small and large, one twice',
    mixed(part(file, lines(noise(3000))), part(file, lines(noise(300_000))), part(file, lines(noise(3000)))),
  ],
  [
    'a file in one line, and one in lines of LF',
    mixed(part(file, noise(4000).toString('base64')), part(file, lines(noise(5000, 2), '\n'))),
  ],
  [
    'a file as it is',
    mixed(part('Content-Type: text/csv\r\nContent-Disposition: attachment', 'số;ngày\r\n'.repeat(500))),
  ],
  ['a file within a large text', mixed(part('', noiseText(300_000)), part(file, lines(noise(9000))))],
])('%s can be recovered by the page alone', async (_, bytes) => {
  const { blob } = await t.store.prepare(bytes);
  await t.db.write((tx) => t.blobs.record(tx, blob));
  const rows = await t.db.read.select().from(t.db.t.blobs);
  const find: Find = async (name) => {
    const row = rows.find((each) => each.hash === name);
    expect(row, name).toBeDefined();
    const data = row!.data ?? (await readFile(join(t.folder, name.slice(0, 2), name)));
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  };
  const recovered = await read(sha256(bytes), find);
  expect(recovered.equals(bytes)).toBe(true);
});

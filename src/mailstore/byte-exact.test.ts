/** Whatever came is stored so that the very same octets go out: read whole, streamed, or any range of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { sha256 } from '../base/bytes.ts';
import { packageRoot } from '../base/paths.ts';
import { PIECE_BYTES, ROW_BYTES } from '../blobs/blob-store.ts';
import { noise, noiseText } from '../blobs/testing/noise.ts';
import { random, type Random } from '../base/testing/random.ts';
import { oddMessages } from '../message/testing/collection.ts';
import { deriveMessage } from '../message/derive.ts';
import { encodedSpans } from '../message/spans.ts';
import { openStore, type TestStore } from './testing/setup.ts';

const shared = join(packageRoot, '..', 'shared', 'corpus');

function sharedMessages(): { name: string; bytes: Buffer }[] {
  if (!existsSync(shared)) return [];
  return readdirSync(shared, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'README.md')
    .map((entry) => {
      const raw = readFileSync(join(entry.parentPath, entry.name));
      return { name: entry.name, bytes: entry.name.endsWith('.gz') ? gunzipSync(raw) : raw };
    });
}

/** A part as mailers write it, and as they should not. */
function randomPart(r: Random, depth: number): string {
  const eol = r.chance(0.85) ? '\r\n' : '\n';
  if (depth < 3 && r.chance(0.25)) return randomMultipart(r, depth + 1, eol);
  if (depth < 3 && r.chance(0.1)) return `Content-Type: message/rfc822${eol}${eol}${randomPart(r, depth + 1)}`;
  const size = r.pick([0, 1, 40, 63, 64, 100, 2047, 2048, 2049, 5000, 70_000]);
  const content = r.chance(0.5) ? noise(size, r.int(4)) : Buffer.from('Kính gửi đồng chí. '.repeat(size / 20));
  const type = r.pick([
    'text/plain; charset=utf-8',
    'application/pdf',
    'image/png; name="a.png"',
    'text/csv; name=b.csv',
  ]);
  const disposition = r.chance(0.5) ? `Content-Disposition: attachment; filename="t${r.int(9)}"${eol}` : '';
  const encoding = r.pick(['base64', 'base64', 'base64', 'quoted-printable', '8bit', '7bit']);
  const head = `Content-Type: ${type}${eol}Content-Transfer-Encoding: ${encoding}${eol}${disposition}${eol}`;
  if (encoding !== 'base64') return head + content.toString(r.chance(0.5) ? 'hex' : 'latin1') + eol;
  const line = r.pick([76, 76, 76, 72, 64, 60, 75, 998, 4, 0]);
  const text = content.toString('base64');
  const lines = line === 0 ? text : text.replace(new RegExp(`.{${line}}(?=.)`, 'g'), `$&${eol}`);
  return head + spoil(r, lines) + r.pick(['', eol, eol + eol]);
}

function spoil(r: Random, lines: string): string {
  const at = r.int(lines.length + 1);
  if (r.chance(0.7)) return lines;
  return r.pick([
    () => lines.slice(0, at) + r.pick([' ', '\r\n', '\n', '=', '-', '\0', 'é']) + lines.slice(at),
    () => lines.slice(0, at),
    () => `${lines}\r\n-- \r\nMột danh sách thư đã thêm dòng này`,
    () => `\r\n${lines}`,
    () => lines.replace(/=+$/, ''),
    () => `${lines}\r\n${lines}`,
  ])();
}

function randomMultipart(r: Random, depth: number, eol: string): string {
  const boundary = `=_${depth}_${r.int(1e9)}`;
  const parts = Array.from({ length: 1 + r.int(5) }, () => `--${boundary}${eol}${randomPart(r, depth)}${eol}`);
  const close = r.chance(0.9) ? `--${boundary}--${eol}` : '';
  return `Content-Type: multipart/${r.pick(['mixed', 'alternative', 'related'])}; boundary="${boundary}"${eol}${eol}${parts.join('')}${close}`;
}

const randomMessage = (seed: number): Buffer => {
  const r = random(seed);
  return Buffer.from(
    `From: a@b.vn\r\nSubject: ${seed}\r\nMIME-Version: 1.0\r\n${randomMultipart(r, 0, '\r\n')}`,
    'latin1',
  );
};

const lines76 = (content: Buffer): string => content.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');
const file = (content: string, name: string): string =>
  `--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=${name}\r\nContent-Transfer-Encoding: base64\r\n\r\n${content}\r\n`;
const mixed = (...parts: string[]): Buffer =>
  Buffer.from(`From: a@b.vn\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n${parts.join('')}--x--\r\n`, 'latin1');

/** What a stranger may send to make storing dear. */
const hostile: [string, () => Buffer][] = [
  ['one giant line of base64', () => mixed(file(noise(1_500_000).toString('base64'), 'a.pdf'))],
  [
    'lines of one character',
    () =>
      mixed(
        file(
          noise(30_000)
            .toString('base64')
            .replace(/.(?=.)/g, '$&\r\n'),
          'a.pdf',
        ),
      ),
  ],
  [
    'thousands of tiny files',
    () => mixed(...Array.from({ length: 3000 }, (_, i) => file(lines76(noise(50, i)), `${i}`))),
  ],
  [
    'many files worth a name',
    () => mixed(...Array.from({ length: 700 }, (_, i) => file(lines76(noise(2100, i)), `${i}`))),
  ],
  ['the same file again and again', () => mixed(...Array.from({ length: 300 }, () => file(lines76(noise(4000)), 'a')))],
  ['no file, only a text larger than a row', () => Buffer.from(`Subject: x\r\n\r\n${noiseText(3 * ROW_BYTES)}`)],
  [
    'text larger than a row around a file',
    () => mixed(file(lines76(noise(5000)), 'a'), `--x\r\n\r\n${noiseText(3 * ROW_BYTES)}\r\n`),
  ],
  [
    'words that inflate hugely',
    () => mixed(file(lines76(Buffer.alloc(9_000_000)), 'a'), `--x\r\n\r\n${' '.repeat(4e6)}\r\n`),
  ],
  ['nothing', () => Buffer.alloc(0)],
];

describe.each(dialects)('a message on $dialect', ({ dialect, open }) => {
  let t: TestStore;
  beforeAll(async () => {
    t = await openStore(open);
  });
  afterAll(() => t.dispose());

  async function expectExact(bytes: Buffer, name: string, r: Random): Promise<void> {
    const prepared = await t.store.prepare(bytes);
    const { hash } = prepared.blob;
    expect(hash).toBe(sha256(bytes));
    expect(await t.blobs.staged(prepared.blob)).toBe(bytes);
    const { data: _, held: _held, ...alone } = prepared.blob;
    expect(Buffer.from(await t.blobs.staged(alone)).equals(bytes), name).toBe(true);
    await t.db.write((tx) => t.blobs.record(tx, prepared.blob));
    expect(Buffer.from(await t.blobs.read(hash)).equals(bytes), name).toBe(true);
    const pieces: Uint8Array[] = [];
    for await (const piece of t.blobs.stream(hash)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(bytes), `${name}, streamed`).toBe(true);
    expect(pieces.every((piece) => piece.length <= PIECE_BYTES)).toBe(true);
    for (let i = 0; i < 6; i++) {
      const start = r.int(bytes.length + 2);
      const end = start + r.pick([0, 1, 2, 77, 78, 79, 8192, 100_000]);
      const range = await t.blobs.readRange(hash, start, end);
      expect(Buffer.from(range).equals(bytes.subarray(start, end)), `${name}, ${start}-${end}`).toBe(true);
    }
  }

  it('of our collection of odd ones is the same', async () => {
    for (const { name, bytes } of oddMessages()) await expectExact(Buffer.from(bytes), name, random(1));
  });

  it('made at random, of regular and irregular parts, is the same', async () => {
    const last = dialect === 'sqlite' ? 80 : 20;
    for (let seed = 1; seed <= last; seed++) await expectExact(randomMessage(seed), `seed ${seed}`, random(seed));
  });

  it.each(hostile)('that is hostile is the same: %s', async (name, make) => {
    await expectExact(make(), name, random(7));
  });

  it('is whole by the deepest check, all of them', async () => {
    const findings: string[] = [];
    for await (const { finding } of t.blobs.check(true)) findings.push(finding);
    expect(findings).toEqual([]);
    const [[recipes] = []] = await t.db.read.rows(sql`select count(distinct hash) as n from blob_parts`);
    expect(Number(recipes)).toBeGreaterThan(15);
  });
});

describe.skipIf(!existsSync(shared))('the shared corpus', () => {
  it('is stored so that every message comes out as it went in', async () => {
    const t = await openStore(dialects[0]!.open);
    for (const { name, bytes } of sharedMessages()) {
      const { root, attachments } = deriveMessage(bytes);
      const staged = await t.blobs.stage(bytes, encodedSpans(root, attachments));
      await t.db.write((tx) => t.blobs.record(tx, staged));
      expect(Buffer.from(await t.blobs.read(staged.hash)).equals(bytes), name).toBe(true);
      const pieces: Uint8Array[] = [];
      for await (const piece of t.blobs.stream(staged.hash)) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(bytes), `${name}, streamed`).toBe(true);
    }
    await t.dispose();
  });
});

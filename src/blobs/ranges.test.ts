/** Any part of any blob, however it lies: the octets of that part, and nothing left open by a reader that goes away. */
import { readdirSync, readlinkSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import type { BlobHash } from '../base/ids.ts';
import { random } from '../base/testing/random.ts';
import { PIECE_BYTES } from './blob-store.ts';
import { CHUNK_BYTES } from './packed.ts';
import type { Span } from './recipe.ts';
import { noise, noiseText } from './testing/noise.ts';
import { SharedFiles } from './testing/sharing.ts';

/** A message whose files are written in lines of this length, with this line end between them. */
function written(lineLength: number, lineEnd: string, files: readonly Buffer[]): { bytes: Buffer; spans: Span[] } {
  const parts: Buffer[] = [Buffer.from('Subject: x\r\n\r\n')];
  const spans: Span[] = [];
  let at = parts[0]!.length;
  const push = (text: string) => {
    const bytes = Buffer.from(text, 'latin1');
    parts.push(bytes);
    at += bytes.length;
  };
  for (const file of files) {
    push('--x\r\n\r\n');
    const start = at;
    const text = file.toString('base64');
    push(lineLength === 0 ? text : (text.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? []).join(lineEnd));
    spans.push({ start, end: at, encoding: 'base64', isFile: file.length % 2 === 0 });
    push('\r\n');
  }
  return { bytes: Buffer.concat(parts), spans };
}

const files = (seed: number) => [
  noise(4001 + seed, seed),
  noise(300_000, seed),
  Buffer.from(noiseText(70_002, seed)),
  noise(2050, seed),
];
const shapes: [string, { bytes: Buffer; spans: Span[] }][] = [
  ['octets as they are', { bytes: noise(3 * CHUNK_BYTES + 17), spans: [] }],
  ['text in chunks', { bytes: Buffer.from(noiseText(4 * CHUNK_BYTES)), spans: [] }],
  ['one octet', { bytes: Buffer.from('x'), spans: [] }],
  ['nothing', { bytes: Buffer.alloc(0), spans: [] }],
  ...(
    [
      [76, '\r\n'],
      [64, '\n'],
      [1, '\n'],
      [3, '\r\n'],
      [4, '\n'],
      [997, '\r\n'],
      [0, ''],
    ] as const
  ).map(([length, end], i): [string, { bytes: Buffer; spans: Span[] }] => [
    `files in lines of ${length}`,
    written(length, end, length === 1 || length === 3 ? files(i).slice(0, 1) : files(i)),
  ]),
];

describe('reading a part', () => {
  let store: SharedFiles;
  beforeAll(async () => {
    store = new SharedFiles(await sqliteDatabase());
    await store.fresh();
  });
  afterAll(() => store.dispose());
  // What other tests of this process had open may be closed meanwhile.
  const opened = () => readdirSync('/proc/self/fd').filter((name) => targetOf(name).startsWith(store.folder)).length;

  describe.each(shapes)('of %s', (name, letter) => {
    const size = letter.bytes.length;
    const same = (part: Uint8Array, start: number, end: number) =>
      expect(Buffer.compare(part, letter.bytes.subarray(start, end)), `${name} [${start}, ${end})`).toBe(0);
    let hash: BlobHash;
    beforeAll(async () => {
      hash = await store.put(letter);
    });

    it('gives that part, wherever it begins and ends', async () => {
      const { int } = random(size);
      const borders = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, size - 1, size, size + 1, size + 10 ** 6];
      const place = () => (int(3) === 0 ? Math.max(0, borders[int(borders.length)]!) : int(size + 2));
      for (let i = 0; i < 60; i++) {
        const [a, b] = [place(), place()];
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        same(await store.blobs.readRange(hash, start, end), start, end);
        if (start < end) expect((await store.blobs.readRange(hash, end, start)).length).toBe(0);
      }
    });

    it('in pieces, of which none is too large, to the end or as far as somebody listens', async () => {
      const { int } = random(size + 1);
      const before = opened();
      for (let i = 0; i < 12; i++) {
        const start = int(3) === 0 ? 0 : int(size + 1);
        const end = int(2) === 0 ? Infinity : start + int(size + 1);
        const most = int(2) === 0 ? Infinity : 1 + int(3);
        const pieces: Buffer[] = [];
        for await (const piece of store.blobs.stream(hash, start, end)) {
          expect(piece.length).toBeLessThanOrEqual(PIECE_BYTES);
          pieces.push(Buffer.from(piece));
          if (pieces.length >= most) break;
        }
        const got = Buffer.concat(pieces);
        same(got, start, start + got.length);
        if (most === Infinity) expect(got.length).toBe(Math.max(0, Math.min(end, size) - start));
      }
      expect(opened()).toBe(before);
    });
  });

  it('of what is not there says so, and leaves nothing open', async () => {
    const absent = 'f'.repeat(64) as BlobHash;
    const before = opened();
    await expect(store.blobs.readRange(absent, 0, 1)).rejects.toMatchObject({ code: 'blob.missing' });
    await expect(store.blobs.stream(absent, 5)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'blob.missing',
    });
    expect(opened()).toBe(before);
  });
});

const targetOf = (descriptor: string): string => {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
};

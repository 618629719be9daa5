/** A file of the folder that the disk gives otherwise than it was written: every reader says so, in the same words. */
import { readFileSync, writeFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { isDomainError } from '../base/errors.ts';
import type { BlobHash } from '../base/ids.ts';
import { placeIn } from './folder.ts';
import { random } from '../base/testing/random.ts';
import { BrokenOff } from './series.ts';
import { noise, noiseText } from './testing/noise.ts';
import { SharedFiles } from './testing/sharing.ts';
import { Writer } from './varint.ts';

/** All in chunks of 64 KiB: as they are, or deflated. */
const kinds = [
  ['noise', noise(150_000), [1, 0x5a, 0x80]],
  ['text', Buffer.from(noiseText(200_000)), [0x80]],
] as const;
const HEAD = 40;

describe.each(kinds)('a file of %s that has changed', (_, content, masks) => {
  let store: SharedFiles;
  let hash: BlobHash;
  let path: string;
  let whole: Buffer;
  beforeAll(async () => {
    store = new SharedFiles(await sqliteDatabase());
    await store.fresh();
    hash = await store.put({ bytes: content, spans: [] });
    path = placeIn(store.folder, hash);
    whole = readFileSync(path);
  });
  afterAll(() => store.dispose());

  /** Every way to read; each gives these very octets or says that they are damaged. @returns how many gave them */
  async function readers(): Promise<number> {
    const { blobs } = store;
    const size = content.length;
    const same = (bytes: Uint8Array, start = 0, end = size) =>
      expect(Buffer.compare(bytes, content.subarray(start, end))).toBe(0);
    const range = async (start: number, end: number) => same(await blobs.readRange(hash, start, end), start, end);
    const stream = async (start: number) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of blobs.stream(hash, start)) pieces.push(Buffer.from(piece));
      same(Buffer.concat(pieces), start);
    };
    const ways = [
      async () => same(await blobs.read(hash)),
      () => range(0, 10),
      () => range(size - 10, size + 10),
      () => range(65_530, 131_080),
      () => stream(0),
      () => stream(1),
      async () => same((await blobs.ahead([{ hash, size }]).whole(0))!),
      async () => {
        const pieces: Uint8Array[] = [];
        for await (const { bytes } of blobs.series([{ hash, size, before: '', after: '' }]))
          pieces.push(Buffer.from(bytes));
        same(Buffer.concat(pieces));
      },
    ];
    let good = 0;
    for (const way of ways) {
      const failure: unknown = await way().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) good++;
      else expect(isDomainError(failure instanceof BrokenOff ? failure.cause : failure, 'blob.damaged')).toBe(true);
    }
    return good;
  }

  it('is whole to begin with', async () => {
    expect(await readers()).toBe(8);
  });

  it('anywhere in its head is never read wrong, and no reader asks for impossible room', async () => {
    for (let at = 0; at < Math.min(HEAD, whole.length); at++)
      for (const mask of masks) {
        const spoilt = Buffer.from(whole);
        spoilt[at] = spoilt[at]! ^ mask;
        writeFileSync(path, spoilt);
        await readers();
      }
    writeFileSync(path, whole);
  });

  it('so that it speaks of more than any memory holds is damaged, as any other', async () => {
    for (const [size, chunkSize] of [
      [2 ** 49, 1],
      [2 ** 49, 65_536],
      [2 ** 33, 1],
      [content.length, 1],
      [content.length, 7],
    ] as const) {
      const head = new Writer().octet(1).octet(whole[1]!).number(size).number(chunkSize).done();
      writeFileSync(path, Buffer.concat([head, whole.subarray(head.length)]));
      expect(await readers()).toBe(0);
    }
    const dice = random(20261122);
    for (let round = 0; round < 40; round++) {
      const spoilt = Buffer.from(whole);
      for (let at = 2; at < HEAD; at++) spoilt[at] = dice.int(256);
      writeFileSync(path, spoilt);
      expect(await readers()).toBe(0);
    }
    writeFileSync(path, whole);
  });

  it('in an octet of any chunk is found by who reads that chunk, and the others are read', async () => {
    for (const at of [3000, 70_000, whole.length - 50]) {
      const spoilt = Buffer.from(whole);
      spoilt[at] = spoilt[at]! ^ 16;
      writeFileSync(path, spoilt);
      const good = await readers();
      expect(good).toBeGreaterThan(0);
      expect(good).toBeLessThan(4);
      expect(await store.findings()).toEqual([`the bytes of ${hash} have changed`]);
    }
    writeFileSync(path, whole);
  });

  it('is too short, empty, or longer than it was', async () => {
    for (const length of [0, 1, 5, 20, 39, 60_000, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      await readers();
      expect(await store.findings()).toHaveLength(1);
    }
    writeFileSync(path, Buffer.concat([whole, Buffer.from('x')]));
    await readers();
    expect(await store.findings()).toHaveLength(1);
    writeFileSync(path, whole);
    expect(await store.findings()).toEqual([]);
  });
});

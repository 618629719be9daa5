import { mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { sqliteDatabase, type TestDatabase } from '../../test/support/databases.ts';
import { systemClock } from '../base/clock.ts';
import type { BlobHash } from '../base/ids.ts';
import { createBlobStore, PIECE_BYTES, ROW_BYTES, type BlobBackend, type BlobStore } from './blob-store.ts';
import { folderBackend } from './folder.ts';
import { noise } from './testing/noise.ts';

const large = noise(ROW_BYTES + 1);
const DAY = 86_400_000;
let test: TestDatabase;
let folder: string;
let backend: BlobBackend;
let blobs: BlobStore;
beforeEach(async () => {
  test = await sqliteDatabase();
  folder = await mkdtemp(join(tmpdir(), 'congvu-blobs-'));
  backend = folderBackend(folder);
  blobs = createBlobStore({ db: test.db, backend, clock: systemClock });
});
afterEach(async () => {
  await test.dispose();
  await rm(folder, { recursive: true, force: true });
});
const place = (hash: BlobHash) => join(folder, hash.slice(0, 2), hash);
const age = (hash: BlobHash) => utimes(place(hash), new Date(Date.now() - 3 * DAY), new Date(Date.now() - 3 * DAY));
const none = () => Promise.resolve(new Set<BlobHash>());
const sweep = (store = blobs) => store.sweep(none, Date.now() - DAY);
/** Large content that nothing names, days old. */
async function orphan(): Promise<BlobHash> {
  const { hash } = await blobs.stage(large);
  await age(hash);
  return hash;
}

describe('content in the folder that nothing names', () => {
  it('is swept when it is old', async () => {
    const hash = await orphan();
    await sweep();
    expect(await backend.has(hash)).toBe(false);
    expect(await readdir(join(place(hash), '..'))).toEqual([]);
  });

  it('is young again once somebody stages the same bytes', async () => {
    const hash = await orphan();
    const staged = await blobs.stage(large);
    await sweep();
    await test.db.write((tx) => blobs.record(tx, staged));
    expect(Buffer.from(await blobs.read(hash)).equals(large)).toBe(true);
  });

  it('survives being staged between the look and the removal of a sweep', async () => {
    const hash = await orphan();
    let staged: Awaited<ReturnType<BlobStore['stage']>> | undefined;
    const late: BlobBackend = {
      ...backend,
      async deleteOlder(name, before) {
        staged = await blobs.stage(large);
        await backend.deleteOlder(name, before);
      },
    };
    await sweep(createBlobStore({ db: test.db, backend: late, clock: systemClock }));
    await test.db.write((tx) => blobs.record(tx, staged!));
    expect(Buffer.from(await blobs.read(hash)).equals(large)).toBe(true);
  });

  it('is put anew when it is staged right after the removal', async () => {
    const hash = await orphan();
    await sweep();
    const staged = await blobs.stage(large);
    await test.db.write((tx) => blobs.record(tx, staged));
    expect((await blobs.read(hash)).length).toBe(large.length);
  });

  it('comes back when a sweep was cut off with it taken aside', async () => {
    const hash = await orphan();
    await rename(place(hash), `${place(hash)}.0123456789ab.gone`);
    for await (const _ of backend.list());
    expect((await stat(place(hash))).size).toBeGreaterThan(large.length);
    expect(await readdir(join(place(hash), '..'))).toEqual([hash]);
  });

  it('never disappears under many that stage it while sweeps run', async () => {
    const hash = await orphan();
    for (let round = 0; round < 20; round++) {
      await age(hash);
      const [staged] = await Promise.all([blobs.stage(large), sweep(), sweep()]);
      expect(staged.hash).toBe(hash);
      expect(await backend.has(hash)).toBe(true);
    }
  });
});

it('stages the same bytes at once for many, each time durable when it says so', async () => {
  const staged = await Promise.all(Array.from({ length: 20 }, () => blobs.stage(large)));
  const hash = staged[0]!.hash;
  expect(await readdir(join(place(hash), '..'))).toEqual([hash]);
  expect((await backend.get(hash))?.subarray(-large.length)).toEqual(large);
});

it('keeps what a row names, however old', async () => {
  const staged = await blobs.stage(large);
  await test.db.write((tx) => blobs.record(tx, staged));
  await age(staged.hash);
  await blobs.sweep((hashes) => Promise.resolve(new Set(hashes)), Date.now() + DAY);
  expect((await blobs.read(staged.hash)).length).toBe(large.length);
});

it.each([0, 1, PIECE_BYTES, PIECE_BYTES + 1, ROW_BYTES, ROW_BYTES + 1, 3 * ROW_BYTES])(
  'streams %i bytes, whole or from within, in small pieces',
  async (size) => {
    const bytes = noise(size);
    const staged = await blobs.stage(bytes);
    await test.db.write((tx) => blobs.record(tx, staged));
    for (const [start, end] of [[0], [1, size - 1], [size - 1], [size], [PIECE_BYTES - 1, PIECE_BYTES + 1], [5, 5]]) {
      const pieces: Uint8Array[] = [];
      for await (const piece of blobs.stream(staged.hash, Math.max(0, start!), end)) pieces.push(piece);
      expect(Math.max(0, ...pieces.map((p) => p.length))).toBeLessThanOrEqual(PIECE_BYTES);
      const wanted = bytes.subarray(Math.max(0, start!), end === undefined ? size : Math.max(0, end));
      expect(Buffer.concat(pieces).equals(wanted)).toBe(true);
    }
  },
);

it('says that bytes are missing, before the first piece or in the middle of a stream', async () => {
  const bytes = noise(6 * ROW_BYTES);
  const staged = await blobs.stage(bytes);
  const whole = async () => {
    for await (const _ of blobs.stream(staged.hash)) await rm(place(staged.hash), { force: true });
  };
  await expect(whole()).rejects.toMatchObject({ code: 'blob.missing' });
  await test.db.write((tx) => blobs.record(tx, staged));
  await expect(whole()).rejects.toMatchObject({ code: 'blob.missing' });
});

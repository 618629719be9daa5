/** Many blobs one after the other, in any order, whole or missing. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import { manualClock } from '../base/clock.ts';
import type { BlobHash } from '../base/ids.ts';
import { AT_ONCE, type Wanted } from './ahead.ts';
import { createBlobStore, ROW_BYTES, type BlobBackend, type BlobStore } from './blob-store.ts';
import { folderBackend } from './folder.ts';
import { noise } from './testing/noise.ts';

const lines76 = (content: Buffer): string => content.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');

describe.each(dialects)('reading ahead on $dialect', ({ open }) => {
  let test: TestDatabase;
  let folder: string;
  let blobs: BlobStore;
  let backend: BlobBackend;
  const stored: { wanted: Wanted; bytes: Buffer }[] = [];
  let inFolder = 0;
  beforeAll(async () => {
    test = await open();
    folder = await mkdtemp(join(tmpdir(), 'congvu-ahead-'));
    const real = folderBackend(folder);
    backend = { ...real, range: (...given) => (inFolder++, real.range(...given)) };
    blobs = createBlobStore({ db: test.db, backend, clock: manualClock(0) });
    const sizes = [
      10,
      3000,
      20_000,
      ROW_BYTES + 1,
      150,
      AT_ONCE - 1000,
      AT_ONCE + 1,
      7,
      ...Array<number>(150).fill(900),
    ];
    for (const [i, size] of sizes.entries()) {
      const head = `Subject: ${i}\r\n\r\n`;
      // Every other one is a recipe that names a file.
      const file = lines76(noise(Math.floor((size * 3) / 4.2)));
      const bytes = Buffer.from(head + file, 'latin1');
      const span = { start: head.length, end: bytes.length, encoding: 'base64', isFile: true } as const;
      const staged = await blobs.stage(bytes, i % 2 === 0 ? [span] : []);
      await test.db.write((tx) => blobs.record(tx, staged));
      stored.push({ wanted: { hash: staged.hash, size: bytes.length }, bytes });
    }
  });
  afterAll(async () => {
    await test.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const readAll = async (list: typeof stored) => {
    const ahead = blobs.ahead(list.map(({ wanted }) => wanted));
    for (const [i, { wanted, bytes }] of list.entries()) {
      const read = await ahead.whole(i);
      if (wanted.size > AT_ONCE) expect(read).toBeUndefined();
      else expect(Buffer.from(read ?? []).equals(bytes)).toBe(true);
    }
  };

  it('gives each as it was stored, whatever the order', async () => {
    await readAll(stored);
    await readAll(stored.toReversed());
    await readAll([...stored, ...stored]);
    expect(inFolder).toBeGreaterThan(0);
  });

  it('places may be left out and asked for again', async () => {
    const ahead = blobs.ahead(stored.map(({ wanted }) => wanted));
    for (const i of [0, 90, 91, 3, 157, 2, 0])
      expect(Buffer.from((await ahead.whole(i)) ?? []).equals(stored[i]!.bytes)).toBe(true);
    expect(await ahead.whole(stored.length)).toBeUndefined();
  });

  it('one that is missing is heard of in its turn, and the rest is read', async () => {
    const gone = { wanted: { hash: 'f'.repeat(64) as BlobHash, size: 100 }, bytes: Buffer.alloc(0) };
    const list = [...stored.slice(0, 3), gone, ...stored.slice(3)];
    const ahead = blobs.ahead(list.map(({ wanted }) => wanted));
    for (const [i, { wanted, bytes }] of list.entries()) {
      if (wanted === gone.wanted) await expect(ahead.whole(i)).rejects.toMatchObject({ code: 'blob.missing' });
      else if (wanted.size <= AT_ONCE) expect(Buffer.from((await ahead.whole(i)) ?? []).equals(bytes)).toBe(true);
    }
  });

  it('one that the disk does not give is heard of in its turn, and the rest is read', async () => {
    const { range } = backend;
    const failing = stored.findIndex(({ wanted }) => wanted.size > ROW_BYTES);
    backend.range = () => Promise.reject(Object.assign(new Error('i/o error'), { code: 'EIO' }));
    const ahead = blobs.ahead(stored.map(({ wanted }) => wanted));
    for (const i of [0, 1, 2]) expect(Buffer.from((await ahead.whole(i)) ?? []).equals(stored[i]!.bytes)).toBe(true);
    await expect(ahead.whole(failing)).rejects.toMatchObject({ code: 'EIO' });
    backend.range = range;
    expect(Buffer.from((await ahead.whole(failing)) ?? []).equals(stored[failing]!.bytes)).toBe(true);
  });

  it('a file that was changed is not handed out', async () => {
    const { wanted } = stored[2]!;
    const [[data] = []] = await test.db.read.rows(sql`select data from blobs where hash = ${wanted.hash}`);
    const broken = Buffer.from(data as Uint8Array);
    broken[20] = (broken[20] ?? 0) ^ 1;
    await test.db.write(({ q }) => q.exec(sql`update blobs set data = ${broken} where hash = ${wanted.hash}`));
    const ahead = blobs.ahead(stored.slice(0, 4).map((one) => one.wanted));
    await expect(ahead.whole(2)).rejects.toMatchObject({ code: 'blob.damaged' });
    expect(Buffer.from((await ahead.whole(3)) ?? []).equals(stored[3]!.bytes)).toBe(true);
  });
});

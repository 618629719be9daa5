/** Many blobs put together in buffers that are used again, here and in the thread. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { manualClock } from '../base/clock.ts';
import type { BlobHash } from '../base/ids.ts';
import type { Database } from '../db/database.ts';
import { openSqlite } from '../db/dialects/sqlite.ts';
import { migrate } from '../db/migrate.ts';
import { createBlobStore, type BlobStore } from './blob-store.ts';
import { folderBackend, placeIn } from './folder.ts';
import { createSeriesThread, type SeriesThread } from './series-thread.ts';
import { BrokenOff, CHUNK_BYTES, type Item, type SeriesChunk } from './series.ts';
import { noise } from './testing/noise.ts';

const MB = 1024 * 1024;
const lines76 = (content: Buffer): string => content.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');

interface Stored {
  item: Item;
  bytes: Buffer;
  /** What lies in the folder. */
  content: BlobHash;
}

/** Small and large ones, every other one a recipe that names a file. */
async function store(db: Database, blobs: BlobStore, sizes: readonly number[]): Promise<Stored[]> {
  const stored: Stored[] = [];
  for (const [i, size] of sizes.entries()) {
    const head = `Subject: ${i}\r\n\r\n`;
    const bytes = Buffer.from(head + lines76(noise(Math.floor((size * 3) / 4.2))), 'latin1');
    const span = { start: head.length, end: bytes.length, encoding: 'base64', isFile: true } as const;
    const staged = await blobs.stage(bytes, i % 2 === 0 ? [span] : []);
    await db.write((tx) => blobs.record(tx, staged));
    const around = { before: `* ${i} FETCH (BODY[] {${bytes.length}}\r\n`, after: ' Đ)\r\n' };
    const content = staged.rows.find(({ data }) => !data)?.hash ?? staged.hash;
    stored.push({ item: { hash: staged.hash, size: bytes.length, ...around }, bytes, content });
  }
  return stored;
}

const whole = ({ item, bytes }: Stored): Buffer =>
  Buffer.concat([Buffer.from(item.before), bytes, Buffer.from(item.after)]);

/** Every item apart, and what came of one that did not end. */
async function itemsOf(chunks: AsyncIterable<SeriesChunk>): Promise<{ items: Buffer[]; rest: Buffer; error: unknown }> {
  const items: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const { bytes, ends } of chunks) {
      expect(bytes.length).toBeLessThanOrEqual(CHUNK_BYTES);
      let at = 0;
      for (const end of ends) {
        items.push(Buffer.concat([rest, bytes.subarray(at, end)]));
        rest = Buffer.alloc(0);
        at = end;
      }
      rest = Buffer.concat([rest, bytes.subarray(at)]);
      // Whoever sends them may be done with them at once: nothing may rely on these octets afterwards.
      bytes.fill(0);
    }
    return { items, rest, error: undefined };
  } catch (error) {
    return { items, rest, error };
  }
}

const SIZES = [10, 3000, 20_000, 700_000, 150, 250_000, 3 * CHUNK_BYTES, 7, ...Array<number>(90).fill(900)];
const lost = { hash: 'f'.repeat(64) as BlobHash, size: 5, before: 'x', after: 'y' };

describe.each(dialects)('a series of blobs on $dialect', ({ open }) => {
  let folder: string;
  let blobs: BlobStore;
  let stored: Stored[];
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    const test = await open();
    folder = await mkdtemp(join(tmpdir(), 'congvu-series-'));
    blobs = createBlobStore({ db: test.db, backend: folderBackend(folder), clock: manualClock(0) });
    stored = await store(test.db, blobs, SIZES);
    dispose = () => test.dispose();
  });
  afterAll(async () => {
    await dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('has every octet and says where each item ends', async () => {
    const { items, rest, error } = await itemsOf(blobs.series(stored.map(({ item }) => item)));
    expect(error).toBeUndefined();
    expect(rest).toHaveLength(0);
    expect(items).toHaveLength(stored.length);
    items.forEach((octets, i) => expect(octets.equals(whole(stored[i] as Stored))).toBe(true));
    expect(await itemsOf(blobs.series([]))).toEqual({ items: [], rest: Buffer.alloc(0), error: undefined });
  });

  it('gives what stands before one that is missing, then says so, and nothing of that one', async () => {
    const before = stored.slice(0, 3);
    const { items, rest, error } = await itemsOf(blobs.series([...before.map(({ item }) => item), lost]));
    expect(items.map(String)).toEqual(before.map((one) => String(whole(one))));
    expect(rest).toHaveLength(0);
    expect(error).toMatchObject({ code: 'blob.missing' });
  });

  it('breaks off where stored octets have changed in the middle of one', async () => {
    const [, , , large] = stored as [Stored, Stored, Stored, Stored];
    const whole = await folderBackend(folder).get(large.content);
    const changed = Buffer.from(whole as Uint8Array);
    changed[500_000] = (changed[500_000] ?? 0) ^ 1;
    await writeFile(placeIn(folder, large.content), changed);
    const { items, rest, error } = await itemsOf(blobs.series([large.item]));
    await writeFile(placeIn(folder, large.content), whole as Uint8Array);
    expect(items).toEqual([]);
    expect(rest.length).toBeGreaterThan(CHUNK_BYTES / 2);
    expect(error).toBeInstanceOf(BrokenOff);
    expect((error as BrokenOff).cause).toMatchObject({ code: 'blob.damaged' });
  });
});

describe('the thread that puts a series together', () => {
  let data: string;
  let folder: string;
  let db: Database;
  let blobs: BlobStore;
  let stored: Stored[];
  let thread: SeriesThread;
  const faults: unknown[] = [];
  const start = (file = join(data, 'congvu.db'), rest = 60_000) =>
    createSeriesThread({ place: { file, folder }, reader: blobs, onError: (error) => faults.push(error), rest });
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'congvu-series-'));
    folder = join(data, 'blobs');
    db = openSqlite({ file: join(data, 'congvu.db') });
    await migrate(db);
    blobs = createBlobStore({ db, backend: folderBackend(folder), clock: manualClock(0) });
    stored = await store(db, blobs, [...SIZES, 6 * MB]);
    thread = start();
  });
  afterAll(async () => {
    await thread.close();
    await db.close();
    await rm(data, { recursive: true, force: true });
  });
  const all = () => stored.map(({ item }) => item);
  const last = () => stored.at(-1) as Stored;

  it('gives the same octets; little is put together without it', async () => {
    expect((await itemsOf(thread.series([stored[0]?.item as Item]))).items).toHaveLength(1);
    expect(thread.hasThread()).toBe(false);
    const both = await Promise.all([itemsOf(thread.series(all())), itemsOf(thread.series(all().reverse()))]);
    expect(thread.hasThread()).toBe(true);
    const wanted = stored.map(whole);
    for (const [i, { items, error }] of both.entries()) {
      expect(error).toBeUndefined();
      expect(items).toHaveLength(stored.length);
      const inOrder = i === 0 ? items : items.reverse();
      inOrder.forEach((octets, n) => expect(octets.equals(wanted[n] as Buffer)).toBe(true));
    }
  });

  it('says what is missing as the store itself would', async () => {
    const { items, error } = await itemsOf(thread.series([last().item, lost, last().item]));
    expect(items).toHaveLength(1);
    expect(error).toMatchObject({ kind: 'unavailable', code: 'blob.missing' });
  });

  it('reads no further than its buffers while nobody takes them, and breaks off when the rest is gone', async () => {
    const { item, content } = last();
    const chunks = thread.series([item]);
    expect((await chunks.next()).value?.bytes).toHaveLength(CHUNK_BYTES);
    await sleep(50);
    const kept = await folderBackend(folder).get(content);
    await rm(placeIn(folder, content));
    const { items, rest, error } = await itemsOf(chunks);
    await writeFile(placeIn(folder, content), kept as Uint8Array);
    expect(items).toEqual([]);
    expect(rest.length).toBeLessThan(4 * CHUNK_BYTES);
    expect(error).toBeInstanceOf(BrokenOff);
    expect((error as BrokenOff).cause).toMatchObject({ code: 'blob.missing' });
  });

  it('goes on for others when a reader stops early', async () => {
    for await (const { bytes } of thread.series(all())) {
      expect(bytes.length).toBeGreaterThan(0);
      break;
    }
    expect((await itemsOf(thread.series(all()))).items).toHaveLength(stored.length);
  });

  it('breaks off what is under way when it is closed', async () => {
    const chunks = thread.series(all());
    await chunks.next();
    await thread.close();
    expect(thread.hasThread()).toBe(false);
    expect((await itemsOf(chunks)).error).toBeInstanceOf(BrokenOff);
  });

  it('ends after a rest, and begins anew with the next work', async () => {
    thread = start(undefined, 1);
    expect((await itemsOf(thread.series(all()))).items).toHaveLength(stored.length);
    await expect.poll(() => thread.hasThread()).toBe(false);
  });

  it('is done without where it cannot start', async () => {
    expect(faults).toEqual([]);
    // A folder is no database.
    const none = start(folder);
    expect((await itemsOf(none.series(all()))).items).toHaveLength(stored.length);
    expect(faults).toHaveLength(1);
  });
});

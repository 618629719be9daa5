/** What SQLite on a disk promises beyond src/db/database.test.ts: nothing is said before it is durable. */
import { fdatasync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { DatabaseSync } from '@photostructure/sqlite';
import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Database } from '../database.ts';
import { openSqlite, type SqliteOptions } from './sqlite.ts';

let folder: string;
let db: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'congvu-sqlite-'));
});
afterEach(async () => {
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(options: Partial<SqliteOptions> = {}): Promise<void> {
  db = openSqlite({ file: join(folder, 'test.db'), ...options });
  await db.write(({ q }) => q.exec(sql`create table if not exists facts (name text primary key, value text not null)`));
}

const put = (name: string, value: unknown = 1) =>
  db.write(async (tx) => {
    await tx.q.insert(db.t.facts).values({ name, value });
    tx.announce('facts');
    tx.afterCommit(() => said.push(`cached ${name}`));
  });
const known = async (name: string) =>
  (await db.read.select().from(db.t.facts).where(eq(db.t.facts.name, name))).length === 1;
let said: string[] = [];
beforeEach(() => {
  said = [];
});

/** A disk that syncs when it is told to. */
function slowDisk() {
  const waiting: { resolve(): void; reject(error: Error): void }[] = [];
  let free = true;
  return {
    hold: () => void (free = false),
    sync: async (descriptor: number) => {
      if (!free) await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
      await promisify(fdatasync)(descriptor);
    },
    asked: () => vi.waitUntil(() => waiting[0], { interval: 1 }),
    finish: () => waiting.shift()?.resolve(),
    fail: () => waiting.shift()?.reject(new Error('EIO')),
  };
}

it('answers, fills caches and announces only after the log is on the disk', async () => {
  const disk = slowDisk();
  await open({ sync: disk.sync });
  db.bus.subscribe('facts', () => said.push('announced'));
  disk.hold();
  const written = put('a').then(() => said.push('answered'));
  await disk.asked();
  // Committed, and visible to whoever opens the file; yet nobody of ours has heard of it.
  const other = new DatabaseSync(join(folder, 'test.db'));
  expect(other.prepare('select count(*) as n from facts').get()).toEqual({ n: 1 });
  other.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(said).toEqual([]);
  disk.finish();
  await written;
  expect(said).toEqual(['cached a', 'announced', 'answered']);
});

it('reads at once during a sync, and sees nothing that the disk does not have', async () => {
  const disk = slowDisk();
  await open({ sync: disk.sync });
  await put('before');
  disk.hold();
  const written = put('during');
  await disk.asked();
  expect([await known('before'), await known('during')]).toEqual([true, false]);
  disk.finish();
  await written;
  expect(await known('during')).toBe(true);
});

it('runs what comes during a sync as the next group, after it', async () => {
  const disk = slowDisk();
  await open({ sync: disk.sync });
  disk.hold();
  const first = put('first').then(() => said.push('first'));
  await disk.asked();
  const ran: string[] = [];
  const next = ['x', 'y'].map((name) => db.write(async () => void ran.push(name)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(ran).toEqual([]);
  disk.finish();
  await first;
  await disk.asked();
  expect(ran).toEqual(['x', 'y']);
  disk.finish();
  await Promise.all(next);
});

it('after a failed sync refuses that group and every later write, and keeps showing what the disk had', async () => {
  const disk = slowDisk();
  const lost: unknown[] = [];
  await open({ sync: disk.sync, onLost: (error) => lost.push(error) });
  db.bus.subscribe('facts', () => said.push('announced'));
  await put('kept');
  said = [];
  disk.hold();
  const group = Promise.allSettled([put('a'), put('b')]);
  await disk.asked();
  disk.fail();
  for (const outcome of await group) expect(outcome).toMatchObject({ reason: { code: 'database.lost' } });
  await expect(put('later')).rejects.toMatchObject({ code: 'database.lost', kind: 'unavailable' });
  expect(lost).toEqual([new Error('EIO')]);
  expect(said).toEqual([]);
  expect([await known('kept'), await known('a'), await known('later')]).toEqual([true, false, false]);
});

it('waits where it stands for a quick disk, when nobody else writes; a slow one gets a thread', async () => {
  const how: string[] = [];
  let slow = false;
  await open({
    sync: async () => {
      how.push('thread');
      if (slow) await sleep(2);
    },
    syncNow() {
      how.push('here');
      if (slow) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    },
  });
  // Beside other tests the way to the thread may take long a few times.
  for (let i = 0; i < 200 && !how.includes('here'); i++) await put(`a${i}`);
  how.length = 0;
  await put('b');
  expect([how, await known('b')]).toEqual([['here'], true]);
  // Several share a sync: others are at work, who must not stand still.
  how.length = 0;
  await Promise.all(['c', 'd'].map((name) => put(name)));
  expect(how).toEqual(['thread']);
  slow = true;
  for (let i = 0; i < 20; i++) await put(`e${i}`);
  how.length = 0;
  await put('f');
  expect(how).toEqual(['thread']);
});

it('refuses everything after a failed sync for which it waited where it stood', async () => {
  let broken = false;
  await open({
    sync: () => Promise.resolve(),
    syncNow: () => {
      if (broken) throw new Error('EIO');
    },
  });
  broken = true;
  const kept: string[] = [];
  let lost: { name: string; error: unknown } | undefined;
  // Beside other tests a unit may take so long that a thread waits for the disk, which works here.
  for (let i = 0; i < 200 && !lost; i++) {
    const name = `a${i}`;
    await put(name).then(
      () => kept.push(name),
      (error: unknown) => (lost = { name, error }),
    );
  }
  expect(lost?.error).toMatchObject({ code: 'database.lost' });
  await expect(put('later')).rejects.toMatchObject({ code: 'database.lost' });
  expect([await known(lost?.name ?? ''), await known('later')]).toEqual([false, false]);
  for (const name of kept) expect(await known(name)).toBe(true);
});

it('leaves an empty log when it is closed, and answers a unit that changes nothing before anything was written', async () => {
  await open();
  await put('a');
  await db.close();
  expect(statSync(join(folder, 'test.db-wal'), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  await rm(join(folder, 'test.db-wal'), { force: true });
  await rm(join(folder, 'test.db-shm'), { force: true });
  db = openSqlite({ file: join(folder, 'test.db') });
  expect(await db.write(async () => 7)).toBe(7);
  expect(await known('a')).toBe(true);
});

it('shows nothing of a log that an earlier process left before it is in the file', async () => {
  await open();
  const file = join(folder, 'test.db');
  // As after a crash: a log with a commit that nobody synced.
  const dead = new DatabaseSync(file);
  dead.exec("PRAGMA synchronous=OFF; insert into facts values ('left', '1')");
  const again = openSqlite({ file });
  expect((await again.read.select().from(again.t.facts)).map((row) => row.name)).toEqual(['left']);
  const { log, checkpointed } = dead.prepare('PRAGMA wal_checkpoint(NOOP)').get() as Record<string, number>;
  expect(checkpointed).toBe(log);
  dead.close();
  await again.close();
});

it('keeps the log short while it writes and reads without a pause, and loses nothing by it', async () => {
  const errors: unknown[] = [];
  await open({ logPages: 200, onError: (error) => errors.push(error) });
  const value = 'x'.repeat(3000);
  let longest = 0;
  let names = 0;
  // Until the log was begun anew twice; each row is a page or more.
  for (let before = 0, anew = 0; anew < 2 && names < 30_000;) {
    await Promise.all(Array.from({ length: 10 }, () => put(`n${names++}`, value)));
    expect(await known(`n${names - 1}`)).toBe(true);
    const pages = Number((await db.describe())['walPages']);
    if (pages < before) anew++;
    before = pages;
    longest = Math.max(longest, pages);
  }
  expect(longest).toBeLessThan(names);
  expect(errors).toEqual([]);
  await db.close();
  await open();
  expect(await db.read.$count(db.t.facts)).toBe(names);
  expect(await db.read.rows(sql`select * from pragma_integrity_check`)).toEqual([['ok']]);
});

it('lets the log grow while another process reads it, and copies it back later', async () => {
  const errors: unknown[] = [];
  await open({ logPages: 20, onError: (error) => errors.push(error), busyTimeout: 0 });
  const file = join(folder, 'test.db');
  // A reader of another process: what it may still need stays in the log.
  const other = new DatabaseSync(file);
  other.exec('BEGIN');
  other.prepare('select count(*) from facts').get();
  for (let i = 0; i < 100; i++) await put(`n${i}`, 'x'.repeat(5000));
  expect(Number((await db.describe())['walPages'])).toBeGreaterThan(100);
  other.exec('COMMIT');
  other.close();
  await vi.waitUntil(
    async () => {
      for (let i = 0; i < 50; i++) await put(`m${Math.random()}`, 'x'.repeat(5000));
      return Number((await db.describe())['walPages']) < 300;
    },
    { timeout: 20_000 },
  );
  expect(errors).toEqual([]);
});

it('says how it is also while a unit is in a pause', async () => {
  await open();
  const { walPages } = await db.describe();
  await db.write(async ({ q }) => {
    await q.exec(sql`insert into facts values ('a', '1')`);
    expect(await db.describe()).toMatchObject({ walPages });
  });
});

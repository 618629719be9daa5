/**
 * kill -9 takes no written byte back; a power cut takes all that no sync had reached. The disk as it may then be: the log as the last
 * completed sync found it, perhaps with the beginning of what came later; the file as it was when the log began anew, which
 * SQLite had synced before.
 */
import { fdatasync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openSqlite } from './sqlite.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'congvu-power-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SALTS: [number, number] = [16, 24];
const sameLog = (a: Buffer, b: Buffer) => a.subarray(...SALTS).equals(b.subarray(...SALTS));

/** What would be left: taken at the beginning of each sync, and in force when that sync is over. */
function disk(file: string) {
  const durable = { file: readFileSync(file), log: Buffer.alloc(0), logs: 0, syncs: 0 };
  return {
    durable,
    sync: async (descriptor: number) => {
      const log = readFileSync(`${file}-wal`);
      // Begun anew: all of the earlier log is in the file, and SQLite synced that before.
      const begun = durable.log.length === 0 || !sameLog(log, durable.log);
      const bytes = begun ? readFileSync(file) : durable.file;
      await promisify(fdatasync)(descriptor);
      Object.assign(durable, { file: bytes, log, logs: durable.logs + (begun ? 1 : 0), syncs: durable.syncs + 1 });
    },
  };
}

let images = 0;
async function boot(file: Buffer, log: Buffer): Promise<{ names: Set<string>; sound: boolean }> {
  const path = join(folder, `after-${++images}.db`);
  writeFileSync(path, file);
  writeFileSync(`${path}-wal`, log);
  const db = openSqlite({ file: path });
  try {
    const rows = await db.read.rows(sql`select name from facts`);
    const sound = await db.read.rows(sql`pragma integrity_check`);
    return { names: new Set(rows.map(([name]) => String(name))), sound: sound[0]?.[0] === 'ok' };
  } finally {
    await db.close();
    for (const end of ['', '-wal', '-shm']) await rm(path + end, { force: true });
  }
}

it('whatever was answered is there after a power cut at any moment, and the file is sound', async () => {
  const path = join(folder, 'test.db');
  const made = openSqlite({ file: path });
  await made.write(({ q }) => q.exec(sql`create table facts (name text primary key, value text not null)`));
  await made.close();
  const { durable, sync } = disk(path);
  // A short log begins anew many times within the test.
  const db = openSqlite({ file: path, sync, logPages: 20 });
  const answered = new Set<string>();
  const value = 'x'.repeat(3000);
  let n = 0;
  let lost = 0;
  const one = async () => {
    const name = `f${++n}`;
    await db.write(({ q }) => q.exec(sql`insert into facts (name, value) values (${name}, ${value})`));
    answered.add(name);
  };
  for (let round = 0; round < 40; round++) {
    const working = Promise.all(Array.from({ length: 1 + (round % 12) }, one));
    // In the middle of the round or after it, at another turn each time.
    for (let turn = 0; turn < (round * 7) % 23; turn++) await new Promise((resolve) => setImmediate(resolve));
    const image = { ...durable, answered: [...answered] };
    const now = readFileSync(`${path}-wal`);
    await working;
    if (image.log.length === 0) continue;
    const torn = sameLog(now, image.log)
      ? now.subarray(0, image.log.length + Math.floor(Math.random() * 9000))
      : image.log;
    for (const log of [image.log, torn]) {
      const { names, sound } = await boot(image.file, log);
      expect(sound).toBe(true);
      expect(image.answered.filter((name) => !names.has(name))).toEqual([]);
    }
    lost += [...answered].length - image.answered.length;
  }
  await db.close();
  // It meant something: much was written, the log began anew, and cuts fell where something was still to be lost.
  expect(n).toBeGreaterThan(200);
  expect(durable.logs).toBeGreaterThan(2);
  expect(lost).toBeGreaterThan(0);
});

it('an answer before the sync would be noticed by this test', async () => {
  const path = join(folder, 'hasty.db');
  const made = openSqlite({ file: path });
  await made.write(({ q }) => q.exec(sql`create table facts (name text primary key, value text not null)`));
  await made.close();
  const { durable, sync } = disk(path);
  let hasty = false;
  const db = openSqlite({ file: path, sync: (descriptor) => (hasty ? Promise.resolve() : sync(descriptor)) });
  const put = (name: string) => db.write(({ q }) => q.exec(sql`insert into facts (name, value) values (${name}, '1')`));
  await put('a');
  hasty = true;
  await put('b');
  expect((await boot(durable.file, durable.log)).names).toEqual(new Set(['a']));
  await db.close();
});

/** The database is held by another, or goes away: an error now that says so, and work goes on by itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DatabaseSync } from '@photostructure/sqlite';
import { sql } from 'drizzle-orm';
import { expect, inject, it } from 'vitest';

import { freshPostgres } from '../../test/support/databases.ts';
import { storageFault } from '../base/storage-faults.ts';
import type { Database } from './database.ts';
import { openPostgres } from './dialects/postgres.ts';
import { openSqlite } from './dialects/sqlite.ts';
import { migrate } from './migrate.ts';

const put = (db: Database, name: string) =>
  db.write(async ({ q }) => void (await q.insert(db.t.facts).values({ name, value: 1 })));
const names = async (db: Database) => (await db.read.select().from(db.t.facts)).map(({ name }) => name).sort();
const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => storageFault(error)?.code,
  );

it('SQLite locked by another process beyond the timeout: the units fail as busy, readers read, and the next unit is written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'congvu-locked-'));
  const file = join(folder, 'congvu.db');
  const db = openSqlite({ file, busyTimeout: 50 });
  await migrate(db);
  await put(db, 'before');
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  expect(await Promise.all([faultOf(put(db, 'lost 1')), faultOf(put(db, 'lost 2'))])).toEqual([
    'storage.busy',
    'storage.busy',
  ]);
  expect(await names(db)).toEqual(['before']);
  other.exec('ROLLBACK');
  other.close();
  await put(db, 'after');
  expect(await names(db)).toEqual(['after', 'before']);
  await db.close();
  rmSync(folder, { recursive: true });
});

it('SQLite without room: the group fails as full, what was there is read, and it goes on when there is room', async () => {
  const db = openSqlite({ file: ':memory:' });
  await migrate(db);
  await put(db, 'before');
  const pages = async (text: string) => Number((await db.read.rows(sql.raw(`pragma ${text}`)))[0]?.[0]);
  await pages(`max_page_count = ${await pages('page_count')}`);
  const big = (name: string) =>
    db.write(async ({ q }) => void (await q.insert(db.t.facts).values({ name, value: 'x'.repeat(50_000) })));
  expect(await faultOf(big('lost'))).toBe('storage.full');
  expect(await names(db)).toEqual(['before']);
  await pages('max_page_count = 1000000');
  await big('after');
  expect(await names(db)).toEqual(['after', 'before']);
  await db.close();
});

it('PostgreSQL drops the connection within a unit, then all of them: each unit fails or is whole, listeners hear again', async () => {
  const { url, drop } = await freshPostgres(inject('pgUrl'));
  const db = await openPostgres({ url, poolSize: 3 });
  await migrate(db);
  const cut = db.write(async ({ q }) => {
    await q.insert(db.t.facts).values({ name: 'lost', value: 1 });
    await q.rows(sql`select pg_terminate_backend(pg_backend_pid()) as gone`);
  });
  expect(await faultOf(cut)).toBe('storage.away');
  await put(db, 'after one');
  const again = new Promise<void>((resolve) => {
    const end = db.bus.subscribe('reconnected', () => {
      end();
      resolve();
    });
  });
  await faultOf(
    db.read.rows(
      sql`select pg_terminate_backend(pid) as gone from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    ),
  );
  // As a restart of the server does it: who asks in that moment fails, who asks again is served.
  let answer = await faultOf(put(db, 'after all'));
  for (let tries = 0; answer !== 'done' && tries < 20; tries++) {
    expect(answer).toBe('storage.away');
    answer = await faultOf(put(db, 'after all'));
  }
  await again;
  const heard = new Promise<void>((resolve) => db.bus.subscribe('word', resolve));
  await db.write(async (tx) => tx.announce('word'));
  await heard;
  expect(await names(db)).toEqual(['after all', 'after one']);
  await db.close();
  await drop();
});

it('PostgreSQL drops the listening connection again and again: there is one listener still', async () => {
  const { url, drop } = await freshPostgres(inject('pgUrl'));
  const db = await openPostgres({ url, poolSize: 2 });
  const reconnected = () =>
    new Promise<void>((resolve) => {
      const end = db.bus.subscribe('reconnected', () => {
        end();
        resolve();
      });
    });
  const all = sql`select pg_terminate_backend(pid) as gone from pg_stat_activity where datname = current_database() and query like 'LISTEN %'`;
  for (let times = 0; times < 2; times++) {
    const again = reconnected();
    await db.read.rows(all);
    await again;
  }
  let heard = 0;
  db.bus.subscribe('word', () => heard++);
  const last = new Promise<void>((resolve) => db.bus.subscribe('last', resolve));
  await db.write(async (tx) => tx.announce('word'));
  await db.write(async (tx) => tx.announce('last'));
  await last;
  expect(heard).toBe(1);
  await db.close();
  await drop();
});

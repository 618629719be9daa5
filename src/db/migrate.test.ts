/** Migrations: all of one or nothing, each once, whoever starts at the same time; an older program keeps its hands off. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';

import { freshPostgres } from '../../test/support/databases.ts';
import type { Database } from './database.ts';
import { openPostgres } from './dialects/postgres.ts';
import { openSqlite } from './dialects/sqlite.ts';
import { migrate, migrationsOf, type Migration } from './migrate.ts';

const made = (name: string, ...statements: string[]): Migration => ({ name, statements });

describe.each(['sqlite', 'pg'] as const)('migrations on %s', (dialect) => {
  const folder = mkdtempSync(join(tmpdir(), 'congvu-migrate-'));
  /** Two processes on one database. */
  let first: Database;
  let second: Database;
  let drop = async (): Promise<void> => undefined;
  let number = 0;
  const fresh = () => `m${++number}`;
  beforeAll(async () => {
    if (dialect === 'sqlite') {
      [first, second] = [openSqlite({ file: join(folder, 'x.db') }), openSqlite({ file: join(folder, 'x.db') })];
      return;
    }
    const database = await freshPostgres(inject('pgUrl'));
    drop = database.drop;
    [first, second] = [await openPostgres({ url: database.url }), await openPostgres({ url: database.url })];
  });
  beforeEach(() => first.write(({ q }) => q.exec(sql`drop table if exists migrations`)));
  afterAll(async () => {
    await first.close();
    await second.close();
    await drop();
    rmSync(folder, { recursive: true, force: true });
  });
  const rows = async (table: string) =>
    (await second.read.rows(sql`select n from ${sql.identifier(table)} order by n`)).map(([n]) => Number(n));

  it('are applied once, though many begin at once from two processes', async () => {
    const table = fresh();
    const list = [
      made('0001_a', `create table ${table} (n integer)`, `insert into ${table} values (1)`),
      made('0002_b', `insert into ${table} values (2)`),
    ];
    const ran = await Promise.all([first, second, first, second].map((db) => migrate(db, list)));
    expect(ran.flat().sort()).toEqual(['0001_a', '0002_b']);
    expect(await rows(table)).toEqual([1, 2]);
    expect(await migrate(second, list)).toEqual([]);
  });

  it('leave nothing of one that fails, keep those before it, and go on where it failed', async () => {
    const table = fresh();
    const list = [
      made('0001_a', `create table ${table} (n integer)`),
      made(
        '0002_b',
        `insert into ${table} values (2)`,
        `create table ${table}_more (n integer)`,
        'this is no statement',
      ),
      made('0003_c', `insert into ${table} values (3)`),
    ];
    await expect(migrate(first, list)).rejects.toThrow();
    expect(await rows(table)).toEqual([]);
    list[1]!.statements.pop();
    expect(await migrate(second, list)).toEqual(['0002_b', '0003_c']);
    expect([await rows(table), await rows(`${table}_more`)]).toEqual([[2, 3], []]);
  });

  it('of a newer program make an older one refuse, before it has changed anything', async () => {
    const table = fresh();
    await migrate(first, [made('9998_later', `create table ${table} (n integer)`)]);
    const older = [made('0001_a', `insert into ${table} values (1)`)];
    await expect(migrate(second, older)).rejects.toMatchObject({ code: 'database.newer_program' });
    expect(await rows(table)).toEqual([]);
  });
});

it('have the same names on both, in the order of their numbers', () => {
  const [sqlite, pg] = [migrationsOf('sqlite'), migrationsOf('pg')].map((list) => list.map(({ name }) => name));
  expect(sqlite).toEqual(pg);
  expect(sqlite).toEqual([...(sqlite ?? [])].sort());
  expect(new Set(sqlite?.map((name) => name.slice(0, 4))).size).toBe(sqlite?.length);
});

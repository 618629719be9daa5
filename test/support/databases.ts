import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { inject } from 'vitest';

import type { Database } from '../../src/db/database.ts';
import { openPostgres } from '../../src/db/dialects/postgres.ts';
import { openSqlite } from '../../src/db/dialects/sqlite.ts';
import { migrate } from '../../src/db/migrate.ts';

export interface TestDatabase {
  db: Database;
  dispose(): Promise<void>;
}

/** SQLite in memory, migrated. */
export async function sqliteDatabase(): Promise<TestDatabase> {
  const db = openSqlite({ file: ':memory:' });
  await migrate(db);
  return { db, dispose: () => db.close() };
}

/** On the run's PostgreSQL: every migration was applied to it (test/setup/postgres.ts). */
export const MIGRATED = 'congvu_migrated';

/** A fresh database on the run's PostgreSQL, migrated. */
export async function postgresDatabase(): Promise<TestDatabase> {
  const { url, drop } = await freshPostgres(inject('pgUrl'), { template: MIGRATED });
  const db = await openPostgres({ url, poolSize: 5 });
  return {
    db,
    async dispose() {
      await db.close();
      await drop();
    },
  };
}

/** Empty, unless it is a copy of `template`. */
export async function freshPostgres(
  server: string,
  { name = `t${randomBytes(6).toString('hex')}`, template = 'template0' } = {},
): Promise<{ url: string; drop(): Promise<void> }> {
  const admin = async (statement: string) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await admin(`create database ${name} template ${template}`);
  return { url: server + name, drop: () => admin(`drop database ${name} with (force)`) };
}

/** `describe.each(dialects)('… on $dialect', ({ open }) => …)`: the same contract on both. */
export const dialects = [
  { dialect: 'sqlite' as const, open: sqliteDatabase },
  { dialect: 'pg' as const, open: postgresDatabase },
];

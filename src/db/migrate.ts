/** Numbered migrations, each in one transaction; a file that was applied is never edited again. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';

import { DomainError } from '../base/errors.ts';
import { packageRoot } from '../base/paths.ts';
import type { Database, Query } from './database.ts';
import type { Dialect } from './kit.ts';

export interface Migration {
  name: string;
  statements: string[];
}

export function migrationsOf(dialect: Dialect): Migration[] {
  const folder = join(packageRoot, 'src/db/migrations', dialect);
  return readdirSync(folder)
    .filter((file) => /^\d{4}_.+\.sql$/.test(file))
    .sort()
    .map((file) => ({
      name: file.slice(0, -4),
      statements: readFileSync(join(folder, file), 'utf8')
        .split('--> statement-breakpoint')
        .map((s) => s.trim())
        .filter((s) => s !== ''),
    }));
}

/** Brings the schema up to date. @returns the names applied now. @throws database.newer_program */
export async function migrate(db: Database, migrations: Migration[] = migrationsOf(db.dialect)): Promise<string[]> {
  await db.write(async ({ q }) => {
    if (db.dialect === 'pg') await q.exec(sql`select pg_advisory_xact_lock(740217)`);
    await q.exec(sql`create table if not exists migrations (name text primary key, applied_at bigint not null)`);
    const known = new Set([...migrations, ...migrationsOf(db.dialect)].map(({ name }) => name));
    const strange = (await q.rows(sql`select name from migrations order by name`)).filter(
      ([n]) => !known.has(String(n)),
    );
    // An older program would write rows that lack what the newer one relies on.
    if (strange.length > 0) throw newerProgram(strange.map(String));
  });
  const applied: string[] = [];
  for (const migration of migrations) {
    const ran = await db.write(async ({ q }) => {
      // Two processes that start together: one applies, the other waits and then sees it done.
      if (db.dialect === 'pg') await q.exec(sql`select pg_advisory_xact_lock(740217)`);
      if (await wasApplied(q, migration.name)) return false;
      for (const statement of migration.statements) await q.exec(sql.raw(statement));
      await q.exec(sql`insert into migrations (name, applied_at) values (${migration.name}, ${Date.now()})`);
      return true;
    });
    if (ran) applied.push(migration.name);
  }
  return applied;
}

const newerProgram = (names: readonly string[]): DomainError =>
  new DomainError(
    'conflict',
    'database.newer_program',
    `this database was brought up to date by a newer program (${names.join(', ')}): install that one`,
  );

async function wasApplied(q: Query, name: string): Promise<boolean> {
  return (await q.rows(sql`select name from migrations where name = ${name}`)).length > 0;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { postgresDatabase, type TestDatabase } from '../../test/support/databases.ts';
import { openSqlite } from './dialects/sqlite.ts';
import { migrate } from './migrate.ts';

const ROWS = 1300;

async function sqliteFile(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'congvu-snapshot-'));
  const db = openSqlite({ file: join(folder, 'congvu.db') });
  await migrate(db);
  return {
    db,
    async dispose() {
      await db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

describe.each([
  { dialect: 'sqlite', open: sqliteFile },
  { dialect: 'pg', open: postgresDatabase },
])('a snapshot on $dialect', ({ open }) => {
  it('is one moment, whatever is written while it is read', async () => {
    const { db, dispose } = await open();
    const add = (from: number) =>
      db.write(async ({ q }) => {
        const rows = Array.from({ length: ROWS }, (_, i) => ({ name: `fact ${from + i}`, value: i }));
        await q.insert(db.t.facts).values(rows);
      });
    await add(0);
    const seen = await db.snapshot(async (snapshot) => {
      const names: unknown[] = [];
      for await (const page of snapshot.table('facts', ['"name"', '"value"'])) {
        if (names.length === 0) {
          await add(ROWS);
          await db.write(async ({ q }) => void (await q.delete(db.t.facts)));
        }
        names.push(...page.map(([name]) => name));
      }
      return { names, count: Number((await snapshot.rows('select count(*) as n from facts'))[0]?.[0]) };
    });
    expect([seen.names.length, new Set(seen.names).size, seen.count]).toEqual([ROWS, ROWS, ROWS]);
    expect(await db.read.select().from(db.t.facts)).toEqual([]);
    await dispose();
  });
});

/** Units of work, many at once and at random: each is there as a whole or not at all, and whoever wrote it hears which. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';

import { freshPostgres } from '../../test/support/databases.ts';
import { random } from '../base/testing/random.ts';
import type { Database, Tx } from './database.ts';
import { openPostgres } from './dialects/postgres.ts';
import { openSqlite } from './dialects/sqlite.ts';

const SEEDS = [1, 2, 3];
const UNITS = 150;

class Stop extends Error {}

describe.each(['sqlite', 'pg'] as const)('units of work on %s', (dialect) => {
  const folder = mkdtempSync(join(tmpdir(), 'congvu-units-'));
  const errors: unknown[] = [];
  let db: Database;
  let drop = async (): Promise<void> => undefined;
  beforeAll(async () => {
    const onError = (error: unknown) => void errors.push(error);
    if (dialect === 'sqlite') db = openSqlite({ file: join(folder, 'x.db'), onError });
    else {
      const database = await freshPostgres(inject('pgUrl'));
      drop = database.drop;
      db = await openPostgres({ url: database.url, poolSize: 6, onError });
    }
    await db.write(async ({ q }) => {
      await q.exec(sql`create table steps (unit integer not null, step integer not null, primary key (unit, step))`);
      await q.exec(sql`create table sums (name text primary key, n integer not null)`);
    });
  });
  beforeEach(async () => {
    errors.length = 0;
    await db.write(async ({ q }) => {
      await q.exec(sql`delete from steps`);
      await q.exec(sql`delete from sums`);
      await q.exec(sql`insert into sums values ('all', 0)`);
    });
  });
  afterAll(async () => {
    await db.close();
    await drop();
    rmSync(folder, { recursive: true, force: true });
  });
  const step = ({ q }: Tx, unit: number, n: number) =>
    q.exec(sql`insert into steps (unit, step) values (${unit}, ${n})`);
  const stepsOf = async () => {
    const found = new Map<number, number>();
    for (const [unit] of await db.read.rows(sql`select unit, step from steps`))
      found.set(Number(unit), (found.get(Number(unit)) ?? 0) + 1);
    return found;
  };
  const sum = async () => Number((await db.read.rows(sql`select n from sums where name = 'all'`))[0]?.[0]);

  it.each(SEEDS)('leave what their answers say: seed %i', async (seed) => {
    const dice = random(seed);
    const plans = Array.from({ length: UNITS }, (_, unit) => ({
      unit: unit + 1,
      steps: 1 + dice.int(4),
      // Before anything, in the middle, at the end; thrown, or by a statement that fails.
      fails: dice.chance(0.35) ? dice.int(4) : undefined,
      byStatement: dice.chance(0.5),
    }));
    const cached: number[] = [];
    const heard: number[] = [];
    const ends = plans.map(({ unit }) => db.bus.subscribe(`unit:${unit}`, () => heard.push(unit)));
    const answers = await Promise.allSettled(
      plans.map(({ unit, steps, fails, byStatement }) =>
        db.write(async (tx) => {
          tx.announce(`unit:${unit}`);
          tx.afterCommit(() => cached.push(unit));
          for (let n = 0; n < steps; n++) {
            if (n === fails && byStatement) await step(tx, unit, n - 1 < 0 ? n : n - 1).then(() => step(tx, unit, n));
            if (n === fails && !byStatement) throw new Stop();
            await step(tx, unit, n);
          }
          await tx.q.exec(sql`update sums set n = n + 1 where name = 'all'`);
          if (fails !== undefined && fails >= steps) throw new Stop();
          return unit;
        }),
      ),
    );
    const done = plans.filter((_, i) => answers[i]?.status === 'fulfilled');
    expect(done.map(({ unit }) => unit)).toEqual(
      plans.filter(({ fails }) => fails === undefined).map(({ unit }) => unit),
    );
    expect(await stepsOf()).toEqual(new Map(done.map(({ unit, steps }) => [unit, steps])));
    expect(await sum()).toBe(done.length);
    expect(cached.sort((a, b) => a - b)).toEqual(done.map(({ unit }) => unit));
    // On PostgreSQL words come over a connection of their own: a last one says that all others came.
    const last = new Promise<void>((resolve) => ends.push(db.bus.subscribe('last', resolve)));
    await db.write(async (tx) => tx.announce('last'));
    await last;
    expect(heard.sort((a, b) => a - b)).toEqual(done.map(({ unit }) => unit));
    for (const end of ends) end();
    expect(errors).toEqual([]);
  });

  it('are told as written though what follows the commit fails, and what follows others still runs', async () => {
    const ran: string[] = [];
    const answers = await Promise.allSettled([
      db.write(async (tx) => {
        await step(tx, 1, 1);
        tx.afterCommit(() => ran.push('before'));
        tx.afterCommit(() => {
          throw new Error('a cache broke');
        });
        tx.afterCommit(() => ran.push('after'));
        return 'one';
      }),
      db.write(async (tx) => {
        await step(tx, 2, 1);
        tx.afterCommit(() => ran.push('other'));
        return 'two';
      }),
    ]);
    expect(answers.map((one) => one.status === 'fulfilled' && one.value)).toEqual(['one', 'two']);
    expect(ran.sort()).toEqual(['after', 'before', 'other']);
    expect(errors).toMatchObject([{ message: 'a cache broke' }]);
    expect(await stepsOf()).toEqual(
      new Map([
        [1, 1],
        [2, 1],
      ]),
    );
  });

  it('that go on after a failed statement are never told as written unless they are', async () => {
    const unit = db.write(async (tx) => {
      await step(tx, 1, 1);
      await step(tx, 1, 1).catch(() => undefined);
      return 'went on';
    });
    // SQLite takes back that statement alone, PostgreSQL the whole unit.
    if (dialect === 'sqlite') expect(await unit).toBe('went on');
    else await expect(unit).rejects.toThrow('nothing of it was kept');
    expect((await stepsOf()).size).toBe(dialect === 'sqlite' ? 1 : 0);
    await db.write((tx) => step(tx, 2, 1));
    expect((await stepsOf()).get(2)).toBe(1);
  });

  it('run again from their start when the database says so leave one trace', async () => {
    let begun = 0;
    const clash = (one: string, other: string) =>
      db.write(async ({ q }) => {
        begun++;
        if (dialect === 'pg') await q.exec(sql`set local deadlock_timeout = '5ms'`);
        await q.exec(sql`update sums set n = n + 1 where name = ${one}`);
        await q.exec(sql`update sums set n = n + 1 where name = ${other}`);
      });
    await db.write(({ q }) => q.exec(sql`insert into sums values ('a', 0), ('b', 0)`));
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? clash('a', 'b') : clash('b', 'a'))));
    const left = await db.read.rows(sql`select n from sums where name in ('a', 'b')`);
    expect(left.map(([n]) => Number(n))).toEqual([20, 20]);
    expect(begun).toBeGreaterThanOrEqual(20);
  });

  it.runIf(dialect === 'sqlite')(
    'of a group that the engine rolled back as a whole all hear it, and the next is written',
    async () => {
      const answers = await Promise.allSettled(
        Array.from({ length: 6 }, (_, i) =>
          db.write(async (tx) => {
            await step(tx, 10 + i, 1);
            // As SQLite does by itself when the disk is full.
            if (i === 3) await tx.q.exec(sql`insert or rollback into steps (unit, step) values (10, 1)`);
          }),
        ),
      );
      const failed = answers.filter(({ status }) => status === 'rejected').length;
      expect((await stepsOf()).size).toBe(6 - failed);
      expect(failed).toBeGreaterThanOrEqual(4);
      await db.write((tx) => step(tx, 99, 1));
      expect((await stepsOf()).get(99)).toBe(1);
    },
  );
});

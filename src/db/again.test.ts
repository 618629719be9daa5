/** A unit of work that another one has to come before: undone, and done again when that is over. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import { RunAgain } from './again.ts';
import type { Tx } from './database.ts';

describe.each(dialects)('a unit that runs again on $dialect', ({ open }) => {
  let test: TestDatabase;
  let said: string[];
  beforeAll(async () => {
    test = await open();
    await test.db.write(({ q }) => q.exec(sql`create table steps (name text primary key)`));
    test.db.bus.subscribe('steps', () => said.push('told'));
  });
  beforeEach(async () => {
    await test.db.write(({ q }) => q.exec(sql`delete from steps`));
    said = [];
  });
  afterAll(() => test.dispose());

  const step = async ({ q }: Tx, name: string) => q.exec(sql`insert into steps (name) values (${name})`);
  const steps = async () => (await test.db.read.rows(sql`select name as name from steps order by name`)).flat();
  const gate = () => {
    const ends = {} as { open(): void; fail(error: Error): void };
    const passed = new Promise<void>((resolve, reject) => Object.assign(ends, { open: resolve, fail: reject }));
    // Perhaps nobody waits yet.
    passed.catch(() => undefined);
    return { passed, ...ends };
  };
  /** Writes, and finds that `first` has to come before as long as that is not over. */
  const waiting = (name: string, first: Promise<void>, isOver: () => boolean) =>
    test.db.write(async (tx) => {
      await step(tx, name);
      tx.announce('steps');
      tx.afterCommit(() => said.push(`cached ${name}`));
      if (!isOver()) throw new RunAgain(first);
      return name;
    });

  it('leaves nothing of its first run: no row, no cache, no word; its neighbours stay and are not kept waiting', async () => {
    const { passed, open: pass } = gate();
    let over = false;
    const neighbours = (from: number) =>
      Array.from({ length: 5 }, (_, i) => test.db.write((tx) => step(tx, `n${from + i}`)));
    const before = neighbours(0);
    const one = waiting('one', passed, () => over);
    await Promise.all([...before, ...neighbours(5)]);
    expect(await steps()).toEqual(Array.from({ length: 10 }, (_, i) => `n${i}`));
    expect(said).toEqual([]);
    over = true;
    pass();
    expect(await one).toBe('one');
    expect(await steps()).toContain('one');
    // On PostgreSQL words come over a connection of their own, and may be there first.
    await expect.poll(() => [...said].sort()).toEqual(['cached one', 'told']);
  });

  it('runs as often as there is something before it', async () => {
    let runs = 0;
    const last = await test.db.write(async (tx) => {
      await step(tx, 'again');
      if (++runs < 5) throw new RunAgain(Promise.resolve());
      return runs;
    });
    expect([last, await steps()]).toEqual([5, ['again']]);
  });

  it('fails when what it waits for does, and leaves nothing', async () => {
    const { passed, fail } = gate();
    const one = waiting('one', passed, () => false);
    const failed = expect(one).rejects.toThrow('it never came');
    fail(new Error('it never came'));
    await failed;
    expect([await steps(), said]).toEqual([[], []]);
  });

  it('waits for units that are written after it was asked for, without an end to the line', async () => {
    const { passed, open: pass } = gate();
    let over = false;
    const all = Array.from({ length: 8 }, (_, i) => waiting(`w${i}`, passed, () => over));
    const first = test.db.write(async (tx) => {
      await step(tx, 'first');
      tx.afterCommit(() => (over = true));
    });
    await first;
    pass();
    expect(await Promise.all(all)).toHaveLength(8);
    expect(await steps()).toHaveLength(9);
    expect(said.filter((word) => word !== 'told').sort()).toEqual(Array.from({ length: 8 }, (_, i) => `cached w${i}`));
  });
});

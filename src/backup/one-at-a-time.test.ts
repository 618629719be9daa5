/** Who may write into a backup folder, and for how long content stays for whoever copies it. */
import { copyFileSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import { manualClock } from '../base/clock.ts';
import { createFactStore, type FactStore } from '../db/facts.ts';
import { isLeased, takeLease } from './lease.ts';
import { lockFolder } from './lock.ts';

const MINUTE = 60_000;

describe.each(dialects)('the lease of a backup on $dialect', ({ open }) => {
  let test: TestDatabase;
  let facts: FactStore;
  const clock = manualClock(Date.UTC(2026, 10, 22));
  const parts = () => ({ db: test.db, facts, clock });
  beforeAll(async () => {
    test = await open();
    facts = createFactStore(test.db);
  });
  afterAll(() => test.dispose());
  // What an earlier one left has ended.
  beforeEach(() => clock.advance(60 * MINUTE));

  it('is given to one of many who ask at once', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => takeLease(parts())));
    const given = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(given).toHaveLength(1);
    for (const one of asked) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'backup.busy' });
    await given[0]!.end();
    await (await takeLease(parts())).end();
  });

  it('is confirmed as long as it ran without a gap', async () => {
    const lease = await takeLease(parts());
    for (let i = 0; i < 5; i++) {
      clock.advance(2 * MINUTE);
      await lease.confirm();
      expect(await isLeased(parts())).toBe(true);
    }
    await lease.end();
    expect(await isLeased(parts())).toBe(false);
  });

  it('is lost when it ended for a moment, though nobody else took it: a sweep may have run in that moment', async () => {
    const lease = await takeLease(parts());
    clock.advance(3 * MINUTE);
    expect(await isLeased(parts())).toBe(false);
    await expect(lease.confirm()).rejects.toMatchObject({ code: 'backup.lease_lost' });
    await expect(lease.confirm()).rejects.toMatchObject({ code: 'backup.lease_lost' });
    await lease.end();
  });

  it('is lost when the clock was set back so far that a sweep did not believe it', async () => {
    const lease = await takeLease(parts());
    clock.set(clock.now() - 10 * MINUTE);
    expect(await isLeased(parts())).toBe(false);
    await expect(lease.confirm()).rejects.toMatchObject({ code: 'backup.lease_lost' });
    await lease.end();
    // And keeps nobody from beginning.
    await (await takeLease(parts())).end();
  });

  it('of one that stood still is not taken from the next, nor ended for it', async () => {
    const first = await takeLease(parts());
    clock.advance(4 * MINUTE);
    const second = await takeLease(parts());
    await expect(first.confirm()).rejects.toMatchObject({ code: 'backup.lease_lost' });
    await first.end();
    expect(await isLeased(parts())).toBe(true);
    await second.confirm();
    await second.end();
  });

  it('of a process that was killed on this machine ends with it, of one elsewhere after a while', async () => {
    const lease = await takeLease(parts());
    const held = (await facts.get('backup.lease')) as object;
    const put = (more: object) => test.db.write((tx) => facts.put(tx, 'backup.lease', { ...held, ...more }));
    // No process has such a number.
    await put({ pid: 2 ** 22 + 1, host: 'mot-may-khac' });
    expect(await isLeased(parts())).toBe(true);
    await expect(takeLease(parts())).rejects.toMatchObject({ code: 'backup.busy' });
    await put({ pid: 2 ** 22 + 1 });
    expect(await isLeased(parts())).toBe(false);
    const next = await takeLease(parts());
    // Stopped for so long that somebody saw it dead, it finds the lease of another one.
    await expect(lease.confirm()).rejects.toMatchObject({ code: 'backup.lease_lost' });
    await next.confirm();
    await next.end();
  });

  it('counts for nothing when what stands there is no lease', async () => {
    for (const odd of [7, 'x', {}, { token: 1 }, { token: 'x', until: 'morgen' }]) {
      await test.db.write((tx) => facts.put(tx, 'backup.lease', odd));
      expect(await isLeased(parts())).toBe(false);
    }
    await (await takeLease(parts())).end();
  });
});

describe('the lock of a backup folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'congvu-lock-'));
  const path = join(folder, 'lock');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => rmSync(path, { force: true }));
  const left = (holder: unknown, ageMinutes: number) => {
    writeFileSync(path, typeof holder === 'string' ? holder : JSON.stringify(holder));
    const then = new Date(Date.now() - ageMinutes * MINUTE);
    utimesSync(path, then, then);
  };

  it('is held by one of many who ask at once, and leaves nothing behind', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const held = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(held).toHaveLength(1);
    await held[0]!.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['that was just renewed, of this process', { pid: process.pid, host: hostname() }, 0, false],
    ['of a process that is no more', { pid: 2 ** 22 + 1, host: hostname() }, 0, true],
    [
      'that nobody renews: after a restart its number is that of some other process',
      { pid: 1, host: hostname() },
      6,
      true,
    ],
    ['of another machine that still renews it', { pid: 1, host: 'may-khac' }, 1, false],
    ['of another machine that does not', { pid: 1, host: 'may-khac' }, 6, true],
    ['of which a dying machine wrote nothing', '', 0, true],
    ['that was renewed in a future which the clock has left since', { pid: 1, host: hostname() }, -600, true],
    ['of another machine whose clock is ahead', { pid: 1, host: 'may-khac' }, -1, false],
  ])('%s', async (_, holder, age, isFree) => {
    left(holder, age);
    const asked = lockFolder(folder);
    if (isFree) await (await asked).release();
    else await expect(asked).rejects.toMatchObject({ code: 'backup.busy' });
    expect(readdirSync(folder)).toEqual(isFree ? [] : ['lock']);
  });

  it('left by a dead one goes to one of many who ask at once', async () => {
    for (let round = 0; round < 30; round++) {
      left({ pid: 2 ** 22 + 1, host: hostname() }, 0);
      const asked = await Promise.allSettled(Array.from({ length: 6 }, () => lockFolder(folder)));
      const held = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(held).toHaveLength(1);
      for (const one of asked) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'backup.busy' });
      expect(readdirSync(folder)).toEqual(['lock']);
      await held[0]!.release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('is free at the second try after somebody was killed while clearing it', async () => {
    left({ pid: 2 ** 22 + 1, host: hostname() }, 0);
    copyFileSync(path, `${path}.clearing`);
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'backup.busy' });
    await (await lockFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that went to the next one while its holder stood still is not taken from that one', async () => {
    const first = await lockFolder(folder);
    const then = new Date(Date.now() - 6 * MINUTE);
    utimesSync(path, then, then);
    const second = await lockFolder(folder);
    await first.release();
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'backup.busy' });
    await second.release();
    expect(readdirSync(folder)).toEqual([]);
  });
});

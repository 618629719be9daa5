import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { manualClock, systemClock, type ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { createJobs } from './jobs.repository.ts';
import { defaultBackoff } from './runner.ts';
import { JobRetryAt } from './types.ts';
import { openJobs, type OpenJobs } from './testing/open-jobs.ts';

describe.each(dialects)('jobs on $dialect', ({ open }) => {
  let opened: OpenJobs;
  let clock: ManualClock;
  let test: OpenJobs['test'];
  let jobs: OpenJobs['jobs'];
  let ran: OpenJobs['ran'];
  let add: OpenJobs['add'];
  let note: OpenJobs['note'];
  beforeEach(async () => {
    clock = manualClock(1_000_000);
    opened = await openJobs(open, clock);
    ({ test, jobs, ran, add, note } = opened);
  });
  afterEach(() => opened.dispose());
  const fact = async (name: string) => {
    const { facts } = test.db.t;
    return (await test.db.read.select().from(facts)).find((row) => row.name === name)?.value;
  };
  const putFact = async (name: string, value: unknown) =>
    test.db.write(async ({ q }) => q.insert(test.db.t.facts).values({ name, value }));

  it('runs what is due in the order of its time, and nothing before it is due', async () => {
    jobs.handle('a', note);
    await add('a', 'later', { runAt: 1_000_500 });
    await add('a', 'second');
    await add('a', 'first', { runAt: 999_000 });
    expect(await jobs.runDue()).toBe(2);
    expect(ran.map((job) => job.payload)).toEqual(['first', 'second']);
    clock.advance(500);
    expect(await jobs.runDue()).toBe(1);
    expect(await jobs.stats()).toEqual([]);
  });

  it('does not run a job whose causing unit failed', async () => {
    jobs.handle('a', note);
    const unit = test.db.write(async (tx) => {
      await jobs.add(tx, 'a', 1);
      throw new Error('no');
    });
    await expect(unit).rejects.toThrow('no');
    expect(await jobs.runDue()).toBe(0);
  });

  it('tries again after the backoff and keeps what it gives up as failed', async () => {
    jobs.handle(
      'a',
      async (job) => {
        ran.push(job);
        throw new Error(`attempt ${job.attempt}\u0000`);
      },
      { backoff: (attempt) => (attempt < 3 ? attempt * 100 : undefined) },
    );
    await add('a', 1);
    expect(await jobs.runDue()).toBe(1);
    clock.advance(99);
    expect(await jobs.runDue()).toBe(0);
    clock.advance(1);
    expect(await jobs.runDue()).toBe(1);
    clock.advance(200);
    expect(await jobs.runDue()).toBe(1);
    clock.advance(1e9);
    expect(await jobs.runDue()).toBe(0);
    expect(ran.map((job) => job.attempt)).toEqual([1, 2, 3]);
    expect(await jobs.stats()).toEqual([{ queue: 'a', waiting: 0, due: 0, failed: 1, oldestDueAt: null }]);
    expect((await test.db.read.select().from(test.db.t.jobs))[0]?.lastError).toBe('attempt 3\ufffd');
  });

  it('lets a handler choose when to try again', async () => {
    jobs.handle('a', async (job) => {
      ran.push(job);
      if (job.attempt === 1) throw new JobRetryAt(1_777_000, 'greylisted');
    });
    await add('a', 1);
    await jobs.runDue();
    clock.set(1_776_999);
    expect(await jobs.runDue()).toBe(0);
    clock.set(1_777_000);
    expect(await jobs.runDue()).toBe(1);
  });

  it("commits a handler's rows and the job's end together, or neither", async () => {
    jobs.handle('a', async (job, complete) => {
      await complete(async ({ q }) => {
        await q.insert(test.db.t.facts).values({ name: `done${job.attempt}`, value: 1 });
        if (job.attempt === 1) throw new Error('power cut');
      });
    });
    await add('a', 1);
    await jobs.runDue();
    expect(await fact('done1')).toBeUndefined();
    clock.advance(60_000);
    await jobs.runDue();
    expect(await fact('done2')).toBe(1);
    expect(await jobs.stats()).toEqual([]);
  });

  it('runs a job again when its worker died, and lets only one worker finish it', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const dead = createJobs({ db: test.db, clock, log: silentLog });
    dead.handle(
      'a',
      async (job, complete) => {
        await gate;
        await complete(async ({ q }) => void (await q.insert(test.db.t.facts).values({ name: 'late', value: job.id })));
      },
      { lease: 60_000 },
    );
    jobs.handle('a', note);
    await add('a', 1);
    const stuck = dead.runDue();
    await expect.poll(async () => (await test.db.read.select().from(test.db.t.jobs))[0]?.leaseToken).toBeTruthy();
    expect(await jobs.runDue()).toBe(0);
    clock.advance(60_001);
    expect(await jobs.runDue()).toBe(1);
    expect(ran[0]?.attempt).toBe(2);
    release();
    await stuck;
    expect(await fact('late')).toBeUndefined();
    expect(await jobs.stats()).toEqual([]);
  });

  it('keeps one waiting job per key and brings its time forward', async () => {
    jobs.handle('a', note);
    await add('a', 'one', { key: 'k', runAt: 2_000_000 });
    await add('a', 'two', { key: 'k', runAt: 1_500_000 });
    await add('a', 'three', { key: 'k', runAt: 3_000_000 });
    await add('a', 'other', { key: 'l', runAt: 1_500_000 });
    await add('b', 'elsewhere', { key: 'k' });
    clock.set(1_500_000);
    expect(await jobs.runDue()).toBe(2);
    expect(ran.map((job) => job.payload).sort()).toEqual(['other', 'three']);
  });

  it('runs a job once more when it was asked for while it ran', async () => {
    jobs.handle('a', async (job) => {
      ran.push(job);
      if (job.payload === 'first') await add('a', 'second', { key: 'k' });
    });
    await add('a', 'first', { key: 'k' });
    expect(await jobs.runDue()).toBe(2);
    expect(ran.map((job) => [job.payload, job.attempt])).toEqual([
      ['first', 1],
      ['second', 1],
    ]);
    expect(await jobs.stats()).toEqual([]);
  });

  it('takes a failed job of the same key up again', async () => {
    jobs.handle('a', note, { backoff: () => undefined });
    let fails = true;
    jobs.handle(
      'b',
      async (job) => {
        if (fails) throw new Error('no');
        await note(job);
      },
      { backoff: () => undefined },
    );
    await add('b', 1, { key: 'k' });
    await jobs.runDue();
    fails = false;
    await add('b', 2, { key: 'k' });
    expect(await jobs.runDue()).toBe(1);
    expect(ran).toMatchObject([{ payload: 2, attempt: 1 }]);
  });

  it('lets a completing handler set its own next run', async () => {
    jobs.handle('a', async (job, complete) => {
      ran.push(job);
      await complete((tx) => (ran.length < 3 ? jobs.add(tx, 'a', ran.length, { key: 'k' }) : Promise.resolve()));
    });
    await add('a', 0, { key: 'k' });
    expect(await jobs.runDue()).toBe(3);
    expect(ran.map((job) => job.payload)).toEqual([0, 1, 2]);
  });

  it('never runs a job in two workers at once, and runs each once', async () => {
    const seen = new Map<unknown, number>();
    const workers = [1, 2, 3].map(() => {
      const worker = createJobs({ db: test.db, clock: systemClock, log: silentLog });
      worker.handle('a', async ({ payload }) => void seen.set(payload, (seen.get(payload) ?? 0) + 1), {
        concurrency: 4,
      });
      return worker;
    });
    await test.db.write(async (tx) => {
      for (let i = 0; i < 60; i++) await jobs.add(tx, 'a', i);
    });
    await Promise.all(workers.map((worker) => worker.runDue()));
    expect([...seen.values()]).toEqual(Array.from({ length: 60 }, () => 1));
  });

  it('tells what waits, is due and failed by queue', async () => {
    await putFact('unrelated', 1);
    await add('a', 1, { runAt: 999_999 });
    await add('a', 2, { runAt: 2_000_000 });
    await add('b', 3, { runAt: 2_000_000 });
    expect(await jobs.stats()).toEqual([
      { queue: 'a', waiting: 2, due: 1, failed: 0, oldestDueAt: 999_999 },
      { queue: 'b', waiting: 1, due: 0, failed: 0, oldestDueAt: null },
    ]);
  });
});

describe('the usual backoff', () => {
  it('doubles from five seconds to an hour and ends', () => {
    expect([1, 2, 3, 11, 14, 15].map(defaultBackoff)).toEqual([5000, 10_000, 20_000, 3_600_000, 3_600_000, undefined]);
  });
});

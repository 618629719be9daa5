import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { systemClock } from '../base/clock.ts';
import type { Job } from './types.ts';
import { openJobs, type OpenJobs } from './testing/open-jobs.ts';
describe.each(dialects)('a worker on $dialect', ({ open }) => {
  let opened: OpenJobs;
  let jobs: OpenJobs['jobs'];
  let ran: OpenJobs['ran'];
  let add: OpenJobs['add'];
  beforeEach(async () => {
    opened = await openJobs(open, systemClock);
    ({ jobs, ran, add } = opened);
  });
  afterEach(() => opened.dispose());

  it('wakes by itself for new work and for the time of waiting work', async () => {
    jobs.handle('a', opened.note);
    jobs.start();
    await add('a', 'now');
    await expect.poll(() => ran.map((job) => job.payload)).toEqual(['now']);
    await add('a', 'soon', { runAt: Date.now() + 150 });
    await expect.poll(() => ran.map((job) => job.payload)).toEqual(['now', 'soon']);
  });

  it("keeps to each queue's concurrency, and stop waits for what runs and takes nothing new", async () => {
    let running = 0;
    let most = 0;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const handler = async (job: Job) => {
      most = Math.max(most, ++running);
      await gate;
      running--;
      ran.push(job);
    };
    jobs.handle('a', handler, { concurrency: 2 });
    for (let i = 0; i < 5; i++) await add('a', i);
    jobs.start();
    await expect.poll(() => running).toBe(2);
    const stopped = jobs.stop(5000);
    release();
    await stopped;
    expect([most, ran.length]).toEqual([2, 2]);
    expect(await jobs.stats()).toMatchObject([{ waiting: 3 }]);
  });

  it('lets another run start in the place of one that stepped aside, and counts it once', async () => {
    const gates = new Map<unknown, () => void>();
    jobs.handle('a', async (job, _complete, stepAside) => {
      ran.push(job);
      if (job.payload === 'slow') {
        stepAside();
        stepAside();
      }
      await new Promise<void>((resolve) => gates.set(job.payload, resolve));
    });
    for (const name of ['slow', 'first', 'second']) await add('a', name);
    jobs.start();
    await expect.poll(() => ran.map((job) => job.payload)).toEqual(['slow', 'first']);
    // Its end frees no second place.
    gates.get('slow')?.();
    await expect.poll(async () => (await jobs.stats())[0]?.waiting).toBe(2);
    expect(ran.length).toBe(2);
    gates.get('first')?.();
    await expect.poll(() => gates.has('second')).toBe(true);
    gates.get('second')?.();
    await expect.poll(() => jobs.stats()).toEqual([]);
  });

  it('does not wait for a stuck handler beyond the grace', async () => {
    let started = false;
    let release = (): void => undefined;
    jobs.handle('a', () => {
      started = true;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    await add('a', 1);
    jobs.start();
    await expect.poll(() => started).toBe(true);
    await jobs.stop(20);
    expect(await jobs.stats()).toMatchObject([{ waiting: 1 }]);
    release();
    await expect.poll(() => jobs.stats()).toEqual([]);
  });
});

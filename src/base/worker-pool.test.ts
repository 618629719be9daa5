import { afterEach, describe, expect, it } from 'vitest';

import type { Trick } from './testing/tricks.worker.ts';
import { createWorkerPool, TaskError, WorkerFailure, type WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

let pool: WorkerPool<Trick, unknown>;
const open = (options: Partial<WorkerPoolOptions> = {}) =>
  (pool = createWorkerPool({
    name: 'tricks',
    source: new URL('./testing/tricks.worker.ts', import.meta.url),
    size: 2,
    taskMs: 10_000,
    heapMb: 64,
    queue: 100,
    ...options,
  }));
afterEach(() => pool.close());
const add = (a: number, b: number) => pool.run({ do: 'add', a, b });

describe('the worker pool', () => {
  it('runs tasks in threads and answers each its own caller', async () => {
    open();
    expect(await Promise.all(Array.from({ length: 50 }, (_, i) => add(i, 1)))).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
    expect(pool.stats()).toMatchObject({ running: 0, waiting: 0, killed: 0 });
    expect(pool.stats().threads).toBeLessThanOrEqual(2);
  });

  it('kills a task that takes too long, and goes on with the next', async () => {
    open({ size: 1 });
    await add(1, 1);
    const stalled = pool.run({ do: 'spin' }, { taskMs: 100 });
    const after = add(2, 2);
    await expect(stalled).rejects.toMatchObject({ name: 'WorkerFailure', reason: 'time' });
    expect(await after).toBe(4);
    expect(pool.stats().killed).toBe(1);
  });

  it('kills a task that eats its heap', async () => {
    open({ size: 1, heapMb: 48 });
    await expect(pool.run({ do: 'eat' })).rejects.toMatchObject({ reason: 'memory' });
    expect(await add(2, 3)).toBe(5);
  });

  it('replaces a thread that ends by itself or crashes outside the task', async () => {
    open({ size: 1 });
    await expect(pool.run({ do: 'exit' })).rejects.toMatchObject({ reason: 'died' });
    await expect(pool.run({ do: 'crash' })).rejects.toBeInstanceOf(WorkerFailure);
    expect(await add(1, 2)).toBe(3);
  });

  it('hands on what the task itself throws, and keeps the thread', async () => {
    open({ size: 1 });
    await expect(pool.run({ do: 'throw' })).rejects.toThrow(new TaskError('RangeError: no such thing'));
    expect(pool.stats()).toMatchObject({ threads: 1, killed: 0 });
  });

  it('refuses at once when too many wait', async () => {
    open({ size: 1, queue: 3 });
    const accepted = [1, 2, 3].map((n) => add(n, n));
    await expect(add(9, 9)).rejects.toMatchObject({ code: 'worker.busy', kind: 'unavailable' });
    expect(await Promise.all(accepted)).toEqual([2, 4, 6]);
  });

  it('gives a worker no environment, and takes bytes by transfer', async () => {
    open({ size: 1 });
    expect(await pool.run({ do: 'env' })).toEqual([]);
    const bytes = new Uint8Array(1_000_000);
    expect(await pool.run({ do: 'echo', bytes }, { transfer: [bytes.buffer] })).toBe(1_000_000);
    expect(bytes.length).toBe(0);
    await expect(pool.run({ do: 'add', a: (() => 1) as never, b: 1 })).rejects.toThrow(/could not be cloned/);
    expect(await add(1, 1)).toBe(2);
  });

  it('says so when a worker cannot start, instead of waiting for ever', async () => {
    open({ source: new URL('./testing/absent.worker.ts', import.meta.url) });
    await expect(add(1, 1)).rejects.toMatchObject({ reason: 'start' });
  });

  it('fails what waits and runs when it is closed', async () => {
    open({ size: 1 });
    const tasks = [pool.run({ do: 'spin' }), add(1, 1)];
    const outcomes = Promise.allSettled(tasks);
    await pool.close();
    expect((await outcomes).map((o) => o.status === 'rejected' && (o.reason as WorkerFailure).reason)).toEqual([
      'closed',
      'closed',
    ]);
    await expect(add(1, 1)).rejects.toMatchObject({ reason: 'closed' });
  });
});

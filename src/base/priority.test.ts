import { getPriority } from 'node:os';

import { afterEach, describe, expect, it } from 'vitest';

import type { Trick } from './testing/tricks.worker.ts';
import { createWorkerPool } from './worker-pool.ts';

const pool = createWorkerPool<Trick, unknown>({
  name: 'tricks',
  source: new URL('./testing/tricks.worker.ts', import.meta.url),
  size: 1,
  taskMs: 10_000,
  heapMb: 64,
  queue: 1,
});
afterEach(() => pool.close());

describe.runIf(process.platform === 'linux')('a thread that computes for others', () => {
  it('stands behind the thread that answers, whose own place stays', async () => {
    const own = getPriority();
    expect(await pool.run({ do: 'stand behind' })).toBe(Math.min(19, own + 5));
    expect(getPriority()).toBe(own);
  });
});

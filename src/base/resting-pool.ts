/** A pool of threads that begins with the first work, ends after a rest, and begins anew with the next. */
import { createWorkerPool, type WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

export interface RestingPool<In, Out> extends Pick<WorkerPool<In, Out>, 'run'> {
  /** Ends the threads; the next work begins others. */
  end(): Promise<void>;
  hasThread(): boolean;
}

/** @param rest milliseconds */
export function createRestingPool<In, Out>(options: WorkerPoolOptions, rest: number): RestingPool<In, Out> {
  let pool: WorkerPool<In, Out> | undefined;
  let ending: NodeJS.Timeout | undefined;
  let running = 0;
  const end = async (): Promise<void> => {
    clearTimeout(ending);
    const ended = pool;
    pool = undefined;
    await ended?.close();
  };
  return {
    async run(...task) {
      clearTimeout(ending);
      running++;
      pool ??= createWorkerPool<In, Out>(options);
      try {
        return await pool.run(...task);
      } finally {
        running--;
        clearTimeout(ending);
        if (pool && running === 0) ending = setTimeout(() => void end(), rest).unref();
      }
    },
    end,
    hasThread: () => pool !== undefined,
  };
}

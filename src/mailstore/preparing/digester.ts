/**
 * Where mail is taken apart: here when little comes, which costs less than a thread would; in a thread of its own when many
 * messages wait at once or one is so large that everybody else would notice. The thread ends after a minute of rest.
 */
import { setImmediate } from 'node:timers/promises';

import type { Log } from '../../base/log.ts';
import { createRestingPool, type RestingPool } from '../../base/resting-pool.ts';
import { digest, type Digest } from './digest.ts';
import { digestsOf, taskOf, type DigestAnswer, type DigestTask } from './digest-task.ts';

/** Messages, or octets of a single one, for which a thread is begun. */
const MANY = 8;
const HUGE = 4 * 1024 * 1024;
/** Octets that are worth the way to a thread that is there. */
const SOME = 64 * 1024;
/** Octets of one task, but for a single larger message. */
const TASK = 1024 * 1024;
/** Milliseconds of work in one piece when it is done here. */
const SLICE = 5;
const REST = 60_000;

export interface Digester {
  digest(bytes: Uint8Array): Promise<Digest>;
  /** Ends the thread; more work begins a new one. */
  end(): Promise<void>;
  hasThread(): boolean;
}

interface Waiting {
  bytes: Uint8Array;
  resolve(digest: Digest): void;
  reject(error: unknown): void;
}

export function createDigester(log: Log, rest = REST): Digester {
  const waiting: Waiting[] = [];
  const pool = createPool(rest);
  let running: Promise<void> | undefined;
  const inThread = async (group: readonly Waiting[]): Promise<void> => {
    const task = taskOf(group.map(({ bytes }) => bytes));
    const digests = await pool
      .run(task, { transfer: [task.octets.buffer] })
      .then(digestsOf)
      .catch((error: unknown) => {
        log.warn({ err: error }, 'no thread takes mail apart');
        return [];
      });
    // What failed there fails here too, and says why.
    const failed = group.filter((one, i) => !settle(one, digests[i]));
    await here(failed);
  };
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const octets = waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
      const worth = pool.hasThread() ? waiting.length > 1 || octets >= SOME : waiting.length >= MANY || octets >= HUGE;
      if (worth) await inThread(takeUpTo(waiting, TASK));
      else await here(waiting.splice(0));
    }
    running = undefined;
  };
  return {
    digest: (bytes) =>
      new Promise((resolve, reject) => {
        waiting.push({ bytes, resolve, reject });
        // Those that are asked for in the same turn go together.
        running ??= Promise.resolve().then(run);
      }),
    async end() {
      await running;
      await pool.end();
    },
    hasThread: pool.hasThread,
  };
}

function settle({ resolve }: Waiting, digested: Digest | undefined): boolean {
  if (digested) resolve(digested);
  return digested !== undefined;
}

async function here(group: readonly Waiting[]): Promise<void> {
  let since = performance.now();
  for (const { bytes, resolve, reject } of group) {
    await digest(bytes).then(resolve, reject);
    if (performance.now() - since < SLICE) continue;
    await setImmediate();
    since = performance.now();
  }
}

/** At least one. */
function takeUpTo(waiting: Waiting[], octets: number): Waiting[] {
  let count = 0;
  let sum = 0;
  for (const { bytes } of waiting) {
    if (count > 0 && sum + bytes.length > octets) break;
    sum += bytes.length;
    count++;
  }
  return waiting.splice(0, count);
}

const createPool = (rest: number): RestingPool<DigestTask, DigestAnswer> =>
  createRestingPool(
    {
      name: 'mail-digest',
      source: new URL('./mail-digest.worker.ts', import.meta.url),
      size: 1,
      taskMs: 60_000,
      heapMb: 256,
      queue: 8,
    },
    rest,
  );

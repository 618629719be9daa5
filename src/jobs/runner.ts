/**
 * Runs what is due. Invariants:
 * - a job runs only under a lease that a conditional update gave; the lease is renewed while its handler runs, and
 *   ends by itself when the process dies;
 * - the end of a job is one commit with the handler's own rows, and only while the lease still holds;
 * - a wake-up (bus or timer) that comes while we look is not lost: we look again.
 */
import { randomUUID } from 'node:crypto';

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Millis } from '../base/ids.ts';
import type { Database, Tx } from '../db/database.ts';
import { JobLeaseLost, type JobStore } from './store.repository.ts';
import { JobRetryAt, type Job, type JobHandler, type Jobs, type QueueOptions } from './types.ts';

const LEASE = 5 * 60_000;
/** Looks at least this often, should a word on the bus have been lost. */
const LONGEST_SLEEP = 30_000;

interface Queue {
  name: string;
  handler: JobHandler;
  concurrency: number;
  lease: number;
  backoff: (attempt: number) => Millis | undefined;
  running: number;
}

/** 5 s, 10 s, 20 s … at most 1 h apart; gives up after 15 attempts. */
export function defaultBackoff(attempt: number): Millis | undefined {
  return attempt >= 15 ? undefined : Math.min(5000 * 2 ** (attempt - 1), 3_600_000);
}

interface Parts {
  db: Database;
  store: JobStore;
  clock: Clock;
  log: Log;
  topic: string;
}

export function createRunner(parts: Parts): Pick<Jobs, 'handle' | 'start' | 'stop' | 'runDue'> {
  const queues = new Map<string, Queue>();
  const active = new Set<Promise<void>>();
  const track = (work: Promise<void>): void => {
    active.add(work);
    void work.finally(() => active.delete(work));
  };
  const loop = createLoop(parts, queues, track);
  return {
    handle(name, handler, options: QueueOptions = {}) {
      if (queues.has(name)) throw new Error(`the queue ${name} has a handler already`);
      const { concurrency = 1, lease = LEASE, backoff = defaultBackoff } = options;
      queues.set(name, { name, handler, concurrency, lease, backoff, running: 0 });
    },
    start: loop.start,
    async stop(grace = 10_000) {
      await loop.stop();
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, grace);
      });
      await Promise.race([Promise.allSettled(active), patience]);
      clearTimeout(timer);
    },
    async runDue() {
      let ran = 0;
      for (;;) {
        const claimed = await Promise.all(
          [...queues.values()].map((queue) =>
            claimAndRun(parts, queue, queue.concurrency, { track, freed: () => undefined }),
          ),
        );
        const works = claimed.flat();
        if (works.length === 0) return ran;
        ran += works.length;
        await Promise.all(works);
      }
    },
  };
}

interface Around {
  track: (work: Promise<void>) => void;
  /** A run stepped aside: its place may be taken. */
  freed: () => void;
}

/** @returns the running jobs; each promise never rejects. */
async function claimAndRun(
  parts: Parts,
  queue: Queue,
  limit: number,
  { track, freed }: Around,
): Promise<Promise<void>[]> {
  const now = parts.clock.now();
  const token = randomUUID();
  const jobs = await parts.store.claim({ queue: queue.name, limit, now, leaseUntil: now + queue.lease, token });
  return jobs.map((job) => {
    queue.running++;
    let counted = true;
    const leave = (): void => {
      if (counted) queue.running--;
      counted = false;
    };
    const stepAside = (): void => {
      leave();
      freed();
    };
    const work = runJob(parts, queue, job, token, stepAside).finally(leave);
    track(work);
    return work;
  });
}

function createLoop(parts: Parts, queues: Map<string, Queue>, track: (work: Promise<void>) => void) {
  let started = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  const subscriptions: (() => void)[] = [];

  const look = async (): Promise<void> => {
    for (const queue of queues.values()) {
      const free = queue.concurrency - queue.running;
      if (!started || free <= 0) continue;
      const works = await claimAndRun(parts, queue, free, { track, freed: wake });
      for (const work of works) void work.then(wake);
    }
    const idle = [...queues.values()].filter((queue) => queue.running < queue.concurrency).map((queue) => queue.name);
    const next = started ? await parts.store.nextAt(idle) : undefined;
    const wait = next === undefined ? LONGEST_SLEEP : Math.min(Math.max(next - parts.clock.now(), 5), LONGEST_SLEEP);
    clearTimeout(timer);
    if (started) timer = setTimeout(wake, wait);
  };
  const lookUntilQuiet = async (): Promise<void> => {
    do {
      lookAgain = false;
      await look().catch((error: unknown) => {
        parts.log.error({ err: error }, 'jobs: cannot look for work');
        if (started) timer = setTimeout(wake, 1000);
      });
    } while (lookAgain && started);
    looking = undefined;
  };
  function wake(): void {
    if (!started) return;
    lookAgain = true;
    looking ??= lookUntilQuiet();
  }
  return {
    start(): void {
      if (started) return;
      started = true;
      // "reconnected": the database's listener was away and may have missed a word.
      subscriptions.push(parts.db.bus.subscribe(parts.topic, wake), parts.db.bus.subscribe('reconnected', wake));
      wake();
    },
    async stop(): Promise<void> {
      started = false;
      clearTimeout(timer);
      for (const end of subscriptions.splice(0)) end();
      await looking;
    },
  };
}

async function runJob(parts: Parts, queue: Queue, job: Job, token: string, stepAside: () => void): Promise<void> {
  const { db, store, clock, log } = parts;
  const renewal = setInterval(() => {
    store
      .renew(job.id, token, clock.now() + queue.lease)
      .catch((error: unknown) => log.warn({ err: error, job: job.id }, 'jobs: lease not renewed'));
  }, queue.lease / 3);
  renewal.unref();
  let finished = false;
  const complete = async (unit: (tx: Tx) => Promise<void>): Promise<void> => {
    await db.write(async (tx) => {
      await store.finish(tx, job.id, token);
      await unit(tx);
    });
    finished = true;
  };
  try {
    await queue.handler(job, complete, stepAside);
    if (!finished) await complete(async () => undefined);
  } catch (error) {
    if (finished)
      log.error({ err: error, queue: job.queue, job: job.id }, 'jobs: a handler failed after its job was completed');
    else await afterFailure(parts, queue, job, token, error);
  } finally {
    clearInterval(renewal);
  }
}

async function afterFailure(
  { store, clock, log }: Parts,
  queue: Queue,
  job: Job,
  token: string,
  error: unknown,
): Promise<void> {
  const where = { queue: job.queue, job: job.id, attempt: job.attempt };
  const words = error instanceof Error ? error.message : String(error);
  try {
    if (error instanceof JobLeaseLost) {
      log.warn(where, 'jobs: the lease went to another worker, its result counts');
    } else if (error instanceof JobRetryAt) {
      log.info({ ...where, runAt: error.runAt, reason: words }, 'jobs: again later');
      await store.retry(job.id, token, Math.max(error.runAt, clock.now() + 1), words);
    } else {
      const delay = queue.backoff(job.attempt);
      log.warn({ ...where, err: error, delay }, delay === undefined ? 'jobs: given up' : 'jobs: failed, again later');
      if (delay === undefined) await store.giveUp(job.id, token, words);
      else await store.retry(job.id, token, clock.now() + Math.max(1, delay), words);
    }
  } catch (cause) {
    // The database is away: the lease ends by itself and the job runs again.
    log.error({ ...where, err: cause }, 'jobs: the end of a run could not be recorded');
  }
}

/** Jobs on a database of their own, and what ran. */
import type { TestDatabase } from '../../../test/support/databases.ts';
import type { Clock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { createJobs } from '../jobs.repository.ts';
import type { Job, Jobs } from '../types.ts';

export interface OpenJobs {
  test: TestDatabase;
  jobs: Jobs;
  ran: Job[];
  /** A handler that keeps what it got in `ran`. */
  note(job: Job): Promise<void>;
  add(queue: string, payload: unknown, options?: { runAt?: number; key?: string }): Promise<void>;
  dispose(): Promise<void>;
}

export async function openJobs(open: () => Promise<TestDatabase>, clock: Clock): Promise<OpenJobs> {
  const test = await open();
  const jobs = createJobs({ db: test.db, clock, log: silentLog });
  const ran: Job[] = [];
  return {
    ...{ test, jobs, ran },
    note: async (job) => void ran.push(job),
    add: (queue, payload, options) => test.db.write((tx) => jobs.add(tx, queue, payload, options)),
    async dispose() {
      await jobs.stop(100);
      await test.dispose();
    },
  };
}

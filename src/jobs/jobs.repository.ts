import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Database } from '../db/database.ts';
import { createRunner } from './runner.ts';
import { createJobStore } from './store.repository.ts';
import type { Jobs } from './types.ts';

/** Topic of the bus on which new work is announced. */
export const JOBS_TOPIC = 'jobs';

export function createJobs({ db, clock, log }: { db: Database; clock: Clock; log: Log }): Jobs {
  const store = createJobStore(db);
  const runner = createRunner({ db, store, clock, log: log.child({ part: 'jobs' }), topic: JOBS_TOPIC });
  return {
    async add(tx, queue, payload, options = {}) {
      const now = clock.now();
      await store.add(tx, { queue, payload, runAt: options.runAt ?? now, key: options.key, now });
      tx.announce(JOBS_TOPIC);
    },
    stats: () => store.stats(clock.now()),
    ...runner,
  };
}

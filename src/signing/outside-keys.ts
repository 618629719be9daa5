/** The jobs that bring keys from elsewhere and make verdicts anew. */
import * as v from 'valibot';

import type { BlobHash } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { JobHandler } from '../jobs/types.ts';
import type { Context } from './context.ts';
import { REVERIFY_QUEUE } from './keys.usecases.ts';
import type { Judgement } from './types.ts';
import { judgeStored } from './verify.usecases.ts';

/** Who has a message whose verdict waits for a key adds {address, hash} here. */
export const FETCH_KEY_QUEUE = 'signing.fetch-key';

const fetchPayload = v.object({
  address: v.pipe(v.string(), v.maxLength(320)),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  arrivedAt: v.number(),
});
const reverifyPayload = v.object({ fingerprint: v.string() });
const recheckPayload = v.object({ hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), arrivedAt: v.number() });

export function handleJobs(context: Context): void {
  const { wkdBackoff } = context.settings;
  context.jobs.handle(FETCH_KEY_QUEUE, fetchHandler(context), {
    concurrency: 4,
    // One more run than waits: the last gives up and settles the verdict.
    backoff: (attempt) => 1000 * (wkdBackoff[attempt - 1] ?? 60),
  });
  context.jobs.handle(REVERIFY_QUEUE, reverifyHandler(context), {
    concurrency: 1,
    backoff: (attempt) => Math.min(attempt, 60) * 60_000,
  });
  // One at a time: what stalls a thread must not stall them all.
  context.jobs.handle(RECHECK_QUEUE, recheckHandler(context), {
    concurrency: 1,
    backoff: (attempt) => Math.min(attempt, 60) * 60_000,
  });
}

function fetchHandler(context: Context): JobHandler {
  const { clock, repository, fetchKey, log, settings } = context;
  return async ({ payload, attempt }, complete) => {
    const { address, hash, arrivedAt } = v.parse(fetchPayload, payload);
    const known = await repository.outside(address);
    let store: ((tx: Tx) => Promise<void>) | undefined;
    // Several messages may wait for one key: only the first asks.
    if (!known || clock.now() - known.fetchedAt > 60_000) {
      try {
        const publicKey = (await fetchKey(address)) ?? null;
        store = (tx) => repository.putOutside(tx, address, { publicKey, fetchedAt: clock.now() });
      } catch (error) {
        if (attempt <= settings.wkdBackoff.length) throw error;
        log.info({ address, err: error }, 'no key directory answers');
        store = (tx) =>
          repository.putOutside(tx, address, { publicKey: known?.publicKey ?? null, fetchedAt: clock.now() });
      }
      const write = store;
      await context.db.write((tx) => write(tx));
    }
    await rejudge(context, hash as BlobHash, arrivedAt, complete);
  };
}

async function rejudge(
  context: Context,
  hash: BlobHash,
  arrivedAt: number,
  complete: Parameters<JobHandler>[1],
): Promise<void> {
  const { mailstore } = context;
  // The message may have been deleted while its key was on the way.
  if ((await mailstore.derived(hash)) === undefined) return complete(async () => undefined);
  const judged = await judgeStored(context, hash, arrivedAt);
  await complete((tx) => keep(context, tx, { hash, arrivedAt }, judged));
}

/** Without a result the verdict waits for one more check. */
async function keep(
  context: Pick<Context, 'mailstore' | 'clock' | 'jobs'>,
  tx: Tx,
  { hash, arrivedAt }: { hash: BlobHash; arrivedAt: number },
  { verdict, unfinished }: Judgement,
): Promise<void> {
  const { mailstore, clock } = context;
  await mailstore.setVerdict(tx, hash, unfinished ? null : verdict, clock.now());
  if (unfinished) await checkAgain(context, tx, hash, arrivedAt);
}

/** Messages whose check ran out of time. */
export const RECHECK_QUEUE = 'signing.recheck';
const RECHECK_AFTER = 60_000;

export async function checkAgain(
  { jobs, clock }: Pick<Context, 'jobs' | 'clock'>,
  tx: Tx,
  hash: string,
  arrivedAt: number,
): Promise<void> {
  await jobs.add(tx, RECHECK_QUEUE, { hash, arrivedAt }, { key: hash, runAt: clock.now() + RECHECK_AFTER });
}

/** Once: what runs out of time again is hostile or hopeless, and "altered" it stays. */
function recheckHandler(context: Context): JobHandler {
  const { mailstore, clock } = context;
  return async ({ payload }, complete) => {
    const { hash: text, arrivedAt } = v.parse(recheckPayload, payload);
    const hash = text as BlobHash;
    if ((await mailstore.derived(hash)) === undefined) return complete(async () => undefined);
    const { verdict } = await judgeStored(context, hash, arrivedAt);
    await complete(async (tx) => void (await mailstore.setVerdict(tx, hash, verdict, clock.now())));
  };
}

function reverifyHandler(context: Context): JobHandler {
  const { repository, mailstore, db } = context;
  return async ({ payload }) => {
    const { fingerprint } = v.parse(reverifyPayload, payload);
    for (const { hash: text, arrivedAt } of await repository.signedBy(fingerprint)) {
      const hash = text as BlobHash;
      if ((await mailstore.derived(hash)) === undefined) continue;
      const judged = await judgeStored(context, hash, arrivedAt);
      await db.write((tx) => keep(context, tx, { hash, arrivedAt }, judged));
    }
  };
}

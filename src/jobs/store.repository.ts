/**
 * The rows of the jobs. A job runs while its lease token is set; every change by a worker names that token, so a
 * worker whose lease went to another changes nothing.
 */
import { and, asc, eq, inArray, isNotNull, isNull, lte, lt, or, sql } from 'drizzle-orm';

import { clean } from '../base/text.ts';
import type { Millis } from '../base/ids.ts';
import type { Database, Tx } from '../db/database.ts';
import type { Job } from './types.ts';

export interface NewJob {
  queue: string;
  payload: unknown;
  runAt: Millis;
  key?: string | undefined;
  now: Millis;
}

export interface Claim {
  queue: string;
  limit: number;
  now: Millis;
  leaseUntil: Millis;
  token: string;
}

/** The lease ran out and the job belongs to another worker, or was cancelled. */
export class JobLeaseLost extends Error {
  override readonly name = 'JobLeaseLost';
}

export interface JobStore {
  add(tx: Tx, job: NewJob): Promise<void>;
  claim(claim: Claim): Promise<Job[]>;
  renew(id: number, token: string, leaseUntil: Millis): Promise<void>;
  /** @throws JobLeaseLost */
  finish(tx: Tx, id: number, token: string): Promise<void>;
  retry(id: number, token: string, runAt: Millis, error: string): Promise<void>;
  giveUp(id: number, token: string, error: string): Promise<void>;
  /** When the next job of these queues may run: its time, or the end of a dead worker's lease. */
  nextAt(queues: readonly string[]): Promise<Millis | undefined>;
  stats(
    now: Millis,
  ): Promise<{ queue: string; waiting: number; due: number; failed: number; oldestDueAt: Millis | null }[]>;
}

export function createJobStore(db: Database): JobStore {
  return { add: (tx, job) => add(db, tx, job), ...claiming(db), ...ending(db), ...asking(db) };
}

/** A running job is not touched but asked to run once more; a failed one starts afresh; a waiting one comes forward. */
async function add(db: Database, tx: Tx, { queue, payload, runAt, key, now }: NewJob): Promise<void> {
  const { jobs } = db.t;
  const insert = tx.q
    .insert(jobs)
    .values({ queue, payload, uniqueKey: key ?? null, state: 'waiting', runAt, attempts: 0, createdAt: now });
  await insert.onConflictDoUpdate({
    target: [jobs.queue, jobs.uniqueKey],
    set: {
      payload: sql`excluded.payload`,
      state: 'waiting',
      attempts: sql`case when jobs.state = 'failed' then 0 else jobs.attempts end`,
      runAt: sql`case when jobs.lease_token is not null then jobs.run_at when jobs.state = 'failed' or excluded.run_at < jobs.run_at then excluded.run_at else jobs.run_at end`,
      againAt: sql`case when jobs.lease_token is null then null when jobs.again_at is null or excluded.run_at < jobs.again_at then excluded.run_at else jobs.again_at end`,
    },
  });
}

function claiming(db: Database): Pick<JobStore, 'claim' | 'renew'> {
  const { jobs } = db.t;
  return {
    claim: ({ queue, limit, now, leaseUntil, token }) =>
      db.write(async ({ q }) => {
        const free = or(isNull(jobs.leaseUntil), lt(jobs.leaseUntil, now));
        const due = and(eq(jobs.queue, queue), eq(jobs.state, 'waiting'), lte(jobs.runAt, now), free);
        const ids = await q
          .select({ id: jobs.id })
          .from(jobs)
          .where(due)
          .orderBy(asc(jobs.runAt), asc(jobs.id))
          .limit(limit);
        if (ids.length === 0) return [];
        // `due` again: on PostgreSQL this update waits for another process's claim and then sees its lease.
        const rows = await q
          .update(jobs)
          .set({ leaseUntil, leaseToken: token, attempts: sql`${jobs.attempts} + 1` })
          .where(
            and(
              inArray(
                jobs.id,
                ids.map((row) => row.id),
              ),
              due,
            ),
          )
          .returning({
            id: jobs.id,
            queue: jobs.queue,
            payload: jobs.payload,
            attempt: jobs.attempts,
            runAt: jobs.runAt,
          });
        rows.sort((a, b) => a.runAt - b.runAt || a.id - b.id);
        return rows.map(({ id, payload, attempt }) => ({ id, queue, payload, attempt }));
      }),
    renew: (id, token, leaseUntil) =>
      db.write(async ({ q }) => {
        await q
          .update(jobs)
          .set({ leaseUntil })
          .where(and(eq(jobs.id, id), eq(jobs.leaseToken, token)));
      }),
  };
}

const unleased = { leaseUntil: null, leaseToken: null };

function ending(db: Database): Pick<JobStore, 'finish' | 'retry' | 'giveUp'> {
  const { jobs } = db.t;
  const held = (id: number, token: string) => and(eq(jobs.id, id), eq(jobs.leaseToken, token));
  return {
    async finish({ q }, id, token) {
      const gone = await q
        .delete(jobs)
        .where(and(held(id, token), isNull(jobs.againAt)))
        .returning({ id: jobs.id });
      if (gone.length > 0) return;
      const again = { ...unleased, runAt: sql`${jobs.againAt}`, againAt: null, attempts: 0, lastError: null };
      const kept = await q.update(jobs).set(again).where(held(id, token)).returning({ id: jobs.id });
      if (kept.length === 0) throw new JobLeaseLost(`job ${id} is no longer ours`);
    },
    retry: (id, token, runAt, error) =>
      db.write(async ({ q }) => {
        const sooner = sql`case when again_at is not null and again_at < ${runAt} then again_at else ${runAt} end`;
        await q
          .update(jobs)
          .set({ ...unleased, runAt: sooner, againAt: null, lastError: line(error) })
          .where(held(id, token));
      }),
    giveUp: (id, token, error) =>
      db.write(async ({ q }) => {
        await q
          .update(jobs)
          .set({ ...unleased, state: 'failed', lastError: line(error) })
          .where(and(held(id, token), isNull(jobs.againAt)));
        const afresh = { ...unleased, runAt: sql`again_at`, againAt: null, attempts: 0, lastError: line(error) };
        await q
          .update(jobs)
          .set(afresh)
          .where(and(held(id, token), isNotNull(jobs.againAt)));
      }),
  };
}

function line(error: string): string {
  return clean(error).slice(0, 1000);
}

function asking(db: Database): Pick<JobStore, 'nextAt' | 'stats'> {
  const { jobs } = db.t;
  return {
    async nextAt(queues) {
      if (queues.length === 0) return undefined;
      // A leased job may run again when its lease ends; whichever of the two lies later counts.
      const at = sql<
        number | null
      >`min(case when ${jobs.leaseUntil} is not null and ${jobs.leaseUntil} >= ${jobs.runAt} then ${jobs.leaseUntil} + 1 else ${jobs.runAt} end)`;
      const [row] = await db.read
        .select({ at })
        .from(jobs)
        .where(and(inArray(jobs.queue, [...queues]), eq(jobs.state, 'waiting')));
      return row?.at == null ? undefined : Number(row.at);
    },
    async stats(now) {
      const due = sql`${jobs.state} = 'waiting' and ${jobs.runAt} <= ${now}`;
      const rows = await db.read
        .select({
          queue: jobs.queue,
          waiting: sql<number>`sum(case when ${jobs.state} = 'waiting' then 1 else 0 end)`.mapWith(Number),
          due: sql<number>`sum(case when ${due} then 1 else 0 end)`.mapWith(Number),
          failed: sql<number>`sum(case when ${jobs.state} = 'failed' then 1 else 0 end)`.mapWith(Number),
          oldestDueAt: sql<number | null>`min(case when ${due} then ${jobs.runAt} end)`,
        })
        .from(jobs)
        .groupBy(jobs.queue)
        .orderBy(jobs.queue);
      return rows.map((row) => ({ ...row, oldestDueAt: row.oldestDueAt == null ? null : Number(row.oldestDueAt) }));
    },
  };
}

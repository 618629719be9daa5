/**
 * The way of mail to others, one job per (message, domain). Invariants:
 * - what a peer answered is committed together with the job's end or its next time, and with the report it causes;
 * - a recipient's end (delivered, failed, expired) is final: a second answer changes nothing and is reported by nobody.
 */
import * as v from 'valibot';

import type { BlobHash, Millis } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { Jobs } from '../jobs/types.ts';
import type { DeliveryOptions } from './parts.ts';
import {
  createQueueRepository,
  type OutboundMessage,
  type OutboundRecipient,
  type QueueRepository,
} from './queue.repository.ts';
import { deliverTo } from './deliver-to.ts';
import { createReporter, statusOf, type Reporter, type ReportedRecipient } from './reports.ts';
import type { DeliverySettings } from './settings.ts';
import type { QueueRow } from './types.ts';

export const OUTBOUND = 'outbound';
const jobSchema = v.object({ outboundId: v.number(), domain: v.string() });
export type OutboundJob = v.InferOutput<typeof jobSchema>;
export const parseOutboundJob = (payload: unknown): OutboundJob => v.parse(jobSchema, payload);

const keyOf = ({ outboundId, domain }: OutboundJob): string => `${outboundId}:${domain}`;

export async function addDomainJobs(jobs: Jobs, tx: Tx, wanted: readonly OutboundJob[], runAt: Millis): Promise<void> {
  const distinct = new Map(wanted.map((job) => [keyOf(job), job]));
  for (const [key, job] of distinct) await jobs.add(tx, OUTBOUND, job, { runAt, key });
}

/** What one attempt came to for one recipient. */
export interface AttemptResult {
  recipient: OutboundRecipient;
  kind: 'delivered' | 'failed' | 'deferred';
  /** One line: "451 4.7.1 Try again later". */
  reply: string;
  host?: string | undefined;
  tls?: string | undefined;
  /** The peer reports by itself (RFC 3461); otherwise NOTIFY=SUCCESS is answered with "relayed". */
  dsnPassed?: boolean | undefined;
}

export interface OutboundQueue {
  /** Undefined: the message is gone. */
  message(outboundId: number): Promise<OutboundMessage | undefined>;
  queued(job: OutboundJob): Promise<OutboundRecipient[]>;
  bytes(message: OutboundMessage): Promise<Uint8Array>;
  /** `commit` runs the unit: the job's `complete`, or a plain write between two transactions of one job. */
  settle(
    message: OutboundMessage,
    job: OutboundJob,
    results: readonly AttemptResult[],
    commit: (unit: (tx: Tx) => Promise<void>) => Promise<void>,
  ): Promise<void>;
  /** The administrator's page. */
  list(options?: { limit?: number; state?: QueueRow['state']; outboundId?: number }): Promise<QueueRow[]>;
  /** All waiting mail, or one message's. @returns how many jobs were called. */
  retryNow(outboundId?: number): Promise<number>;
  /** Gives up without a report. @returns how many recipients. */
  cancel(outboundId: number, address?: string): Promise<number>;
  stats(): Promise<{ queued: number; due: number; oldestAt: Millis | null }>;
  /** Which blobs waiting mail still needs. */
  referenced(hashes: BlobHash[]): Promise<Set<BlobHash>>;
  prune(before: Millis): Promise<number>;
}

export type OutboundQueueOptions = Pick<
  DeliveryOptions,
  'db' | 'blobs' | 'mailstore' | 'directory' | 'jobs' | 'clock' | 'log' | 'settings'
>;

export function createOutboundQueue(options: OutboundQueueOptions): OutboundQueue {
  const { db, blobs, directory, jobs, clock, settings } = options;
  const queue = createQueueRepository(db);
  const hostname = settings.hostname || `mail.${directory.domain}`;
  const reporter = createReporter({ ...options, hostname });
  return {
    message: queue.message,
    queued: ({ outboundId, domain }) => queue.queued(outboundId, domain),
    bytes: (message) => blobs.read(message.blobHash),
    settle: (message, job, results, commit) => settle({ ...options, queue, reporter }, message, job, results, commit),
    list: ({ limit = 200, ...rest } = {}) => queue.list({ limit, ...rest }),
    retryNow: (outboundId) =>
      db.write(async (tx) => {
        const now = clock.now();
        const due = await queue.makeDue(tx, now, outboundId);
        await addDomainJobs(jobs, tx, due, now);
        return due.length;
      }),
    cancel: (outboundId, address) =>
      db.write((tx) => queue.cancel(tx, outboundId, clock.now(), '554 5.0.0 Cancelled by the administrator', address)),
    stats: () => queue.stats(clock.now()),
    referenced: (hashes) => queue.referenced(hashes),
    prune: queue.prune,
  };
}

type SettleParts = OutboundQueueOptions & { queue: QueueRepository; reporter: Reporter };

interface Step {
  id: number;
  change: Parameters<QueueRepository['change']>[2];
  report?: ReportedRecipient;
}

async function settle(
  parts: SettleParts,
  message: OutboundMessage,
  job: OutboundJob,
  results: readonly AttemptResult[],
  commit: (unit: (tx: Tx) => Promise<void>) => Promise<void>,
): Promise<void> {
  const now = parts.clock.now();
  const steps = results.map((result) => stepOf(parts.settings, message, result, now));
  const about = { ...message, arrivedAt: message.createdAt };
  const reports = steps.flatMap((step) => step.report ?? []);
  const original = reports.length > 0 ? await parts.blobs.read(message.blobHash) : new Uint8Array();
  const report = await parts.reporter.prepare({ ...about, original }, reports);
  const done = new Set(steps.map((step) => step.id));
  const untouched = (await parts.queue.queued(job.outboundId, job.domain))
    .filter(({ id }) => !done.has(id))
    .map(({ nextAt }) => nextAt);
  const times = [...untouched, ...steps.flatMap(({ change }) => (change.state ? [] : (change.nextAt ?? [])))];
  await commit(async (tx) => {
    let counted = steps.length === 0;
    for (const { id, change } of steps) if (await parts.queue.change(tx, id, change)) counted = true;
    if (report && counted) await deliverTo(parts, tx, report.accountId, report.message, 'inbox');
    if (times.length > 0) await addDomainJobs(parts.jobs, tx, [job], Math.min(...times));
  });
}

function stepOf(settings: DeliverySettings, message: OutboundMessage, result: AttemptResult, now: Millis): Step {
  const { recipient, kind, host } = result;
  const attempts = recipient.attempts + 1;
  const common = { attempts, lastReply: oneLine(result.reply) };
  const reported = {
    address: recipient.address,
    notify: recipient.notify,
    orcpt: recipient.orcpt,
    reply: common.lastReply,
    remoteMta: host ?? null,
  };
  if (kind === 'delivered') {
    const change = {
      ...common,
      state: 'delivered' as const,
      doneAt: now,
      deliveredTo: host ?? null,
      tls: result.tls ?? null,
    };
    return {
      id: recipient.id,
      change,
      ...(result.dsnPassed === true
        ? {}
        : { report: { ...reported, action: 'relayed', status: statusOf(result.reply, '2.0.0') } }),
    };
  }
  if (kind === 'failed') {
    return {
      id: recipient.id,
      change: { ...common, state: 'failed', doneAt: now },
      report: { ...reported, action: 'failed', status: statusOf(result.reply, '5.0.0') },
    };
  }
  // RFC 3463 §3.5: 4.4.7, delivery time expired.
  if (now >= message.expiresAt)
    return {
      id: recipient.id,
      change: { ...common, state: 'expired', doneAt: now },
      report: { ...reported, action: 'failed', status: '4.4.7' },
    };
  const nextAt = Math.min(now + waitAfter(settings, attempts), Math.max(message.expiresAt, now + 1));
  const tell = !recipient.delayReported && now - message.createdAt >= settings.delayReportAfter;
  return {
    id: recipient.id,
    change: { ...common, nextAt, ...(tell ? { delayReported: true } : {}) },
    ...(tell
      ? {
          report: {
            ...reported,
            action: 'delayed',
            status: statusOf(result.reply, '4.0.0'),
            willRetryUntil: message.expiresAt,
          },
        }
      : {}),
  };
}

/** RFC 5321 §4.5.4.1: soon at first, then ever later. */
export function waitAfter({ retryAfter }: Pick<DeliverySettings, 'retryAfter'>, attempts: number): Millis {
  return retryAfter[Math.min(attempts, retryAfter.length) - 1] ?? 3_600_000;
}

function oneLine(reply: string): string {
  return reply
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim()
    .slice(0, 500);
}

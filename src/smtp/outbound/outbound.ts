/** Works the queue: a job per (message, domain), a transaction per 100 recipients, every answer durable before the next step. */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../db/database.ts';
import { fieldValue, headerFields } from '../../delivery/header-block.ts';
import {
  OUTBOUND,
  parseOutboundJob,
  type AttemptResult,
  type OutboundJob,
  type OutboundQueue,
} from '../../delivery/outbound-queue.ts';
import type { OutboundMessage, OutboundRecipient } from '../../delivery/queue.repository.ts';
import type { DeliverySettings } from '../../delivery/settings.ts';
import type { Directory } from '../../directory/types.ts';
import { JobRetryAt, type JobHandler, type Jobs } from '../../jobs/types.ts';
import type { DkimSigner } from '../dkim.ts';
import { smtpHostname } from '../mx-server.ts';
import { createDnsResolve, type DnsResolve } from '../resolver.ts';
import type { SmtpSettings } from '../settings.ts';
import { attempt, type AttemptOptions } from './attempt.ts';

export interface OutboundOptions {
  db: Database;
  queue: OutboundQueue;
  jobs: Jobs;
  directory: Directory;
  dkim: DkimSigner;
  settings: SmtpSettings;
  delivery: Pick<DeliverySettings, 'recipientsPerTransaction'>;
  clock: Clock;
  log: Log;
  /** DNS; from the settings when absent. */
  resolve?: DnsResolve;
}

/** Declares the queue's handler; `jobs.start` does the rest. */
export function createOutbound(options: OutboundOptions): void {
  const { jobs, settings } = options;
  const { concurrency, attemptTimeout } = settings.outbound;
  jobs.handle(OUTBOUND, createHandler({ ...options, log: options.log.child({ part: 'outbound' }) }), {
    concurrency,
    lease: attemptTimeout,
    // Peers' refusals are settled by the queue; this is for our own failures (database, disk).
    backoff: (attempts) => Math.min(attempts, 60) * 60_000,
  });
}

function createHandler(options: OutboundOptions): JobHandler {
  const { queue, settings, clock, log } = options;
  const busy = new Map<string, number>();
  return async ({ payload }, complete) => {
    const job = parseOutboundJob(payload);
    const slot = settings.outbound.relayHost || job.domain;
    const running = busy.get(slot) ?? 0;
    if (running >= settings.outbound.concurrencyPerDomain)
      throw new JobRetryAt(clock.now() + 1000 + Math.floor(Math.random() * 4000), `${slot} has enough connections`);
    busy.set(slot, running + 1);
    try {
      const message = await queue.message(job.outboundId);
      if (message) await work(options, job, message, complete);
      else log.warn(job, 'outbound: the message is gone');
    } finally {
      const left = (busy.get(slot) ?? 1) - 1;
      if (left > 0) busy.set(slot, left);
      else busy.delete(slot);
    }
  };
}

async function work(
  options: OutboundOptions,
  job: OutboundJob,
  message: OutboundMessage,
  complete: Parameters<JobHandler>[1],
): Promise<void> {
  const { queue, settings, directory, clock, db } = options;
  const now = clock.now();
  const due = (await queue.queued(job)).filter(({ nextAt }) => nextAt <= now);
  if (due.length === 0) return queue.settle(message, job, [], complete);
  const bytes = await outgoingBytes(options, message);
  const attemptOptions: AttemptOptions = {
    settings: settings.outbound,
    resolve: options.resolve ?? createDnsResolve(settings),
    ownName: smtpHostname(settings, directory),
  };
  const size = options.delivery.recipientsPerTransaction;
  for (let start = 0; start < due.length; start += size) {
    const rest = due.slice(start);
    const recipients = rest.slice(0, size);
    const { reached, results } = await attempt(attemptOptions, { domain: job.domain, message, recipients, bytes });
    logResults(options.log, job, results);
    // Nobody answers: what holds for these holds for all the others of the domain.
    const settled = reached ? results : shared(rest, results);
    const last = !reached || start + size >= due.length;
    await queue.settle(message, job, settled, last ? complete : (unit) => db.write(unit));
    if (last) return undefined;
  }
  return undefined;
}

function shared(recipients: readonly OutboundRecipient[], results: readonly AttemptResult[]): AttemptResult[] {
  const [first] = results;
  return first ? recipients.map((recipient) => ({ ...first, recipient })) : [];
}

/** RFC 5321 §2.3.8: lines end with CRLF on the wire; signed as they travel. */
async function outgoingBytes(
  { queue, dkim, directory }: OutboundOptions,
  message: OutboundMessage,
): Promise<Uint8Array> {
  const bytes = withCrlf(await queue.bytes(message));
  const from = headerFields(bytes).find(({ name }) => name === 'from');
  const claimed = from ? /@([\w.-]+)\s*>?[^@]*$/.exec(fieldValue(bytes, from))?.[1]?.toLowerCase() : undefined;
  const domain = claimed !== undefined && directory.isLocalDomain(claimed) ? claimed : directory.domain;
  const signature = (await dkim.sign(bytes, domain)) || (await dkim.sign(bytes, directory.domain));
  return signature === '' ? bytes : Buffer.concat([Buffer.from(signature, 'latin1'), bytes]);
}

export function withCrlf(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('latin1');
  const fixed = text.replace(/\r\n|\r|\n/g, '\r\n');
  return fixed.length === text.length && fixed === text ? bytes : Buffer.from(fixed, 'latin1');
}

function logResults(log: Log, job: OutboundJob, results: readonly AttemptResult[]): void {
  for (const { recipient, kind, reply, host, tls } of results)
    log.info({ ...job, recipient: recipient.address, kind, reply, host, tls }, 'outbound: answer');
}

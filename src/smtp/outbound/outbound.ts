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
import { createPlaces } from './places.ts';

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
  const places = createPlaces(settings.outbound);
  const withBytes = createBytes(options);
  return async ({ payload, attempt: asked }, complete, stepAside) => {
    const job = parseOutboundJob(payload);
    const destination = settings.outbound.relayHost || job.domain;
    const place = places.take(destination, stepAside);
    if (!place) throw new JobRetryAt(clock.now() + turnAfter(asked), `${destination} has enough connections`);
    let reached: boolean | undefined;
    try {
      const message = await queue.message(job.outboundId);
      if (message) {
        const asking = { ...options, mayAsk: place.at, asked };
        reached = await withBytes(message, (read) => work(asking, { job, message, read }, complete));
      } else log.warn(job, 'outbound: the message is gone');
    } finally {
      place.leave(reached);
    }
  };
}

/** Asked again soon at first; much mail for one destination must not keep the database busy with asking. */
const turnAfter = (asked: number): number =>
  Math.floor((0.5 + Math.random()) * Math.min(1000 * 2 ** Math.min(asked, 5), 30_000));

type Read = () => Promise<Uint8Array>;

/** A message on its way to many domains at once is read and signed once, and is in memory once. */
function createBytes(options: OutboundOptions) {
  const used = new Map<number, { users: number; bytes: Promise<Uint8Array> | undefined }>();
  return async <T>(message: OutboundMessage, act: (read: Read) => Promise<T>): Promise<T> => {
    const entry = used.get(message.id) ?? { users: 0, bytes: undefined };
    used.set(message.id, entry);
    entry.users++;
    try {
      return await act(() => (entry.bytes ??= outgoingBytes(options, message)));
    } finally {
      if (--entry.users === 0) used.delete(message.id);
    }
  };
}

interface Task {
  job: OutboundJob;
  message: OutboundMessage;
  read: Read;
}

/** @returns whether a host of the domain opened a session; undefined when none was asked */
async function work(
  options: OutboundOptions & Pick<AttemptOptions, 'mayAsk'> & { asked: number },
  { job, message, read }: Task,
  complete: Parameters<JobHandler>[1],
): Promise<boolean | undefined> {
  const { queue, settings, directory, clock, db } = options;
  const now = clock.now();
  const due = (await queue.queued(job)).filter(({ nextAt }) => nextAt <= now);
  if (due.length === 0) {
    await queue.settle(message, job, [], complete);
    return undefined;
  }
  const attemptOptions: AttemptOptions = {
    settings: settings.outbound,
    resolve: options.resolve ?? createDnsResolve(settings),
    ownName: smtpHostname(settings, directory),
    clock,
    mayAsk: options.mayAsk,
  };
  const size = options.delivery.recipientsPerTransaction;
  for (let start = 0; start < due.length; start += size) {
    const rest = due.slice(start);
    const recipients = rest.slice(0, size);
    const tried = await attempt(attemptOptions, { domain: job.domain, message, recipients, read });
    if (!tried)
      throw new JobRetryAt(
        clock.now() + turnAfter(options.asked),
        `the hosts of ${job.domain} have enough connections`,
      );
    const { reached, results } = tried;
    logResults(options.log, job, results);
    // Nobody answers: what holds for these holds for all the others of the domain.
    const settled = reached ? results : shared(rest, results);
    const last = !reached || start + size >= due.length;
    await queue.settle(message, job, settled, last ? complete : (unit) => db.write(unit));
    if (last) return reached;
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

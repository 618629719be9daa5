/** What no request does: sweeping unreferenced content, uploads that nobody used, finished mail of the queue. Each step may fail alone. */
import type { BlobHash } from './base/ids.ts';
import { isLeased } from './backup/lease.ts';
import type { Parts } from './parts.ts';

const HOUR = 3_600_000;

export interface Maintenance {
  stop(): Promise<void>;
}

export function startMaintenance(parts: Parts): Maintenance {
  const { sweepMinutes } = parts.config.maintenance;
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= sweep(parts).finally(() => {
      running = undefined;
    });
  }, sweepMinutes * 60_000);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

export async function sweep(parts: Parts): Promise<void> {
  const { clock, config, log, mailstore, queue } = parts;
  const before = clock.now() - config.maintenance.blobGraceHours * HOUR;
  const steps: [string, () => Promise<unknown>][] = [
    ['uploads and derived rows', () => mailstore.sweep(before)],
    ['old changes', () => mailstore.pruneLongLogs(config.maintenance.changesKept)],
    ['finished queue', () => queue.prune(clock.now() - config.maintenance.queueDays * 24 * HOUR)],
    ['content', () => sweepContent(parts, before)],
  ];
  for (const [what, step] of steps) {
    try {
      await step();
    } catch (error) {
      log.error({ err: error, what }, 'sweeping failed');
    }
  }
}

/** Not while a backup runs: it names content first and copies it later. */
async function sweepContent(parts: Parts, before: number): Promise<void> {
  if (await isLeased(parts)) return;
  await parts.blobs.sweep(async (hashes) => {
    const used = await referenced(parts, hashes);
    // One that began meanwhile counts too: what this answer lets go of was named by nothing before it began.
    return (await isLeased(parts)) ? new Set(hashes) : used;
  }, before);
}

async function referenced(
  { mailstore, documents, queue }: Pick<Parts, 'mailstore' | 'documents' | 'queue'>,
  hashes: BlobHash[],
): Promise<Set<BlobHash>> {
  const sets = await Promise.all([
    mailstore.referenced(hashes),
    documents.referenced(hashes),
    queue.referenced(hashes),
  ]);
  return new Set(sets.flatMap((set) => [...set]));
}

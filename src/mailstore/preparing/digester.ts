/**
 * Where mail is taken apart: here when little comes, which costs less than a thread would; in a thread of its own when many
 * messages wait at once or one is so large that everybody else would notice. The thread ends after a minute of rest.
 */
import { setImmediate } from 'node:timers/promises';

import type { Log } from '../../base/log.ts';
import { createRestingPool } from '../../base/resting-pool.ts';
import { endsItsThread, type WorkerPoolOptions } from '../../base/worker-pool.ts';
import { createAlone } from './alone.ts';
import { digest, type Digest } from './digest.ts';
import { digestsOf, taskOf, type DigestAnswer, type DigestTask } from './digest-task.ts';
import { noSuspects, type Suspects } from './suspects.ts';

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
/** A task may take so long, and for each MB of it besides: hundreds of times what it takes. Milliseconds. */
const LIMIT = 20_000;
const LIMIT_PER_MB = 1000;
const HEAP = 256;

export interface Digester {
  /** What ends its thread comes back as head.ts has it. */
  digest(bytes: Uint8Array): Promise<Digest>;
  /** The same, never on the main thread. @throws DomainError unavailable: there is no other now */
  digestAlone(bytes: Uint8Array): Promise<Digest>;
  /** Ends the thread; more work begins a new one. */
  end(): Promise<void>;
  hasThread(): boolean;
}

interface Waiting {
  bytes: Uint8Array;
  resolve(digest: Digest): void;
  reject(error: unknown): void;
}

export interface DigesterOptions {
  rest?: number;
  limit?: number;
  /** Of the thread; alone in one a message may use twice as much. MB */
  heap?: number;
  worker?: Pick<WorkerPoolOptions, 'name' | 'source'>;
  /** Messages that are not taken apart here; absent: none is known. */
  suspects?: Suspects;
  /** What is done here, but for a test. */
  digestHere?: typeof digest;
}

export function createDigester(
  log: Log,
  { rest = REST, limit = LIMIT, heap = HEAP, worker = WORKER, ...others }: DigesterOptions = {},
): Digester {
  const waiting: Waiting[] = [];
  const limitOf = (octets: number): number => limit + (octets / 1024 / 1024) * LIMIT_PER_MB;
  const options = { ...worker, size: 1, taskMs: limit, heapMb: heap, queue: 8 };
  const pool = createRestingPool<DigestTask, DigestAnswer>(options, rest);
  const alone = createAlone(options, limitOf, log);
  const { suspects = noSuspects, digestHere = digest } = others;
  const here = (group: readonly Waiting[]): Promise<void> => inSlices(group, digestHere, suspects);
  let running: Promise<void> | undefined;
  const buffers = createBuffers();
  const inThread = async (group: readonly Waiting[]): Promise<void> => {
    const octets = octetsOf(group);
    const bytes = group.map((one) => one.bytes);
    const task = taskOf(bytes, { buffer: buffers.take(octets) });
    try {
      const answer = await pool.run(task, { transfer: [task.octets.buffer], taskMs: limitOf(octets) });
      buffers.give(answer.spent);
      const digests = digestsOf(answer);
      // What failed there fails here too, and says why.
      await here(group.filter((one, i) => !settle(one, digests[i])));
    } catch (error) {
      log.warn({ err: error }, 'no thread takes mail apart');
      if (endsItsThread(error)) eachAlone(group);
      else await here(group);
    }
  };
  /** What comes meanwhile does not wait for them. */
  const eachAlone = (group: readonly Waiting[]): void => {
    for (const { bytes, resolve, reject } of group) void alone.digest(bytes).then(resolve, reject);
  };
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const octets = octetsOf(waiting);
      const worth = pool.hasThread() ? waiting.length > 1 || octets >= SOME : waiting.length >= MANY || octets >= HUGE;
      if (worth) await inThread(takeUpTo(waiting, TASK));
      else await here(waiting.splice(0));
    }
    running = undefined;
  };
  return {
    digest: (bytes) =>
      suspects.has(bytes)
        ? alone.digest(bytes)
        : new Promise((resolve, reject) => {
            waiting.push({ bytes, resolve, reject });
            // Those that are asked for in the same turn go together.
            running ??= Promise.resolve().then(run);
          }),
    digestAlone: alone.digest,
    async end() {
      await running;
      await alone.end();
      await pool.end();
      suspects.close();
    },
    hasThread: pool.hasThread,
  };
}

/** The buffer of one task serves the next. */
function createBuffers() {
  let spare: ArrayBuffer | undefined;
  return {
    /** Undefined: so much is not asked for often. */
    take(octets: number): ArrayBuffer | undefined {
      if (octets > TASK) return undefined;
      const buffer = spare ?? new ArrayBuffer(TASK);
      spare = undefined;
      return buffer;
    },
    give(buffer: ArrayBuffer): void {
      if (buffer.byteLength === TASK) spare = buffer;
    },
  };
}

const octetsOf = (group: readonly Waiting[]): number => group.reduce((sum, { bytes }) => sum + bytes.length, 0);

function settle({ resolve }: Waiting, digested: Digest | undefined): boolean {
  if (digested) resolve(digested);
  return digested !== undefined;
}

async function inSlices(group: readonly Waiting[], digestHere: typeof digest, suspects: Suspects): Promise<void> {
  let since = performance.now();
  for (const { bytes, resolve, reject } of group) {
    suspects.trying(bytes);
    await digestHere(bytes).then(resolve, reject);
    if (performance.now() - since < SLICE) continue;
    await setImmediate();
    since = performance.now();
  }
  suspects.passed();
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

const WORKER = { name: 'mail-digest', source: new URL('./mail-digest.worker.ts', import.meta.url) };

/**
 * Where texts are read: much at once in a thread of its own, so that it takes no time from the main one; a letter or two here,
 * which costs less than a thread would. The thread begins with the first work worth it, and ends after a minute of rest.
 */
import { setImmediate } from 'node:timers/promises';

import { createRestingPool } from '../../base/resting-pool.ts';
import { endsItsThread, TaskError, type WorkerPoolOptions } from '../../base/worker-pool.ts';
import type { Log } from '../../base/log.ts';
import type { Dialect } from '../../db/kit.ts';
import type { IndexedMessage } from './indexed.ts';
import { createReading } from './read.ts';
import { lengthOf, parcelOf, unpacked, type ReadAnswer, type ReadTask } from './read-task.ts';
import type { Source } from './source.ts';

/** Octets: some ten milliseconds of work. */
const WORTH_A_THREAD = 256 * 1024;
const REST = 60_000;

export interface TextReader {
  /** In order; undefined: it cannot be read. A word of the vocabulary is told once: what was told must be kept, or `forget` be called. */
  read(sources: readonly Source[], more?: boolean): Promise<(IndexedMessage | undefined)[]>;
  forget(): void;
  /** Ends the thread; the next work begins a new one. */
  end(): Promise<void>;
  hasThread(): boolean;
}

export interface TextReaderOptions {
  dialect: Dialect;
  log: Log;
  worthAThread?: number;
  rest?: number;
  /** Milliseconds for one task: hundreds of times what it takes. */
  limit?: number;
  /** Of the thread; alone in one a message may use twice as much. MB */
  heap?: number;
  worker?: Pick<WorkerPoolOptions, 'name' | 'source'>;
}

const LIMIT = 20_000;
const HEAP = 192;
const WORKER = { name: 'mail-text', source: new URL('./mail-text.worker.ts', import.meta.url) };

export function createTextReader({
  dialect,
  log,
  worthAThread = WORTH_A_THREAD,
  rest = REST,
  limit = LIMIT,
  heap = HEAP,
  worker = WORKER,
}: TextReaderOptions): TextReader {
  const here = createReading(dialect);
  const options = { ...worker, size: 1, taskMs: limit, heapMb: heap, queue: 8 };
  const pool = createRestingPool<ReadTask, ReadAnswer>(options, rest);
  const another = createRestingPool<ReadTask, ReadAnswer>({ ...options, heapMb: 2 * heap }, rest);
  let fresh = false;
  const run = async (to: typeof pool, sources: readonly Source[], anew: boolean): Promise<IndexedMessage[]> => {
    const parcel = parcelOf(sources);
    return unpacked(await to.run({ ...parcel, dialect, fresh: anew }, { transfer: [parcel.octets.buffer] }));
  };
  const inThread = (sources: readonly Source[]): Promise<IndexedMessage[]> => {
    const anew = fresh;
    fresh = false;
    return run(pool, sources, anew);
  };
  const inTurns = async (sources: readonly Source[]): Promise<(IndexedMessage | undefined)[]> => {
    const messages: (IndexedMessage | undefined)[] = [];
    for (const source of sources) {
      // A mistake of ours in one message must not keep all others of its mailbox from being found.
      const read = here.read(source).catch((error: unknown) => void log.error({ err: error }, 'a text cannot be read'));
      messages.push((await read) ?? undefined);
      await setImmediate();
    }
    return messages;
  };
  return {
    async read(sources, more = false) {
      const worth = pool.hasThread() || more || sources.reduce((sum, one) => sum + lengthOf(one), 0) >= worthAThread;
      if (!worth) return inTurns(sources);
      try {
        return await inThread(sources);
      } catch (error) {
        // What fails there fails here too, and tells which message it was.
        if (!(error instanceof TaskError)) log.warn({ err: error }, 'no thread reads the text of mail');
        fresh = true;
        return endsItsThread(error) ? eachAlone(sources, (one) => run(another, one, true), log) : inTurns(sources);
      }
    },
    forget() {
      here.forget();
      fresh = true;
    },
    end: async () => void (await Promise.all([pool.end(), another.end()])),
    hasThread: pool.hasThread,
  };
}

/** One of them ended its thread. Here it would end the server: what does it again in a thread of its own is left out. */
async function eachAlone(
  sources: readonly Source[],
  read: (sources: readonly Source[]) => Promise<IndexedMessage[]>,
  log: Log,
): Promise<(IndexedMessage | undefined)[]> {
  const messages: (IndexedMessage | undefined)[] = [];
  for (const source of sources) {
    try {
      messages.push(...(await read([source])));
    } catch (error) {
      // No thread is to be had: nothing is indexed now, rather than all of them given up.
      if (!endsItsThread(error) && !(error instanceof TaskError)) throw error;
      const { messageId } = source.known.summary;
      log.error({ err: error, messageId }, 'a text cannot be read: the message is not indexed');
      messages.push(undefined);
    }
  }
  return messages;
}

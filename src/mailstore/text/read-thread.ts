/**
 * Where texts are read: much at once in a thread of its own, so that it takes no time from the main one; a letter or two here,
 * which costs less than a thread would. The thread begins with the first work worth it, and ends after a minute of rest.
 */
import { setImmediate } from 'node:timers/promises';

import { createRestingPool, type RestingPool } from '../../base/resting-pool.ts';
import { TaskError } from '../../base/worker-pool.ts';
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
}

type Pool = RestingPool<ReadTask, ReadAnswer>;

export function createTextReader({
  dialect,
  log,
  worthAThread = WORTH_A_THREAD,
  rest = REST,
}: TextReaderOptions): TextReader {
  const here = createReading(dialect);
  const pool = createPool(rest);
  let fresh = false;
  const inThread = async (sources: readonly Source[]): Promise<IndexedMessage[]> => {
    const parcel = parcelOf(sources);
    const task = { ...parcel, dialect, fresh };
    fresh = false;
    return unpacked(await pool.run(task, { transfer: [parcel.octets.buffer] }));
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
        return inTurns(sources);
      }
    },
    forget() {
      here.forget();
      fresh = true;
    },
    end: pool.end,
    hasThread: pool.hasThread,
  };
}

const createPool = (rest: number): Pool =>
  createRestingPool<ReadTask, ReadAnswer>(
    {
      name: 'mail-text',
      source: new URL('./mail-text.worker.ts', import.meta.url),
      size: 1,
      taskMs: 60_000,
      heapMb: 192,
      queue: 8,
    },
    rest,
  );

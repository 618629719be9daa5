/**
 * The main thread's side of series.worker.ts: a large answer is read, inflated, checked and encoded beside it, and only sent here.
 * The thread begins with the first answer worth it and ends after a minute of rest. Where it cannot start, the main thread
 * does the work itself.
 */
import type { Worker } from 'node:worker_threads';

import { DomainError } from '../base/errors.ts';
import { spawnWorker } from '../base/worker-pool.ts';
import type { BlobReader } from './reader.ts';
import type { Fault, FromThread, Place, ToThread } from './series-task.ts';
import { BrokenOff, CHUNK_BYTES, lengthOf, series, type Item, type SeriesChunk } from './series.ts';

/** Octets: some milliseconds of work. */
const WORTH_A_THREAD = 1024 * 1024;
const REST = 60_000;
/** One is sent while the next is filled. */
const BUFFERS = 2;

export interface SeriesThread {
  series(items: readonly Item[]): AsyncGenerator<SeriesChunk, void>;
  hasThread(): boolean;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

export interface SeriesThreadOptions {
  place: Place;
  /** For what the thread does not do. */
  reader: Pick<BlobReader, 'ahead' | 'stream'>;
  onError: (error: unknown) => void;
  worthAThread?: number;
  rest?: number;
}

type Answer = Exclude<FromThread, { ready: true }>;

interface Underway {
  answers: Answer[];
  /** Why no more answers come. */
  failed?: Error;
  wake?: (() => void) | undefined;
}

export function createSeriesThread(options: SeriesThreadOptions): SeriesThread {
  const { worthAThread = WORTH_A_THREAD, rest = REST } = options;
  let thread: Thread | undefined;
  let ending: NodeJS.Timeout | undefined;
  const begin = (): Thread => {
    const begun = new Thread(options.place, (error) => {
      if (thread === begun) thread = undefined;
      if (error) options.onError(error);
    });
    return begun;
  };
  const end = async (): Promise<void> => {
    clearTimeout(ending);
    const ended = thread;
    thread = undefined;
    await ended?.close();
  };
  async function* inThread(items: readonly Item[]): AsyncGenerator<SeriesChunk, void> {
    clearTimeout(ending);
    const by = (thread ??= begin());
    await by.started;
    if (!by.isReady) return yield* series(options.reader, items);
    try {
      yield* by.series(items);
    } finally {
      clearTimeout(ending);
      // Whoever began meanwhile ends the rest himself when he is done.
      if (by.isIdle) ending = setTimeout(() => by.isIdle && void end(), rest).unref();
    }
  }
  return {
    series: (items) => (lengthOf(items) < worthAThread ? series(options.reader, items) : inThread(items)),
    hasThread: () => thread !== undefined,
    close: end,
  };
}

class Thread {
  /** Resolves when it is ready or has ended. */
  readonly started: Promise<void>;
  isReady = false;
  readonly #worker: Worker;
  readonly #underway = new Map<number, Underway>();
  #last = 0;

  /** @param ended of itself with an error, or as it was told */
  constructor(place: Place, ended: (error: Error | undefined) => void) {
    const source = new URL('./series.worker.ts', import.meta.url);
    this.#worker = spawnWorker({ name: 'series', source, heapMb: 64, data: place });
    // It lives as long as somebody waits for it, who has a connection; it keeps no process from ending.
    this.#worker.unref();
    let failure: Error | undefined;
    this.started = new Promise((resolve) => {
      this.#worker.on('message', (message: FromThread) => {
        if ('ready' in message) {
          this.isReady = true;
          resolve();
        } else this.#heard(message);
      });
      this.#worker.on('error', (error) => (failure = error));
      this.#worker.on('exit', (code) => {
        if (code !== 0) failure ??= new Error(`the thread that reads contents ended with ${code}`);
        for (const one of this.#underway.values())
          fail(one, failure ?? new Error('the thread that reads contents ended'));
        this.isReady = false;
        ended(failure);
        resolve();
      });
    });
  }

  get isIdle(): boolean {
    return this.#underway.size === 0;
  }

  async *series(items: readonly Item[]): AsyncGenerator<SeriesChunk, void> {
    const id = ++this.#last;
    const own: Underway = { answers: [] };
    this.#underway.set(id, own);
    let within = false;
    try {
      this.#say({ id, items });
      for (let i = 0; i < BUFFERS; i++) this.#give(id, new ArrayBuffer(CHUNK_BYTES));
      for (;;) {
        const { buffer, used, ends, done, fault } = await nextOf(own).catch((cause: unknown) => {
          throw within ? new BrokenOff('nothing more is read', { cause }) : cause;
        });
        within = ends.length > 0 ? used > (ends.at(-1) ?? 0) : within || used > 0;
        if (used > 0 || ends.length > 0) yield { bytes: new Uint8Array(buffer, 0, used), ends };
        if (fault) throw errorOf(fault);
        if (done) return;
        this.#give(id, buffer);
      }
    } finally {
      this.#underway.delete(id);
      this.#say({ id, over: true });
    }
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#say({ close: true });
    await ended;
  }

  #give(id: number, buffer: ArrayBuffer): void {
    this.#worker.postMessage({ id, buffer } satisfies ToThread, [buffer]);
  }
  #say(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #heard(answer: Answer): void {
    const own = this.#underway.get(answer.id);
    own?.answers.push(answer);
    own?.wake?.();
  }
}

async function nextOf(own: Underway): Promise<Answer> {
  for (;;) {
    const answer = own.answers.shift();
    if (answer) return answer;
    if (own.failed) throw own.failed;
    await new Promise<void>((resolve) => (own.wake = resolve));
  }
}

function fail(own: Underway, error: Error): void {
  own.failed = error;
  own.wake?.();
}

function errorOf({ message, brokenOff, kind, code }: Fault): Error {
  const cause = kind !== undefined && code !== undefined ? new DomainError(kind, code, message) : new Error(message);
  return brokenOff ? new BrokenOff('stored bytes broke off', { cause }) : cause;
}

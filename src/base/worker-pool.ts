/**
 * Heavy or risky work off the main thread: a pool of threads, one task at a time each, with a
 * limit of time and of heap per task. A thread that breaks a limit is killed and replaced; its task fails, no other does.
 * From the sources a worker is its .ts file, loaded through tsx; in the bundle it is dist/workers/<name>.js.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker, type Transferable } from 'node:worker_threads';

import { DomainError } from './errors.ts';
import { bundled, packageRoot } from './paths.ts';

export interface WorkerPoolOptions {
  /** dist/workers/<name>.js in the bundle. */
  name: string;
  /** The worker's file among the sources: `new URL('./signing.worker.ts', import.meta.url)`. */
  source: URL;
  /** Threads at most; they start with the first tasks. */
  size: number;
  /** A task may take so long, ms. */
  taskMs: number;
  /** JavaScript heap of a thread, MB. Buffers lie outside it: limit what goes in. */
  heapMb: number;
  /** Tasks that may wait; more are refused at once. */
  queue: number;
  /** A thread must be ready within, ms. */
  startMs?: number;
}

export type WorkerFailureReason = 'time' | 'memory' | 'died' | 'start' | 'closed';

/** The thread, not the task's own code, failed. */
export class WorkerFailure extends Error {
  override readonly name = 'WorkerFailure';
  readonly reason: WorkerFailureReason;
  constructor(reason: WorkerFailureReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}

/** The thread did not survive its task, which would do the same to the next one. */
export const endsItsThread = (error: unknown): boolean =>
  error instanceof WorkerFailure && ['time', 'memory', 'died'].includes(error.reason);

/** The task's own code threw. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
}

export interface WorkerPool<In, Out> {
  /** @throws WorkerFailure, TaskError, DomainError worker.busy */
  run(task: In, options?: { transfer?: Transferable[]; taskMs?: number }): Promise<Out>;
  stats(): { threads: number; running: number; waiting: number; killed: number };
  /** Fails what waits and runs, ends the threads. */
  close(): Promise<void>;
}

interface Task<In, Out> {
  input: In;
  transfer: Transferable[];
  taskMs: number;
  resolve: (value: Out) => void;
  reject: (error: Error) => void;
}
interface Thread<In, Out> {
  worker: Worker;
  ready: boolean;
  task?: Task<In, Out> | undefined;
  timer?: NodeJS.Timeout | undefined;
}
/** What a thread says; `serveTasks` is the other end. */
export type ThreadMessage = { ready: true } | { value: unknown } | { error: string };

export function createWorkerPool<In, Out>(options: WorkerPoolOptions): WorkerPool<In, Out> {
  return new Pool<In, Out>(options);
}

class Pool<In, Out> implements WorkerPool<In, Out> {
  readonly #options: WorkerPoolOptions;
  readonly #threads = new Set<Thread<In, Out>>();
  readonly #waiting: Task<In, Out>[] = [];
  #killed = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  run(
    input: In,
    { transfer = [], taskMs = this.#options.taskMs }: { transfer?: Transferable[]; taskMs?: number } = {},
  ): Promise<Out> {
    if (this.#closed) return Promise.reject(new WorkerFailure('closed', `the pool ${this.#options.name} is closed`));
    if (this.#waiting.length >= this.#options.queue) {
      return Promise.reject(
        new DomainError('unavailable', 'worker.busy', `too many tasks wait for ${this.#options.name}`),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, transfer, taskMs, resolve, reject });
      this.#next();
    });
  }

  stats(): { threads: number; running: number; waiting: number; killed: number } {
    return {
      threads: this.#threads.size,
      running: [...this.#threads].filter((t) => t.task).length,
      waiting: this.#waiting.length,
      killed: this.#killed,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const task of this.#waiting.splice(0)) task.reject(new WorkerFailure('closed', 'the pool was closed'));
    await Promise.all(
      [...this.#threads].map((thread) => this.#end(thread, new WorkerFailure('closed', 'the pool was closed'))),
    );
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const free = [...this.#threads].find((t) => t.ready && !t.task);
    if (free) {
      const task = this.#waiting.shift();
      if (task) this.#give(free, task);
      return;
    }
    const starting = [...this.#threads].filter((t) => !t.ready).length;
    if (this.#threads.size < this.#options.size && starting < this.#waiting.length) this.#start();
  }

  #give(thread: Thread<In, Out>, task: Task<In, Out>): void {
    thread.task = task;
    thread.worker.ref();
    thread.timer = setTimeout(
      () =>
        void this.#end(thread, new WorkerFailure('time', `${this.#options.name} took longer than ${task.taskMs} ms`)),
      task.taskMs,
    );
    try {
      thread.worker.postMessage(task.input, task.transfer);
    } catch (error) {
      // What cannot be cloned is the caller's fault; the thread is as good as before.
      this.#settle(thread, () => task.reject(error instanceof Error ? error : new Error(String(error))));
    }
  }

  #start(): void {
    const worker = spawnWorker(this.#options);
    const thread: Thread<In, Out> = { worker, ready: false };
    this.#threads.add(thread);
    thread.timer = setTimeout(
      () => void this.#end(thread, new WorkerFailure('start', `${this.#options.name} did not start`)),
      this.#options.startMs ?? 60_000,
    );
    worker.on('message', (message: ThreadMessage) => this.#heard(thread, message));
    worker.on('error', (error: Error & { code?: string }) => {
      const reason = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : thread.ready ? 'died' : 'start';
      void this.#end(thread, new WorkerFailure(reason, `${this.#options.name}: ${error.message}`, error));
    });
    worker.on(
      'exit',
      () =>
        void this.#end(
          thread,
          new WorkerFailure(thread.ready ? 'died' : 'start', `${this.#options.name} ended by itself`),
        ),
    );
  }

  #heard(thread: Thread<In, Out>, message: ThreadMessage): void {
    if ('ready' in message) {
      thread.ready = true;
      clearTimeout(thread.timer);
      thread.worker.unref();
      return this.#next();
    }
    const { task } = thread;
    if (!task) return;
    if ('error' in message) this.#settle(thread, () => task.reject(new TaskError(message.error)));
    else this.#settle(thread, () => task.resolve(message.value as Out));
  }

  #settle(thread: Thread<In, Out>, answer: () => void): void {
    clearTimeout(thread.timer);
    thread.task = undefined;
    thread.worker.unref();
    answer();
    this.#next();
  }

  async #end(thread: Thread<In, Out>, failure: WorkerFailure): Promise<void> {
    if (!this.#threads.delete(thread)) return;
    clearTimeout(thread.timer);
    this.#killed++;
    // A worker that cannot start fails who waits for it, or they would wait for ever.
    const task = thread.task ?? (thread.ready ? undefined : this.#waiting.shift());
    thread.task = undefined;
    task?.reject(failure);
    if (!this.#closed) this.#next();
    await thread.worker.terminate();
  }
}

/** A thread of its own kind, for whoever keeps it busy by other means than tasks. `data` is its `workerData`. */
export function spawnWorker({
  name,
  source,
  heapMb,
  data,
}: Pick<WorkerPoolOptions, 'name' | 'source' | 'heapMb'> & { data?: unknown }): Worker {
  return new Worker(bundled ? pathToFileURL(join(packageRoot, 'dist', 'workers', `${name}.js`)) : fromSource(source), {
    name,
    workerData: data,
    // No flags of the main thread, and no environment: a worker that is taken over finds no secret there.
    execArgv: [],
    env: {},
    resourceLimits: {
      maxOldGenerationSizeMb: heapMb,
      maxYoungGenerationSizeMb: Math.max(4, Math.min(64, heapMb / 4)),
      stackSizeMb: 4,
    },
  });
}

/** Node 20 gives `--import tsx` no hooks inside a thread, so a line of JavaScript asks for them there, then loads the file. */
function fromSource(source: URL): URL {
  // By its full address: the program may be started from any folder.
  const tsx = pathToFileURL(
    join(dirname(createRequire(join(packageRoot, 'package.json')).resolve('tsx/esm/api')), 'index.mjs'),
  ).href;
  const code = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(source.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

/**
 * The write-ahead log of a SQLite file: made durable, and kept short, without the main thread waiting for a disk.
 * docs/database.md says on which promises of SQLite this rests.
 *
 * - COMMIT (synchronous=NORMAL) writes frames to the log; `reach` syncs them, from a thread of libuv's pool if that may take long.
 * - From before a COMMIT until its sync, readers hold the snapshot before it: nobody sees what a power cut could take back.
 * - After a failed sync nobody knows what the disk has: the readers stay where they are, and nothing more is written.
 * - A thread with a connection of its own copies the log back into the file; the writer waits only for the last few pages.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';

import type { DatabaseSyncInstance } from '@photostructure/sqlite';

import { createWorkerPool, type WorkerPool } from '../../base/worker-pool.ts';
import type { CheckpointTask, LogState } from './checkpoint.worker.ts';
import { createPatience } from '../../base/patience.ts';

/** Pages of 4 KiB. Every delivery touches the same upper pages of the indexes: the longer the log, the fewer times they are copied. */
const LOG_PAGES = 8000;
/** So many times this length the log may have before the writer waits for the copying. */
const MOST = 4;
/** Groups between two looks at the length. */
const LOOK_EVERY = 8;

export interface DurableLog {
  /** Just before COMMIT. */
  hold(): void;
  /** The COMMIT failed: there is nothing to wait for. */
  release(): void;
  /**
   * After COMMIT. Resolves when the log is on the disk and readers may see it.
   * @param alone nobody else waits to write: it may be waited for where we stand
   */
  reach(alone: boolean): Promise<void>;
  /** Between two groups: nobody writes until this resolves. */
  keepShort(): Promise<void>;
  state(): LogState;
  close(): Promise<void>;
}

export interface DurableLogOptions {
  file: string;
  busyTimeout: number;
  writer: DatabaseSyncInstance;
  reader: DatabaseSyncInstance;
  /** fdatasync, but for a test. */
  sync?: ((descriptor: number) => Promise<void>) | undefined;
  /** The same, while the process stands still; a test that gives `sync` alone has none. */
  syncNow?: ((descriptor: number) => void) | undefined;
  /** The log could not be copied back; it grows until that works again. */
  onError: (error: unknown) => void;
  pages?: number | undefined;
}

/** In memory there is nothing to wait for. */
export const noLog: DurableLog = {
  hold: () => undefined,
  release: () => undefined,
  reach: () => Promise.resolve(),
  keepShort: () => Promise.resolve(),
  state: () => ({ log: 0, checkpointed: 0 }),
  close: () => Promise.resolve(),
};

export function createDurableLog(options: DurableLogOptions): DurableLog {
  const { writer } = options;
  // What an earlier process left in the log may never have been synced: into the file with it before anybody reads it.
  writer.exec('PRAGMA wal_checkpoint(PASSIVE)');
  const snapshot = createSnapshot(options.reader);
  const descriptor = logDescriptor(options);
  const state = logState(writer);
  const copying = createCopying(options, state);
  const patience = createPatience();
  return {
    ...snapshot,
    async reach(alone) {
      const begun = performance.now();
      // While the log is copied back the disk is busy, which says nothing about it.
      const atEase = !copying.underway();
      const here = alone && atEase && patience.isShort ? descriptor.syncNow : undefined;
      if (here) here();
      else await descriptor.sync();
      if (atEase) patience.took(performance.now() - begun, here !== undefined);
      snapshot.release();
    },
    keepShort: copying.keepShort,
    state,
    async close() {
      await copying.close();
      descriptor.close();
    },
  };
}

function createSnapshot(reader: DatabaseSyncInstance): Pick<DurableLog, 'hold' | 'release'> {
  const begin = reader.prepare('BEGIN');
  // A deferred transaction takes its snapshot with its first read.
  const take = reader.prepare('select 1 from sqlite_schema limit 1');
  const end = reader.prepare('COMMIT');
  return {
    hold() {
      begin.run();
      take.get();
    },
    release() {
      if (reader.isTransaction) end.run();
    },
  };
}

/**
 * A descriptor of our own: a sync is of the file, whoever wrote it. SQLite takes its locks on the other two files, so closing
 * this one drops none of them (POSIX drops all locks of a process on a file with the first descriptor that it closes).
 */
function logDescriptor({ file, sync, syncNow = sync ? undefined : fdatasyncSync }: DurableLogOptions) {
  const later = sync ?? promisify(fdatasync);
  let descriptor: number | undefined;
  // SQLite makes the file with the first write and keeps it as long as a connection is open.
  const opened = (): number => (descriptor ??= openSync(`${file}-wal`, 'r+'));
  return {
    sync: async (): Promise<void> => later(opened()),
    syncNow: syncNow && ((): void => syncNow(opened())),
    close(): void {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

function logState(connection: DatabaseSyncInstance): () => LogState {
  // Pages in the log, and how many of them are in the file already; changes nothing.
  const look = connection.prepare('PRAGMA wal_checkpoint(NOOP)');
  let last: LogState = { log: 0, checkpointed: 0 };
  // SQLite does not tell it within a transaction, and a unit may be in a pause.
  return () => (connection.isTransaction ? last : (last = look.get() as LogState));
}

type Copier = WorkerPool<CheckpointTask, LogState>;

const startCopier = (): Copier =>
  createWorkerPool<CheckpointTask, LogState>({
    name: 'checkpoint',
    source: new URL('./checkpoint.worker.ts', import.meta.url),
    size: 1,
    taskMs: 30 * 60_000,
    heapMb: 32,
    queue: 4,
  });

function createCopying({ file, busyTimeout, onError, pages = LOG_PAGES }: DurableLogOptions, state: () => LogState) {
  let copier: Copier | undefined;
  let underway: Promise<void> | undefined;
  let phase: 'short' | 'copying' | 'copied' = 'short';
  /** All up to here was copied; the next write begins the log anew, unless another process still reads it. */
  let copied = 0;
  let groups = 0;
  const copy = async (): Promise<void> => {
    copier ??= startCopier();
    await copier.run({ file, busyTimeout }).catch(onError);
  };
  const length = (): number => {
    const { log } = state();
    if (log < copied) copied = 0;
    return log - copied;
  };
  return {
    underway: () => phase === 'copying',
    async keepShort(): Promise<void> {
      if (++groups % LOOK_EVERY !== 0) return;
      const grown = length();
      if (grown < pages) return;
      // First beside the writer all that is there; then, while it waits, the little that came meanwhile.
      if (phase === 'short') {
        phase = 'copying';
        underway = copy().finally(() => (phase = 'copied'));
        return;
      }
      // The writer waits as well when it is faster than the copying.
      if (phase === 'copying' && grown < MOST * pages) return;
      await underway;
      await copy();
      phase = 'short';
      copied = state().log;
    },
    async close(): Promise<void> {
      await underway;
      await copier?.run({ close: true }).catch(onError);
      await copier?.close();
    },
  };
}

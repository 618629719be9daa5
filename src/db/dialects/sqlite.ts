/**
 * SQLite: one connection that writes, one that reads, a write-ahead log. A busy server pays the disk once for many messages,
 * and nobody is answered before what was written is on it.
 */
import { statSync } from 'node:fs';

import type { DatabaseSyncInstance } from '@photostructure/sqlite';

import { inTurn } from '../again.ts';
import { createBus } from '../bus.ts';
import type { Bus, Database } from '../database.ts';
import { schemaFor } from '../schema.ts';
import { connect, MEMORY, queryWith, runOn } from './sqlite-connection.ts';
import { createWriteQueue } from './sqlite-groups.ts';
import { createDurableLog, noLog, type DurableLog } from './sqlite-log.ts';
import { sqliteSnapshot } from './sqlite-snapshot.ts';

export interface SqliteOptions {
  /** A path, or ":memory:" for a test. */
  file: string;
  /** Wait for another process's lock, ms. */
  busyTimeout?: number;
  bus?: Bus;
  /** Work that goes on beside us failed and will be tried again, or what was to run after a commit. */
  onError?: (error: unknown) => void;
  /** The disk did not keep what was committed. Reads show what it has; writes are refused until the process starts anew. */
  onLost?: (error: unknown) => void;
  /** fdatasync, but for a test. */
  sync?: (descriptor: number) => Promise<void>;
  /** The same, while the process stands still. */
  syncNow?: (descriptor: number) => void;
  /** Length of the write-ahead log in pages at which it is copied back. */
  logPages?: number;
}

export function openSqlite({
  file,
  busyTimeout = 5000,
  onError = () => undefined,
  ...options
}: SqliteOptions): Database {
  const inMemory = file === MEMORY;
  const writer = connect(file, { busyTimeout, readOnly: false });
  // A second connection to ":memory:" would be another database.
  const reader = inMemory ? writer : connect(file, { busyTimeout, readOnly: true });
  const { sync, syncNow, logPages: pages } = options;
  const log = inMemory ? noLog : createDurableLog({ file, busyTimeout, writer, reader, onError, sync, syncNow, pages });
  const bus = options.bus ?? createBus();
  const runWriter = runOn(writer);
  const { onLost = () => undefined } = options;
  const queue = createWriteQueue({ connection: writer, run: runWriter, busyTimeout, bus, log, onLost, onError });
  return {
    dialect: 'sqlite',
    t: schemaFor('sqlite'),
    bus,
    // In memory a read is a unit of its own, or it would see half of another's.
    read: queryWith(inMemory ? (...given) => queue.write(async () => runWriter(...given)) : runOn(reader)),
    write: (unit) => inTurn(() => queue.write(unit)),
    snapshot: (work) => sqliteSnapshot(file, work),
    describe: async () => describe(file, reader, log),
    async close() {
      await queue.drain();
      await log.close();
      if (!inMemory) reader.close();
      // All into the file, unless another process is at work; SQLite would leave it to the next start.
      if (!inMemory) writer.exec('PRAGMA busy_timeout=0; PRAGMA wal_checkpoint(TRUNCATE)');
      writer.close();
    },
  };
}

function describe(file: string, reader: DatabaseSyncInstance, log: DurableLog): Record<string, string | number> {
  const { v } = reader.prepare('select sqlite_version() as v').get() as { v: string };
  const size = (name: string) => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
  return { engine: `SQLite ${v}`, bytes: size(file), walBytes: size(`${file}-wal`), walPages: log.state().log };
}

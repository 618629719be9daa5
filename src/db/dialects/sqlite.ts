/**
 * SQLite: one writer connection, one reader connection, WAL, synchronous=FULL.
 * Writes queue up and run as savepoints inside one transaction with one sync: a busy server pays the disk once
 * for many messages. Nobody is answered before COMMIT has returned.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import type { SQL } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/sqlite-proxy';

import { createBus } from '../bus.ts';
import type { Bus, Database, Query, Tx } from '../database.ts';
import { schemaFor } from '../schema.ts';
import { sqliteSnapshot } from './sqlite-snapshot.ts';

const GROUP = 100;
/** Pages of 4 KiB in the write-ahead log before it is copied back: 32 MB. */
const LOG_PAGES = 8000;
/** Statements kept prepared on a connection; the least recently used goes first. */
const PREPARED = 400;

interface Unit {
  run(tx: Tx): Promise<unknown>;
  done(value: unknown): void;
  failed(error: unknown): void;
}

export interface SqliteOptions {
  /** A path, or ":memory:" for a test. */
  file: string;
  /** Wait for another process's lock, ms. */
  busyTimeout?: number;
  bus?: Bus;
}

export function openSqlite(options: SqliteOptions): Database {
  const writer = connect(options, false);
  // A second connection to ":memory:" would be another database.
  const reader = options.file === ':memory:' ? writer : connect(options, true);
  const bus = options.bus ?? createBus();
  const queue = createWriteQueue(writer, queryOver(writer), bus);
  return {
    dialect: 'sqlite',
    t: schemaFor('sqlite'),
    bus,
    read: reader === writer ? queue.readBetweenUnits() : queryOver(reader),
    write: queue.write,
    snapshot: (work) => sqliteSnapshot(options.file, work),
    describe: async () => describe(options.file, reader),
    async close() {
      await queue.drain();
      if (reader !== writer) reader.close();
      writer.close();
    },
  };
}

function connect(options: SqliteOptions, readOnly: boolean): DatabaseSyncInstance {
  if (options.file !== ':memory:') mkdirSync(dirname(options.file), { recursive: true });
  const db = new DatabaseSync(options.file);
  db.exec(`PRAGMA busy_timeout=${options.busyTimeout ?? 5000}`);
  db.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY',
  );
  // Every delivery touches the same upper pages of the indexes: the longer the log, the fewer times they are copied back.
  db.exec(`PRAGMA wal_autocheckpoint=${LOG_PAGES}`);
  if (readOnly) db.exec('PRAGMA query_only=ON');
  return db;
}

type Proxy = Parameters<typeof drizzle>[0];

function queryWith(proxy: Proxy): Query {
  const q = drizzle(proxy);
  return Object.assign(q, {
    exec: async (s: SQL) => void (await q.run(s)),
    rows: (s: SQL) => q.all<unknown[]>(s),
    async statement(text: string, values: readonly unknown[]): Promise<unknown[][]> {
      const { rows }: { rows?: unknown[][] } = await proxy(text, [...values], 'all');
      return rows ?? [];
    },
  });
}

function queryOver(connection: DatabaseSyncInstance): Query {
  const prepared = preparedCache(connection);
  return queryWith(async (sql, params, method) => {
    const statement = prepared(sql);
    if (method === 'run') {
      statement.run(...(params as never[]));
      return { rows: [] };
    }
    const rows: unknown =
      method === 'get' ? statement.get(...(params as never[])) : statement.all(...(params as never[]));
    return { rows: Array.isArray(rows) ? rows : [] };
  });
}

function preparedCache(connection: DatabaseSyncInstance): (sql: string) => StatementSyncInstance {
  const cache = new Map<string, StatementSyncInstance>();
  return (sql) => {
    let statement = cache.get(sql);
    if (statement) cache.delete(sql);
    else {
      statement = connection.prepare(sql);
      statement.setReturnArrays(true);
      const oldest = cache.size >= PREPARED ? cache.keys().next() : undefined;
      if (oldest && !oldest.done) cache.delete(oldest.value);
    }
    cache.set(sql, statement);
    return statement;
  };
}

function createWriteQueue(connection: DatabaseSyncInstance, q: Query, bus: Bus) {
  const waiting: Unit[] = [];
  let running: Promise<void> | undefined;
  const loop = async () => {
    while (waiting.length > 0) {
      // One turn of the event loop: whatever else has arrived by now shares the sync.
      await setImmediate();
      await runGroup(connection, q, waiting.splice(0, GROUP), bus);
    }
    running = undefined;
  };
  const write = <T>(run: (tx: Tx) => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ run, done: resolve, failed: reject });
      running ??= loop();
    });
  return {
    write,
    drain: async () => {
      while (running) await running;
    },
    /** ":memory:" has one connection: a read there is a unit of its own, or it would see half of another's. */
    readBetweenUnits: () => readThrough(connection, write),
  };
}

function readThrough(connection: DatabaseSyncInstance, write: <T>(run: (tx: Tx) => Promise<T>) => Promise<T>): Query {
  const prepared = preparedCache(connection);
  return queryWith((sql, params, method) =>
    write(async () => {
      const statement = prepared(sql);
      const rows: unknown =
        method === 'get' ? statement.get(...(params as never[])) : statement.all(...(params as never[]));
      return { rows: Array.isArray(rows) ? rows : [] };
    }),
  );
}

async function runGroup(connection: DatabaseSyncInstance, q: Query, group: Unit[], bus: Bus): Promise<void> {
  const answers: (() => void)[] = [];
  const effects: (() => void)[] = [];
  const topics = new Set<string>();
  try {
    connection.exec('BEGIN IMMEDIATE');
    for (const unit of group) await runUnit(connection, q, unit, { answers, effects, topics });
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    for (const unit of group) unit.failed(error);
    return;
  }
  for (const effect of effects) effect();
  for (const answer of answers) answer();
  for (const topic of topics) bus.emit(topic);
}

interface Outcome {
  answers: (() => void)[];
  effects: (() => void)[];
  topics: Set<string>;
}

async function runUnit(connection: DatabaseSyncInstance, q: Query, unit: Unit, outcome: Outcome): Promise<void> {
  const effects: (() => void)[] = [];
  const topics: string[] = [];
  const tx: Tx = { q, announce: (topic) => topics.push(topic), afterCommit: (effect) => effects.push(effect) };
  connection.exec('SAVEPOINT u');
  try {
    const value = await unit.run(tx);
    connection.exec('RELEASE u');
    outcome.answers.push(() => unit.done(value));
    outcome.effects.push(...effects);
    for (const topic of topics) outcome.topics.add(topic);
  } catch (error) {
    // A full disk may have rolled the whole transaction back: then the group fails, not this unit alone.
    if (!connection.isTransaction) throw error;
    connection.exec('ROLLBACK TO u; RELEASE u');
    outcome.answers.push(() => unit.failed(error));
  }
}

function describe(file: string, reader: DatabaseSyncInstance): Record<string, string | number> {
  const version = reader.prepare('select sqlite_version() as v').get() as { v: string };
  const size = (name: string) => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
  return { engine: `SQLite ${version.v}`, bytes: size(file), walBytes: size(`${file}-wal`) };
}

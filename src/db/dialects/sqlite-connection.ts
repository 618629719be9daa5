/** One connection to a SQLite file, and drizzle over it. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import type { SQL } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/sqlite-proxy';

import type { Query } from '../database.ts';

/** Statements kept prepared on a connection; the least recently used goes first. */
const PREPARED = 400;

/**
 * What the write-ahead log may keep on the disk while it is empty: twice the length at which it is copied back, since it grows
 * while that goes on. A sync of octets that take the place of others costs a third of one that makes the file longer.
 */
export const LOG_BYTES = 64 * 1024 * 1024;

export const MEMORY = ':memory:';

export function connect(file: string, options: { busyTimeout: number; readOnly: boolean }): DatabaseSyncInstance {
  if (file !== MEMORY) mkdirSync(dirname(file), { recursive: true });
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA busy_timeout=${options.busyTimeout}`);
  const { journal_mode: mode } = db.prepare('PRAGMA journal_mode=WAL').get() as { journal_mode: string };
  if (mode !== 'wal' && file !== MEMORY) throw new Error(`${file}: no write-ahead log can be kept here (${mode})`);
  // NORMAL: a COMMIT writes the log and sqlite-log.ts syncs it. Checkpoints are its affair as well.
  db.exec('PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0');
  // A log that a busy hour made long is cut back when it begins anew; a shorter one would only be allocated again.
  db.exec(`PRAGMA journal_size_limit=${LOG_BYTES}`);
  db.exec('PRAGMA foreign_keys=ON; PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY');
  if (options.readOnly) db.exec('PRAGMA query_only=ON');
  return db;
}

/** Rows as arrays; what a statement gives back comes at once. */
export type Run = (sql: string, params: readonly unknown[], method: 'run' | 'get' | 'all' | 'values') => unknown[];

export function runOn(connection: DatabaseSyncInstance): Run {
  const prepared = preparedCache(connection);
  return (sql, params, method) => {
    const statement = prepared(sql);
    if (method === 'run') {
      statement.run(...(params as never[]));
      return [];
    }
    const rows: unknown =
      method === 'get' ? statement.get(...(params as never[])) : statement.all(...(params as never[]));
    return Array.isArray(rows) ? (rows as unknown[]) : [];
  };
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

/** @param run may answer later: in a unit of its own. */
export function queryWith(run: (...given: Parameters<Run>) => unknown[] | Promise<unknown[]>): Query {
  const q = drizzle(async (text, params, method) => ({ rows: await run(text, params, method) }));
  return Object.assign(q, {
    exec: async (s: SQL) => void (await q.run(s)),
    rows: (s: SQL) => q.all<unknown[]>(s),
    // With 'all' every row is an array of its columns.
    statement: async (text: string, values: readonly unknown[]) => (await run(text, values, 'all')) as unknown[][],
  });
}

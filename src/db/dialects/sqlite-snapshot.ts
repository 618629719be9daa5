/** A read transaction on a connection of its own: WAL keeps what it sees while others write; the log grows until it ends. */
import { setImmediate } from 'node:timers/promises';

import { DatabaseSync } from '@photostructure/sqlite';

import type { Snapshot } from '../database.ts';

const BATCH = 500;

export async function sqliteSnapshot<T>(file: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  if (file === ':memory:') throw new Error('a database in memory has one connection only');
  const connection = new DatabaseSync(file);
  try {
    connection.exec('PRAGMA busy_timeout=5000; PRAGMA query_only=ON; PRAGMA cache_size=-32768; BEGIN');
    // A deferred transaction sees what there is at its first read.
    connection.prepare('select count(*) from sqlite_schema').get();
    return await work({ rows: (query) => batches(connection, query) });
  } finally {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    connection.close();
  }
}

async function* batches(connection: InstanceType<typeof DatabaseSync>, query: string): AsyncIterable<unknown[][]> {
  const statement = connection.prepare(query);
  statement.setReturnArrays(true);
  let batch: unknown[][] = [];
  for (const row of statement.iterate() as Iterable<unknown[]>) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
    await setImmediate();
  }
  if (batch.length > 0) yield batch;
}

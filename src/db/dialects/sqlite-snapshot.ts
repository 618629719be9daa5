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
    return await work({
      rows: async (query) => prepared(connection, query).all() as unknown[][],
      table: (name, columns) => pages(connection, name, columns),
    });
  } finally {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    connection.close();
  }
}

type Connection = InstanceType<typeof DatabaseSync>;

function prepared(connection: Connection, query: string) {
  const statement = connection.prepare(query);
  statement.setReturnArrays(true);
  return statement;
}

/** Page by page along the table itself: no statement stays open while others have their turn. */
async function* pages(connection: Connection, name: string, columns: readonly string[]): AsyncIterable<unknown[][]> {
  const statement = prepared(
    connection,
    `select rowid, ${columns.join(', ')} from "${name}" where rowid > ? order by rowid limit ${BATCH}`,
  );
  for (let after: unknown = -1; ;) {
    const rows = statement.all(after) as unknown[][];
    if (rows.length > 0) yield rows.map((row) => row.slice(1));
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.[0];
    await setImmediate();
  }
}

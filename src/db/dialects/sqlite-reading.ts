/** A connection that only reads, for a thread of its own: it sees what is committed, synced or not. */
import type { Database } from '../database.ts';
import { connect, queryWith, runOn } from './sqlite-connection.ts';

/** Pages kept in memory, KiB: whoever reads contents needs each page once. */
const CACHE = 2048;

export function openReading(file: string): Pick<Database, 'dialect' | 'read'> & { close(): void } {
  const connection = connect(file, { busyTimeout: 5000, readOnly: true });
  connection.exec(`PRAGMA cache_size=-${CACHE}`);
  return { dialect: 'sqlite', read: queryWith(runOn(connection)), close: () => connection.close() };
}

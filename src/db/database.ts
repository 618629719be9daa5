/**
 * The database as the code above sees it, the same for both dialects.
 *
 * Invariants:
 * - a unit of work awaits nothing but queries; it may run again from its start (PostgreSQL, serialization failure;
 *   `RunAgain` of again.ts on both), so it changes nothing outside the database;
 * - `write` resolves only after the commit is durable; announcements go out after it, never before;
 * - a unit never calls `write` itself (it would wait for itself).
 */
import type { SQL } from 'drizzle-orm';
import type { SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy';

import type { Dialect } from './kit.ts';
import type { Schema } from './schema.ts';

/** drizzle's query builder. Only `await query` and `.returning()`: the rest differs between the dialects. */
export type Query = Pick<
  SqliteRemoteDatabase<Record<string, never>>,
  'select' | 'selectDistinct' | 'insert' | 'update' | 'delete' | '$with' | 'with' | '$count'
> & {
  /** A raw statement without result. */
  exec(statement: SQL): Promise<void>;
  /** Raw rows as arrays; every selected column needs a name of its own (PostgreSQL's driver keys by it). */
  rows(query: SQL): Promise<unknown[][]>;
  /** A statement whose text is known (prepared.ts), with the driver's own values. */
  statement(text: string, values: readonly unknown[]): Promise<unknown[][]>;
};

export interface Tx {
  readonly q: Query;
  /** Tells the bus, after the commit, that something under this topic changed ("account:12", "jobs:outbound"). */
  announce(topic: string): void;
  /** Runs after the commit; for in-memory caches only. */
  afterCommit(effect: () => void): void;
}

export interface Snapshot {
  /** Few rows, as the driver gives them. */
  rows(query: string): Promise<unknown[][]>;
  /** A whole table, as its rows lie, some hundred at a time. @param columns what stands behind `select` */
  table(name: string, columns: readonly string[]): AsyncIterable<unknown[][]>;
}

export interface Database {
  readonly dialect: Dialect;
  readonly t: Schema;
  readonly bus: Bus;
  /** Sees committed data only. */
  readonly read: Query;
  write<T>(unit: (tx: Tx) => Promise<T>): Promise<T>;
  /** One moment of everything, however long it is looked at, while others go on writing. Not in memory: there is one connection. */
  snapshot<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T>;
  /** A word to `doctor`: file size, WAL size, server version. */
  describe(): Promise<Record<string, string | number>>;
  close(): Promise<void>;
}

/** Says that something changed, never what: listeners read the change log. */
export interface Bus {
  emit(topic: string): void;
  /** @returns the function that ends the subscription. */
  subscribe(topic: string, listener: () => void): () => void;
}

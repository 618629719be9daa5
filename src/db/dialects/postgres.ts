/**
 * PostgreSQL: ordinary transactions, run again on serialization failure or deadlock; LISTEN/NOTIFY carries the bus
 * between processes.
 */
import { setTimeout } from 'node:timers/promises';

import type { SQL } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';

import { inTurn } from '../again.ts';
import { createBus } from '../bus.ts';
import type { Bus, Database, Query, Tx } from '../database.ts';
import { runEffects } from '../effects.ts';
import { schemaFor } from '../schema.ts';
import { postgresSnapshot } from './postgres-snapshot.ts';

const CHANNEL = 'congvu';
const TRIES = 8;
/** serialization_failure, deadlock_detected */
const AGAIN = new Set(['40001', '40P01']);

// int8 (20) and numeric (1700, what sum() gives) as numbers: ours stay below 2^53.
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === 20 || oid === 1700 ? Number : (pg.types.getTypeParser as (o: number, f?: string) => unknown)(oid, format),
};

export interface PostgresOptions {
  url: string;
  poolSize?: number;
  /** Told of a lost connection; the pool makes a new one by itself. */
  onError?: (error: Error) => void;
}

export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const onError = options.onError ?? (() => undefined);
  const pool = new pg.Pool({ connectionString: options.url, max: options.poolSize ?? 10, types: types });
  pool.on('error', onError);
  const bus = createBus();
  const listener = await listen(options.url, bus, onError);
  return {
    dialect: 'pg',
    t: schemaFor('pg'),
    bus: { emit: bus.emit, subscribe: bus.subscribe },
    read: queryOver(pool),
    write: async (unit) => {
      const { value, effects } = await inTurn(() => transact(pool, unit));
      runEffects(effects, onError);
      return value;
    },
    snapshot: (work) => postgresSnapshot({ connectionString: options.url, types }, work),
    async describe() {
      const { rows } = await pool.query<{ v: string; b: number }>(
        'select version() as v, pg_database_size(current_database()) as b',
      );
      return { engine: rows[0]?.v.split(' on ')[0] ?? 'PostgreSQL', bytes: rows[0]?.b ?? 0 };
    },
    async close() {
      await listener.stop();
      await pool.end();
    },
  };
}

/** One per connection: statements that were built over it stay with it. */
const queries = new WeakMap<object, Query>();

function queryOver(client: pg.Pool | pg.PoolClient): Query {
  const known = queries.get(client);
  if (known) return known;
  const q = drizzle(client as pg.Pool);
  const raw = {
    exec: async (s: SQL) => void (await q.execute(s)),
    rows: async (s: SQL) => (await q.execute(s)).rows.map((row) => Object.values(row)),
    statement: async (text: string, values: readonly unknown[]) =>
      (await client.query<unknown[]>({ text, values: [...values], rowMode: 'array' })).rows,
  };
  const query = Object.assign(q, raw) as unknown as Query;
  queries.set(client, query);
  return query;
}

interface Done<T> {
  value: T;
  effects: (() => void)[];
}

async function transact<T>(pool: pg.Pool, unit: (tx: Tx) => Promise<T>): Promise<Done<T>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(pool, unit);
    } catch (error) {
      if (attempt === TRIES || !AGAIN.has(sqlState(error) ?? '')) throw error;
      await setTimeout(Math.random() * 10 * 2 ** attempt);
    }
  }
}

async function once<T>(pool: pg.Pool, unit: (tx: Tx) => Promise<T>): Promise<Done<T>> {
  const client = await pool.connect();
  const topics = new Set<string>();
  const effects: (() => void)[] = [];
  let broken: Error | undefined;
  // The pool listens only to connections that nobody uses: one that ends under us would end the process.
  const onGone = (error: Error) => {
    broken = error;
  };
  client.on('error', onGone);
  try {
    await client.query('BEGIN');
    const q = queryOver(client);
    const value = await unit({
      q,
      announce: (topic) => topics.add(topic),
      afterCommit: (effect) => effects.push(effect),
    });
    if (topics.size > 0)
      await client.query('select pg_notify($1, t) from unnest($2::text[]) t', [CHANNEL, [...topics]]);
    const { command } = await client.query('COMMIT');
    // A unit that went on after a failed statement: PostgreSQL keeps nothing of it, and says so only here.
    if (command !== 'COMMIT') throw new Error('a statement of this unit failed: nothing of it was kept');
    return { value, effects };
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.off('error', onGone);
    client.release(broken);
  }
}

/** SQLSTATE of the driver's error below drizzle's. */
export function sqlState(error: unknown): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string' && /^[0-9A-Z]{5}$/.test(e.code)) return e.code;
  }
  return undefined;
}

/** A client of its own; after a lost connection every listener is woken, since words may have been missed. */
async function listen(url: string, bus: Bus, onError: (error: Error) => void): Promise<{ stop(): Promise<void> }> {
  let client: pg.Client | undefined;
  let stopped = false;
  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url });
    next.on('notification', (message) => bus.emit(message.payload ?? ''));
    next.on('error', (error) => {
      onError(error);
      // The driver tells of one end twice: by what the server said last, and when the connection closes.
      if (next !== client) return;
      client = undefined;
      void again();
    });
    try {
      await next.connect();
      await next.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      next.end().catch(() => undefined);
      throw error;
    }
    if (stopped) await next.end();
    else client = next;
  };
  const again = async (): Promise<void> => {
    while (!stopped) {
      await setTimeout(1000);
      try {
        if (!stopped) await connect();
        bus.emit('reconnected');
        return;
      } catch (error) {
        onError(error as Error);
      }
    }
  };
  await connect();
  return {
    async stop() {
      stopped = true;
      await client?.end();
    },
  };
}

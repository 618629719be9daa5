/**
 * Column helpers: tables are written once, as the SQLite flavour; the one cast to PostgreSQL is here.
 * What the two do differently is listed in docs/database.md.
 */
import * as p from 'drizzle-orm/pg-core';
import * as s from 'drizzle-orm/sqlite-core';

import { packJson, unpackJson } from './packed-json.ts';

export type Dialect = 'sqlite' | 'pg';

const jsonText = <T>(name: string) =>
  s.customType<{ data: T; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => JSON.parse(value) as T,
  })(name);

const jsonPacked = <T>(name: string) =>
  s.customType<{ data: T; driverData: Uint8Array }>({
    dataType: () => 'blob',
    toDriver: packJson,
    fromDriver: (value) => unpackJson(value) as T,
  })(name);

const blobBytes = s.customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'blob' });

const bytea = p.customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
});

const sqliteKit = {
  table: s.sqliteTable,
  index: s.index,
  uniqueIndex: s.uniqueIndex,
  primaryKey: s.primaryKey,
  /** Generated integer key. */
  id: (name: string) => s.integer(name).primaryKey({ autoIncrement: true }),
  text: (name: string) => s.text(name),
  /** Up to 2^53; times are milliseconds since 1970 in UTC. */
  int: (name: string) => s.integer(name),
  bool: (name: string) => s.integer(name, { mode: 'boolean' }),
  json: <T>(name: string) => jsonText<T>(name),
  /** Large JSON that no statement looks into. */
  packedJson: <T>(name: string) => jsonPacked<T>(name),
  blob: (name: string) => blobBytes(name),
};
export type Kit = typeof sqliteKit;

const pgKit = {
  table: p.pgTable,
  index: p.index,
  uniqueIndex: p.uniqueIndex,
  primaryKey: p.primaryKey,
  id: (name: string) => p.bigint(name, { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  text: (name: string) => p.text(name),
  int: (name: string) => p.bigint(name, { mode: 'number' }),
  bool: (name: string) => p.boolean(name),
  // Text, not jsonb: bytes come back as written and U+0000 escapes are not refused.
  json: <T>(name: string) =>
    p.customType<{ data: T; driverData: string }>({
      dataType: () => 'text',
      toDriver: (value) => JSON.stringify(value),
      fromDriver: (value) => JSON.parse(value) as T,
    })(name),
  packedJson: <T>(name: string) =>
    p.customType<{ data: T; driverData: Buffer }>({
      dataType: () => 'bytea',
      toDriver: packJson,
      fromDriver: (value) => unpackJson(value) as T,
    })(name),
  blob: (name: string) => bytea(name),
} as unknown as Kit;

export const kitFor = (dialect: Dialect): Kit => (dialect === 'pg' ? pgKit : sqliteKit);

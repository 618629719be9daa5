/**
 * One unit of work at a time under a name, until its commit. SQLite has one writer anyway; PostgreSQL takes an advisory
 * lock, so what the unit reads after it is what the unit before it committed (READ COMMITTED: a new snapshot per statement).
 */
import { createHash } from 'node:crypto';

import { sql } from 'drizzle-orm';

import type { Database, Tx } from './database.ts';

/** Take it before the reads that must not grow old, and as late in the unit as they allow: others wait meanwhile. */
export async function exclusive({ dialect }: Pick<Database, 'dialect'>, tx: Tx, name: string): Promise<void> {
  if (dialect !== 'pg') return;
  const key = createHash('sha256').update(name).digest().readBigInt64BE(0).toString();
  await tx.q.exec(sql`select pg_advisory_xact_lock(${key}::bigint)`);
}

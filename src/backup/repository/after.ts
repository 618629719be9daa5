/** What does not come back as it was. */
import { sql } from 'drizzle-orm';

import type { Database, Tx } from '../../db/database.ts';
import { LEASE } from '../lease.ts';

/** No worker holds a job here. */
export async function freeJobs({ q }: Tx): Promise<void> {
  await q.exec(sql`update jobs set lease_until = null, lease_token = null where lease_token is not null`);
}

/** Every snapshot has the lease of the backup that took it: here none runs. */
export async function freeBackupLease({ q }: Tx): Promise<void> {
  await q.exec(sql`delete from facts where name = ${LEASE}`);
}

export async function waitingRecipients({ read }: Database): Promise<number> {
  const rows = await read.rows(sql`select count(*) as n from outbound_recipients where state = 'queued'`);
  return Number(rows[0]?.[0]);
}

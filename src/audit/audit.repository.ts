import { desc } from 'drizzle-orm';

import { sha256Text } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { Database, Tx } from '../db/database.ts';
import { exclusive } from '../db/exclusive.ts';

/** What was done by whom, hash-chained: each row's hash covers the one before it. */
export interface AuditEntry {
  /** "official:12", "key:3", "cli", "system". */
  actor: string;
  action: string;
  object: string;
  details?: Record<string, unknown>;
}

/** Says that rows between two others are lost for good, as a restore found them: details `after` and `before`, ids or null. */
export const ROWS_LOST = 'audit.rows_lost';

export interface Audit {
  record(tx: Tx, entry: AuditEntry): Promise<void>;
  /** @returns the id of the first row that does not fit, or undefined when the chain is whole but for what it says itself. */
  verify(): Promise<number | undefined>;
}

export function createAudit(db: Database, clock: Clock): Audit {
  const { auditLog } = db.t;
  return {
    async record(tx, { actor, action, object, details = {} }) {
      // Two units that both follow the same row would fork the chain.
      await exclusive(db, tx, 'audit');
      const [last] = await tx.q.select({ hash: auditLog.hash }).from(auditLog).orderBy(desc(auditLog.id)).limit(1);
      const row = { at: clock.now(), actor, action, object, details };
      await tx.q.insert(auditLog).values({ ...row, hash: link(last?.hash, row) });
    },
    async verify() {
      let before: { id: number; hash: string } | undefined;
      const breaks: { after: number | null; id: number }[] = [];
      const lost = new Set<string>();
      for (const { id, hash, ...row } of await db.read.select().from(auditLog).orderBy(auditLog.id)) {
        if (hash !== link(before?.hash, row)) breaks.push({ after: before?.id ?? null, id });
        if (row.action === ROWS_LOST) lost.add(`${String(row.details['after'])} ${String(row.details['before'])}`);
        before = { id, hash };
      }
      // A hole that the chain itself tells of, further on, stays to be seen there by whoever reads the log.
      return breaks.find(({ after, id }) => !lost.has(`${after} ${id}`))?.id;
    },
  };
}

function link(before: string | undefined, row: Required<AuditEntry> & { at: number }): string {
  return sha256Text(JSON.stringify([before ?? '', row.at, row.actor, row.action, row.object, row.details]));
}

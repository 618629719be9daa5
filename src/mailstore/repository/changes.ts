/** The change log: at most one row per (type, modseq, object); see ../unit.ts for how a unit compacts its own. */
import { and, asc, eq, gt, lte, max, sql } from 'drizzle-orm';

import type { AccountId, ModSeq } from '../../base/ids.ts';
import { inserter } from '../../db/prepared.ts';
import type { ChangeAction, ChangeType } from '../../db/tables/mail.ts';
import { ask, idList, type Scope, type Store } from './scope.ts';

export interface LogRow {
  type: ChangeType;
  objectId: number;
  action: ChangeAction;
}

const insert = inserter('changes', ['accountId', 'type', 'modseq', 'objectId', 'action']);

/** So many of one kind go as one list, which the database takes apart itself. */
const LIST = 20;

export async function insertChanges(scope: Scope, modseq: ModSeq, rows: readonly LogRow[]): Promise<void> {
  const { accountId } = scope;
  if (rows.length >= LIST) return insertLists(scope, modseq, rows);
  await insert(
    scope,
    rows.map((row) => ({ ...row, accountId, modseq })),
  );
}

async function insertLists(scope: Scope, modseq: ModSeq, rows: readonly LogRow[]): Promise<void> {
  const kinds = new Map<string, { type: ChangeType; action: ChangeAction; ids: number[] }>();
  for (const { type, objectId, action } of rows) {
    const key = `${type} ${action}`;
    const kind = kinds.get(key);
    if (kind) kind.ids.push(objectId);
    else kinds.set(key, { type, action, ids: [objectId] });
  }
  const { dialect } = scope.db;
  const values = dialect === 'sqlite' ? 'value from json_each(?)' : 'unnest(?::bigint[])';
  for (const { type, action, ids } of kinds.values()) {
    await ask(
      scope,
      `insert into "changes" ("account_id", "type", "modseq", "action", "object_id")
      select ${dialect === 'sqlite' ? '?, ?, ?, ?' : '?::bigint, ?, ?::bigint, ?'}, ${values}`,
      [scope.accountId, type, modseq, action, idList(dialect, ids)],
    );
  }
}

export async function rewriteChange(
  { db, q, accountId }: Scope,
  modseq: ModSeq,
  { type, objectId, action }: LogRow,
): Promise<void> {
  const c = db.t.changes;
  await q
    .update(c)
    .set({ action })
    .where(and(eq(c.accountId, accountId), eq(c.type, type), eq(c.modseq, modseq), eq(c.objectId, objectId)));
}

export async function deleteChange(
  { db, q, accountId }: Scope,
  modseq: ModSeq,
  type: ChangeType,
  objectId: number,
): Promise<void> {
  const c = db.t.changes;
  await q
    .delete(c)
    .where(and(eq(c.accountId, accountId), eq(c.type, type), eq(c.modseq, modseq), eq(c.objectId, objectId)));
}

export async function lastChange({ db, q, accountId }: Scope, type: ChangeType): Promise<ModSeq | undefined> {
  const c = db.t.changes;
  const rows = await q
    .select({ last: max(c.modseq) })
    .from(c)
    .where(and(eq(c.accountId, accountId), eq(c.type, type)));
  return rows[0]?.last ?? undefined;
}

export async function logBounds({ db, q, accountId }: Scope): Promise<{ modseq: ModSeq; floor: ModSeq } | undefined> {
  const a = db.t.accounts;
  const rows = await q.select({ modseq: a.modseq, floor: a.changesFloor }).from(a).where(eq(a.id, accountId));
  return rows[0];
}

/** How many rows each unit of work wrote, oldest first. */
export async function changeGroups(
  { db, q, accountId }: Scope,
  type: ChangeType,
  since: ModSeq,
  limit: number,
): Promise<{ modseq: ModSeq; rows: number }[]> {
  const c = db.t.changes;
  return q
    .select({ modseq: c.modseq, rows: sql`count(*)`.mapWith(Number) })
    .from(c)
    .where(and(eq(c.accountId, accountId), eq(c.type, type), gt(c.modseq, since)))
    .groupBy(c.modseq)
    .orderBy(asc(c.modseq))
    .limit(limit);
}

/** Rows in (since, upTo], oldest first. */
export async function changeRows(
  { db, q, accountId }: Scope,
  type: ChangeType,
  since: ModSeq,
  upTo: ModSeq,
): Promise<{ modseq: ModSeq; objectId: number; action: ChangeAction }[]> {
  const c = db.t.changes;
  return q
    .select({ modseq: c.modseq, objectId: c.objectId, action: c.action })
    .from(c)
    .where(and(eq(c.accountId, accountId), eq(c.type, type), gt(c.modseq, since), lte(c.modseq, upTo)))
    .orderBy(asc(c.modseq), asc(c.objectId));
}

/** Accounts whose log holds more than `steps` steps, tombstones included. */
export async function longLogs(
  { db, q }: Store,
  steps: number,
): Promise<{ id: AccountId; modseq: ModSeq; floor: ModSeq }[]> {
  const { id, modseq, changesFloor: floor } = db.t.accounts;
  return q
    .select({ id, modseq, floor })
    .from(db.t.accounts)
    .where(sql`${modseq} - ${floor} > ${steps}`);
}

/** Forgets the log and the tombstones at or below `upTo`. */
export async function pruneLog({ db, q, accountId }: Scope, upTo: ModSeq): Promise<void> {
  const { accounts: a, changes: c, expunged: x } = db.t;
  await q.delete(c).where(and(eq(c.accountId, accountId), lte(c.modseq, upTo)));
  await q.delete(x).where(and(eq(x.accountId, accountId), lte(x.modseq, upTo)));
  await q.update(a).set({ changesFloor: upTo }).where(eq(a.id, accountId));
}

import { and, asc, eq, sql } from 'drizzle-orm';

import type { MailboxId, ModSeq } from '../../base/ids.ts';
import type { Mailbox, MailboxRole } from '../types.ts';
import { inIds, type Scope } from './scope.ts';

export interface MailboxDelta {
  total: number;
  unread: number;
  bytes: number;
}

export async function mailboxRows({ db, q, accountId }: Scope, ids?: readonly MailboxId[]): Promise<Mailbox[]> {
  const m = db.t.mailboxes;
  const rows = await q
    .select()
    .from(m)
    .where(ids ? and(eq(m.accountId, accountId), inIds(db.dialect, m.id, ids)) : eq(m.accountId, accountId))
    .orderBy(asc(m.sortOrder), asc(m.id));
  return rows.map(({ accountId: _, role, ...rest }) => ({ ...rest, role: role as MailboxRole | null }));
}

export async function insertMailboxes({ db, q, accountId }: Scope, list: readonly Mailbox[]): Promise<void> {
  await q.insert(db.t.mailboxes).values(list.map((mailbox) => ({ ...mailbox, accountId })));
}

export async function updateMailboxRow(
  { db, q, accountId }: Scope,
  id: MailboxId,
  change: Partial<Pick<Mailbox, 'name' | 'parentId' | 'sortOrder' | 'isSubscribed' | 'role'>>,
): Promise<void> {
  const m = db.t.mailboxes;
  await q
    .update(m)
    .set(change)
    .where(and(eq(m.accountId, accountId), eq(m.id, id)));
}

export async function deleteMailboxRow({ db, q, accountId }: Scope, id: MailboxId): Promise<void> {
  const m = db.t.mailboxes;
  await q.delete(m).where(and(eq(m.accountId, accountId), eq(m.id, id)));
}

/** Moves the counters and takes `uids` UIDs. @returns the first of them; undefined when there is no such mailbox. */
export async function bumpMailbox(
  { db, q, accountId }: Scope,
  id: MailboxId,
  { total, unread, bytes }: MailboxDelta,
  modseq: ModSeq,
  uids = 0,
): Promise<number | undefined> {
  const m = db.t.mailboxes;
  const rows = await q
    .update(m)
    .set({
      totalEmails: sql`${m.totalEmails} + ${total}`,
      unreadEmails: sql`${m.unreadEmails} + ${unread}`,
      totalBytes: sql`${m.totalBytes} + ${bytes}`,
      uidNext: sql`${m.uidNext} + ${uids}`,
      highestModseq: modseq,
    })
    .where(and(eq(m.accountId, accountId), eq(m.id, id)))
    .returning({ uidNext: m.uidNext });
  const row = rows[0];
  return row && row.uidNext - uids;
}

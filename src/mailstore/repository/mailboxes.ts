import { and, asc, eq, lt, sql } from 'drizzle-orm';

import type { MailboxId, ModSeq } from '../../base/ids.ts';
import { prepared } from '../../db/prepared.ts';
import type { Mailbox, MailboxRole } from '../types.ts';
import { inIds, type Scope } from './scope.ts';

export interface MailboxDelta {
  total: number;
  unread: number;
  bytes: number;
}

// Asked before and after every command of IMAP: statements whose text is built once (src/db/prepared.ts).
const allOf = prepared<{ accountId: number }>()((q, { mailboxes: m }, given) =>
  q.select().from(m).where(eq(m.accountId, given.accountId)).orderBy(asc(m.sortOrder), asc(m.id)),
);
const oneOf = prepared<{ accountId: number; id: number }>()((q, { mailboxes: m }, given) =>
  q
    .select()
    .from(m)
    .where(and(eq(m.accountId, given.accountId), eq(m.id, given.id))),
);

export async function mailboxRows(scope: Scope, ids?: readonly MailboxId[]): Promise<Mailbox[]> {
  const { db, q, accountId } = scope;
  const m = db.t.mailboxes;
  const [first] = ids ?? [];
  const rows = !ids
    ? await allOf(scope, { accountId })
    : ids.length === 1 && first !== undefined
      ? await oneOf(scope, { accountId, id: first })
      : await q
          .select()
          .from(m)
          .where(and(eq(m.accountId, accountId), inIds(db.dialect, m.id, ids)))
          .orderBy(asc(m.sortOrder), asc(m.id));
  return rows.map(({ accountId: _, role, ...rest }) => ({ ...rest, role: role as MailboxRole | null }));
}

const withRole = prepared<{ accountId: number; role: string }>()((q, { mailboxes: m }, given) =>
  q
    .select()
    .from(m)
    .where(and(eq(m.accountId, given.accountId), eq(m.role, given.role))),
);

export async function mailboxOfRole(scope: Scope, role: MailboxRole): Promise<Mailbox | undefined> {
  const row = (await withRole(scope, { accountId: scope.accountId, role }))[0];
  if (!row) return undefined;
  const { accountId: _, ...rest } = row;
  return { ...rest, role };
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

/** Never backwards: sessions say this in any order. */
export async function raiseRecent({ db, q, accountId }: Scope, id: MailboxId, below: number): Promise<void> {
  const m = db.t.mailboxes;
  await q
    .update(m)
    .set({ recentUid: below })
    .where(and(eq(m.accountId, accountId), eq(m.id, id), lt(m.recentUid, below)));
}

export async function deleteMailboxRow({ db, q, accountId }: Scope, id: MailboxId): Promise<void> {
  const m = db.t.mailboxes;
  await q.delete(m).where(and(eq(m.accountId, accountId), eq(m.id, id)));
}

/** Moves the counters and takes `uids` UIDs. @returns the first of them; undefined when there is no such mailbox. */
export async function bumpMailbox(
  scope: Scope,
  id: MailboxId,
  delta: MailboxDelta,
  modseq: ModSeq,
  uids = 0,
): Promise<number | undefined> {
  const rows = await bump(scope, { ...delta, accountId: scope.accountId, id, modseq, uids });
  const row = rows[0];
  return row && row.uidNext - uids;
}

interface Bump extends MailboxDelta {
  accountId: number;
  id: number;
  modseq: number;
  uids: number;
}
const bump = prepared<Bump>()((q, { mailboxes: m }, given) =>
  q
    .update(m)
    .set({
      totalEmails: sql`${m.totalEmails} + ${given.total}`,
      unreadEmails: sql`${m.unreadEmails} + ${given.unread}`,
      totalBytes: sql`${m.totalBytes} + ${given.bytes}`,
      uidNext: sql`${m.uidNext} + ${given.uids}`,
      highestModseq: given.modseq,
    })
    .where(and(eq(m.accountId, given.accountId), eq(m.id, given.id)))
    .returning({ uidNext: m.uidNext }),
);

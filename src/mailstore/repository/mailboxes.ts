import { and, asc, eq, lt } from 'drizzle-orm';

import type { MailboxId, ModSeq } from '../../base/ids.ts';
import { prepared } from '../../db/prepared.ts';
import type { Mailbox, MailboxRole } from '../types.ts';
import { ask, inIds, type Scope } from './scope.ts';

export interface MailboxDelta {
  total: number;
  unread: number;
  bytes: number;
  /** Taken. */
  uids: number;
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

/** The first UID that a mailbox has not given out; undefined when there is no such mailbox. */
export async function nextUid(scope: Scope, id: MailboxId): Promise<number | undefined> {
  const text = 'select "uid_next" from "mailboxes" where "account_id" = ? and "id" = ?';
  const [row] = await ask(scope, text, [scope.accountId, id]);
  return row && Number(row[0]);
}

export async function uidValidityOf(scope: Scope, id: MailboxId): Promise<number | undefined> {
  const text = 'select "uid_validity" from "mailboxes" where "account_id" = ? and "id" = ?';
  const [row] = await ask(scope, text, [scope.accountId, id]);
  return row && Number(row[0]);
}

/** Where a delivery goes: the mailbox and its next UID. */
export async function placeOfRole(
  scope: Scope,
  role: MailboxRole,
): Promise<{ id: MailboxId; uidNext: number } | undefined> {
  const text = 'select "id", "uid_next" from "mailboxes" where "account_id" = ? and "role" = ?';
  const [row] = await ask(scope, text, [scope.accountId, role]);
  return row && { id: Number(row[0]) as MailboxId, uidNext: Number(row[1]) };
}

/** Moves the counters, and on past the UIDs that were taken. */
export async function moveMailbox(
  scope: Scope,
  id: MailboxId,
  { total, unread, bytes, uids }: MailboxDelta,
  modseq: ModSeq,
): Promise<void> {
  await ask(
    scope,
    `update "mailboxes" set "total_emails" = "total_emails" + ?, "unread_emails" = "unread_emails" + ?,
      "total_bytes" = "total_bytes" + ?, "uid_next" = "uid_next" + ?, "highest_modseq" = ? where "account_id" = ? and "id" = ?`,
    [total, unread, bytes, uids, modseq, scope.accountId, id],
  );
}

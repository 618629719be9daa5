import { eq } from 'drizzle-orm';

import type { AccountId, ModSeq } from '../../base/ids.ts';
import { prepared } from '../../db/prepared.ts';
import type { AccountKind } from '../../db/tables/mail.ts';
import type { AccountInfo } from '../types.ts';
import { insertSearchState } from './pending.ts';
import { ask, type Scope, type Store } from './scope.ts';

/** The account's counters as a unit of work holds them. */
export interface AccountState {
  modseq: ModSeq;
  nextMailboxId: number;
  nextEmailId: number;
  nextThreadId: number;
  nextSubmissionId: number;
  usedBytes: number;
  emailCount: number;
  lastUidValidity: number;
}

/** Of it: what is given once only. */
export type ToGive = Pick<
  AccountState,
  'nextMailboxId' | 'nextEmailId' | 'nextThreadId' | 'nextSubmissionId' | 'lastUidValidity'
>;

export async function insertAccount(
  { db, q }: Store,
  account: { kind: AccountKind; quotaBytes: number; createdAt: number },
): Promise<AccountId> {
  const rows = await q
    .insert(db.t.accounts)
    .values({
      ...account,
      status: 'active',
      modseq: 0 as ModSeq,
      changesFloor: 0 as ModSeq,
      nextMailboxId: 1,
      nextEmailId: 1,
      nextThreadId: 1,
      nextSubmissionId: 1,
      usedBytes: 0,
      emailCount: 0,
      lastUidValidity: 0,
    })
    .returning({ id: db.t.accounts.id });
  const row = rows[0];
  if (!row) throw new Error('the account was not made');
  await insertSearchState({ db, q }, row.id);
  return row.id;
}

/** Locks the row until the commit: whoever changes the account next waits here and then sees our changes. */
export async function lockAccount(scope: Scope): Promise<(AccountState & { quotaBytes: number }) | undefined> {
  const lock = scope.db.dialect === 'pg' ? ' for update' : '';
  const [row] = await ask(scope, `${READ_STATE}${lock}`, [scope.accountId]);
  // As the schema types these columns; both drivers give integers as numbers.
  const [modseq, nextMailboxId, nextEmailId, nextThreadId, nextSubmissionId, ...more] = (row ?? []) as number[];
  const [usedBytes, emailCount, lastUidValidity, quotaBytes] = more;
  return (
    row &&
    ({
      ...{ modseq, nextMailboxId, nextEmailId, nextThreadId, nextSubmissionId },
      ...{ usedBytes, emailCount, lastUidValidity, quotaBytes },
    } as AccountState & { quotaBytes: number })
  );
}

const READ_STATE = `select "modseq", "next_mailbox_id", "next_email_id", "next_thread_id", "next_submission_id",
  "used_bytes", "email_count", "last_uid_validity", "quota_bytes" from "accounts" where "id" = ?`;

export async function saveAccount(scope: Scope, state: AccountState): Promise<void> {
  const { modseq, nextMailboxId, nextEmailId, nextThreadId, nextSubmissionId } = state;
  const { usedBytes, emailCount, lastUidValidity } = state;
  await ask(
    scope,
    `update "accounts" set "modseq" = ?, "next_mailbox_id" = ?, "next_email_id" = ?, "next_thread_id" = ?, "next_submission_id" = ?,
      "used_bytes" = ?, "email_count" = ?, "last_uid_validity" = ? where "id" = ?`,
    [
      ...[modseq, nextMailboxId, nextEmailId, nextThreadId, nextSubmissionId],
      ...[usedBytes, emailCount, lastUidValidity, scope.accountId],
    ],
  );
}

export async function updateAccount(
  { db, q, accountId }: Scope,
  change: { status?: 'active' | 'disabled'; quotaBytes?: number },
): Promise<boolean> {
  const { accounts: a } = db.t;
  const rows = await q.update(a).set(change).where(eq(a.id, accountId)).returning({ id: a.id });
  return rows.length > 0;
}

export async function accountInfo(scope: Scope): Promise<AccountInfo | undefined> {
  return (await infoRow(scope, { accountId: scope.accountId }))[0];
}

const infoRow = prepared<{ accountId: AccountId }>()((q, { accounts: a }, given) =>
  q
    .select({
      id: a.id,
      kind: a.kind,
      status: a.status,
      quotaBytes: a.quotaBytes,
      usedBytes: a.usedBytes,
      emailCount: a.emailCount,
      modseq: a.modseq,
    })
    .from(a)
    .where(eq(a.id, given.accountId)),
);

export async function accountIds({ db, q }: Store): Promise<AccountId[]> {
  const rows = await q.select({ id: db.t.accounts.id }).from(db.t.accounts).orderBy(db.t.accounts.id);
  return rows.map((r) => r.id);
}

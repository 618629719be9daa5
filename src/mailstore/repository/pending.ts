/** Which emails the text index does not hold yet. */
import { asc, eq, sql } from 'drizzle-orm';

import type { AccountId, BlobHash, EmailId } from '../../base/ids.ts';
import { prepared } from '../../db/prepared.ts';
import { inIds, type Scope, type Store } from './scope.ts';

export interface Pending {
  accountId: AccountId;
  searchId: EmailId;
  hash: BlobHash;
}

export async function insertSearchState({ db, q }: Store, accountId: AccountId): Promise<void> {
  await q.insert(db.t.searchStates).values({ accountId, indexedTo: 0 as EmailId });
}

/** The oldest of each account first. An email that was copied and destroyed is pending through its copy. */
export async function pendingRows(
  { db, q }: Store,
  accountIds: readonly AccountId[],
  limit: number,
): Promise<Pending[]> {
  const { emails: e, searchStates: s } = db.t;
  const rows = await q.rows(
    sql`select ${s.accountId} as account, ${e.searchId} as id, min(${e.blobHash}) as hash
      from ${s} join ${e} on ${e.accountId} = ${s.accountId} and ${e.searchId} > ${s.indexedTo}
      where ${inIds(db.dialect, s.accountId, accountIds)} group by ${s.accountId}, ${e.searchId}
      order by ${s.accountId}, ${e.searchId} limit ${limit}`,
  );
  return rows.map(([account, id, hash]) => ({
    accountId: Number(account) as AccountId,
    searchId: Number(id) as EmailId,
    hash: String(hash) as BlobHash,
  }));
}

const onePending = prepared<{ accountId: AccountId }>()((q, { emails: e, searchStates: s }, given) =>
  q
    .select({ id: e.searchId })
    .from(s)
    .innerJoin(e, sql`${e.accountId} = ${s.accountId} and ${e.searchId} > ${s.indexedTo}`)
    .where(eq(s.accountId, given.accountId))
    .limit(1),
);

export async function isPending({ db, q, accountId }: Scope): Promise<boolean> {
  return (await onePending({ db, q }, { accountId })).length > 0;
}

/** Accounts that may have something pending. */
export async function pendingAccounts({ db, q }: Store): Promise<AccountId[]> {
  const { accounts: a, searchStates: s } = db.t;
  const rows = await q
    .select({ id: a.id })
    .from(s)
    .innerJoin(a, eq(a.id, s.accountId))
    .where(sql`${a.nextEmailId} - 1 > ${s.indexedTo}`)
    .orderBy(asc(a.id));
  return rows.map((r) => r.id);
}

/** On PostgreSQL holds the states until the commit: nobody else indexes these accounts or takes text out beside us. */
export async function lockStates(
  { db, q }: Store,
  accountIds: readonly AccountId[],
  others: 'wait' | 'skip',
): Promise<AccountId[]> {
  if (db.dialect === 'sqlite') return [...accountIds];
  const { searchStates: s } = db.t;
  const skip = others === 'skip' ? sql` skip locked` : sql``;
  const rows = await q.rows(
    sql`select account_id as id from ${s} where ${inIds(db.dialect, s.accountId, accountIds)} order by account_id for update${skip}`,
  );
  return rows.map(([id]) => Number(id) as AccountId);
}

const setState = prepared<{ accountId: AccountId; indexedTo: number }>()((q, { searchStates: s }, given) =>
  q.update(s).set({ indexedTo: given.indexedTo }).where(eq(s.accountId, given.accountId)),
);

export async function indexedUpTo({ db, q, accountId }: Scope, searchId: EmailId): Promise<void> {
  await setState({ db, q }, { accountId, indexedTo: searchId });
}

/** Where nothing is left: past the ids of copies and of what was destroyed, so that a look at all accounts passes them by. */
export async function closeStates({ db, q }: Store, accountIds: readonly AccountId[]): Promise<void> {
  const { searchStates: s } = db.t;
  await q.exec(
    sql`update ${s} set indexed_to = (select a.next_email_id - 1 from accounts a where a.id = search_states.account_id)
      where ${inIds(db.dialect, s.accountId, accountIds)}
        and not exists (select 1 from emails e where e.account_id = search_states.account_id and e.search_id > search_states.indexed_to)`,
  );
}

export async function indexedTo({ db, q, accountId }: Scope): Promise<EmailId> {
  const { searchStates: s } = db.t;
  const rows = await q.select({ to: s.indexedTo }).from(s).where(eq(s.accountId, accountId));
  return rows[0]?.to ?? (0 as EmailId);
}

/** Makes missing states, and sets back those that say more than there is. @returns the accounts. */
export async function mendStates({ db, q }: Store): Promise<AccountId[]> {
  const { searchStates: s } = db.t;
  const rows = await q.rows(
    sql`insert into ${s} (account_id, indexed_to) select a.id, 0 from accounts a left join search_states x on x.account_id = a.id
      where x.account_id is null or x.indexed_to >= a.next_email_id
      on conflict (account_id) do update set indexed_to = 0 returning account_id as id`,
  );
  return rows.map(([id]) => Number(id) as AccountId);
}

/** The index is empty: everything is pending. */
export async function indexAnew({ db, q }: Store): Promise<void> {
  const { searchStates: s } = db.t;
  await q.exec(
    sql`insert into ${s} (account_id, indexed_to) select id, 0 from accounts where true on conflict (account_id) do update set indexed_to = 0`,
  );
}

/** Mailboxes whose rows are lost, made anew from what lies in them. */
import { sql } from 'drizzle-orm';

import type { AccountId, MailboxId, ModSeq } from '../../base/ids.ts';
import type { Database, Tx } from '../../db/database.ts';
import { roleMailboxes } from '../../mailstore/names.ts';

interface Known {
  accountId: number;
  id: number;
  parentId: number | null;
  name: string;
  role: string | null;
}

/**
 * Every mailbox that a place names, every account's own six, and none below one that is not there. Who they were is known of the six
 * only, which every account is made with: the first six numbers are theirs. @returns how many were made
 */
export async function mailboxesAnew(db: Database, tx: Tx, nameOf: (id: number) => string): Promise<number> {
  const known = await mailboxesByAccount(tx);
  let made = 0;
  for (const [accountId, wanted] of await wantedByAccount(tx)) {
    const there = known.get(accountId) ?? [];
    made += await inAccount(db, tx, { accountId, there, wanted, nameOf });
    await raiseNextId(tx, accountId);
  }
  return made;
}

async function mailboxesByAccount({ q }: Tx): Promise<Map<number, Known[]>> {
  const rows = await q.rows(
    sql`select account_id as account, id as id, parent_id as parent, name as name, role as role from mailboxes order by account_id, id`,
  );
  const found = new Map<number, Known[]>();
  for (const [account, id, parent, name, role] of rows) {
    const one: Known = {
      ...{ accountId: Number(account), id: Number(id), parentId: parent === null ? null : Number(parent) },
      ...{ name: String(name), role: typeof role === 'string' ? role : null },
    };
    found.set(one.accountId, [...(found.get(one.accountId) ?? []), one]);
  }
  return found;
}

interface Filled {
  id: number;
  uid: number;
  modseq: number;
}

/** Of every account there is: the mailboxes that its places name, with what they have given out. */
async function wantedByAccount({ q }: Tx): Promise<Map<number, Filled[]>> {
  const found = new Map<number, Filled[]>();
  for (const [id] of await q.rows(sql`select id as id from accounts order by id`)) found.set(Number(id), []);
  const rows = await q.rows(
    sql`select account_id as account, mailbox_id as mailbox, max(uid) as uid, max(modseq) as modseq from email_mailboxes group by account_id, mailbox_id order by account_id, mailbox_id`,
  );
  for (const [account = 0, id = 0, uid = 0, modseq = 0] of rows.map((row) => row.map(Number)))
    found.get(account)?.push({ id, uid, modseq });
  return found;
}

interface Account {
  accountId: number;
  there: Known[];
  wanted: readonly Filled[];
  nameOf(id: number): string;
}

async function inAccount(db: Database, tx: Tx, { accountId, there, wanted, nameOf }: Account): Promise<number> {
  const ids = new Set(there.map(({ id }) => id));
  const missing = new Map(wanted.filter(({ id }) => !ids.has(id)).map((one) => [one.id, one]));
  roleMailboxes.forEach(({ role }, i) => {
    const isTaken = ids.has(i + 1) || there.some((one) => one.role === role);
    if (!isTaken && !missing.has(i + 1)) missing.set(i + 1, { id: i + 1, uid: 0, modseq: 0 });
  });
  // One that hung below a lost one comes to the top.
  const all = new Set([...ids, ...missing.keys()]);
  for (const one of there) {
    if (one.parentId === null || all.has(one.parentId)) continue;
    one.parentId = null;
    one.name = freeName(there, one.name, one.id);
    await tx.q.exec(
      sql`update mailboxes set parent_id = null, name = ${one.name} where account_id = ${accountId} and id = ${one.id}`,
    );
  }
  for (const { id, uid, modseq } of [...missing.values()].sort((a, b) => a.id - b.id)) {
    const known = roleMailboxes[id - 1];
    const role = known && !there.some((one) => one.role === known.role) ? known.role : null;
    const name = freeName(there, role && known ? known.name : nameOf(id), id);
    there.push({ accountId, id, parentId: null, name, role });
    await tx.q.insert(db.t.mailboxes).values({
      ...{ accountId: accountId as AccountId, id: id as MailboxId, parentId: null, name, role },
      ...{ sortOrder: role && known ? known.sortOrder : 0, isSubscribed: true, uidValidity: 1 },
      ...{ uidNext: uid + 1, recentUid: uid + 1, totalEmails: 0, unreadEmails: 0, totalBytes: 0 },
      highestModseq: modseq as ModSeq,
    });
  }
  return missing.size;
}

/** RFC 8621 §2: one name once among siblings. */
function freeName(there: readonly Known[], name: string, id: number): string {
  const isTaken = there.some((one) => one.id !== id && one.parentId === null && one.name === name);
  return isTaken ? `${name} (${id})` : name;
}

const raiseNextId = ({ q }: Tx, accountId: number): Promise<void> =>
  q.exec(
    sql`update accounts set next_mailbox_id = (select max(m.id) + 1 from mailboxes m where m.account_id = ${accountId})
      where id = ${accountId} and next_mailbox_id <= (select max(m.id) from mailboxes m where m.account_id = ${accountId})`,
  );

/** One more mailbox at the top, for what has no place. @returns its number */
export async function addMailbox(db: Database, tx: Tx, accountId: number, wanted: string): Promise<number> {
  const there = (await mailboxesByAccount(tx)).get(accountId) ?? [];
  const [row] = await tx.q.rows(
    sql`select next_mailbox_id as id, modseq as modseq from accounts where id = ${accountId}`,
  );
  const [id = 0, modseq = 0] = (row ?? []).map(Number);
  await tx.q.insert(db.t.mailboxes).values({
    ...{ accountId: accountId as AccountId, id: id as MailboxId, parentId: null, name: freeName(there, wanted, id) },
    ...{ role: null, sortOrder: 0, isSubscribed: true, uidValidity: 1, uidNext: 1, recentUid: 1 },
    ...{ totalEmails: 0, unreadEmails: 0, totalBytes: 0, highestModseq: modseq as ModSeq },
  });
  await tx.q.exec(sql`update accounts set next_mailbox_id = ${id + 1} where id = ${accountId}`);
  return id;
}

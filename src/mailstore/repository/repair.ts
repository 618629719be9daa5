import { and, eq, notExists, sql, type SQL } from 'drizzle-orm';

import type { AccountId, BlobHash, EmailId, MailboxId, Millis, ModSeq } from '../../base/ids.ts';
import type { ChangeType } from '../../db/tables/mail.ts';
import type { DerivedMessage } from '../../message/types.ts';
import { UNREAD_MASK } from '../keywords.ts';
import type { ToGive } from './accounts.ts';
import { derivedColumns, insertAttachments } from './messages.ts';
import type { Pending } from './pending.ts';
import type { Scope, Store } from './scope.ts';

/** Sets each mailbox's counters to what lies in it. @returns the mailboxes whose counters, or highest mod-sequence, were wrong. */
export async function recountMailboxes({ db, q, accountId }: Scope, modseq: ModSeq): Promise<MailboxId[]> {
  const m = db.t.mailboxes;
  const rows = await q.rows(
    sql`select m.id as id, coalesce(s.n, 0) as n, coalesce(s.unread, 0) as unread, coalesce(s.bytes, 0) as bytes, coalesce(u.uid, 0) as uid
      from mailboxes m left join (
        select p.mailbox_id, count(*) as n, sum(case when (e.flags & ${sql.raw(String(UNREAD_MASK))}) = 0 then 1 else 0 end) as unread, sum(e.size) as bytes
        from email_mailboxes p join emails e on e.account_id = p.account_id and e.id = p.email_id where p.account_id = ${accountId} group by p.mailbox_id
      ) s on s.mailbox_id = m.id left join (
        select mailbox_id, max(uid) as uid, max(modseq) as modseq from (
          select mailbox_id, uid, modseq from email_mailboxes where account_id = ${accountId}
          union all select mailbox_id, uid, modseq from expunged where account_id = ${accountId}
        ) x group by mailbox_id
      ) u on u.mailbox_id = m.id
      where m.account_id = ${accountId} and (m.total_emails <> coalesce(s.n, 0) or m.unread_emails <> coalesce(s.unread, 0)
        or m.total_bytes <> coalesce(s.bytes, 0) or m.uid_next <= coalesce(u.uid, 0)
        or m.highest_modseq < coalesce(u.modseq, 0) or m.highest_modseq > ${modseq})`,
  );
  const wrong: MailboxId[] = [];
  for (const [id, totalEmails, unreadEmails, totalBytes, uid] of rows.map((row) => row.map(Number))) {
    const mailboxId = id as MailboxId;
    await q
      .update(m)
      .set({
        totalEmails,
        unreadEmails,
        totalBytes,
        uidNext: sql`case when ${m.uidNext} <= ${uid} then ${uid} + 1 else ${m.uidNext} end`,
      })
      .where(and(eq(m.accountId, accountId), eq(m.id, mailboxId)));
    wrong.push(mailboxId);
  }
  return wrong;
}

export async function countAccount({ db, q, accountId }: Scope): Promise<{ emails: number; bytes: number }> {
  const e = db.t.emails;
  const rows = await q
    .select({ emails: sql`count(*)`.mapWith(Number), bytes: sql`coalesce(sum(${e.size}), 0)`.mapWith(Number) })
    .from(e)
    .where(eq(e.accountId, accountId));
  return rows[0] ?? { emails: 0, bytes: 0 };
}

/** What the account has to give next at least: behind all that is there, and all that clients heard of. */
export async function leastToGive({ q, accountId }: Scope): Promise<ToGive> {
  const newest = (table: string, column: string): SQL =>
    sql`(select max(${sql.raw(column)}) from ${sql.raw(table)} where account_id = ${accountId})`;
  const told = (type: ChangeType): SQL =>
    sql`(select max(object_id) from changes where account_id = ${accountId} and type = ${type})`;
  const [row] = await q.rows(
    sql`select ${newest('mailboxes', 'id')} as m1, ${newest('expunged', 'mailbox_id')} as m2, ${told('Mailbox')} as m3,
      ${newest('emails', 'id')} as e1, ${told('Email')} as e2,
      ${newest('emails', 'thread_id')} as t1, ${newest('thread_refs', 'thread_id')} as t2, ${told('Thread')} as t3,
      ${newest('submissions', 'id')} as s1, ${told('EmailSubmission')} as s2, ${newest('mailboxes', 'uid_validity')} as v1`,
  );
  const numbers = (row ?? []).map(Number);
  const last = (from: number, to: number): number => Math.max(0, ...numbers.slice(from, to));
  return {
    nextMailboxId: last(0, 3) + 1,
    nextEmailId: last(3, 5) + 1,
    nextThreadId: last(5, 8) + 1,
    nextSubmissionId: last(8, 10) + 1,
    lastUidValidity: last(10, 11),
  };
}

/** Messages of emails whose derived row is missing or of an older version, in the order of their hashes. */
export async function toDerive({ db, q }: Store, version: number, after: string, limit: number): Promise<BlobHash[]> {
  const { emails: e, messages: m } = db.t;
  const rows = await q.rows(
    sql`select distinct ${e.blobHash} as hash from ${e} left join ${m} on ${m.hash} = ${e.blobHash}
      where ${e.blobHash} > ${after} and (${m.hash} is null or ${m.derivedVersion} < ${version}) order by hash limit ${limit}`,
  );
  return rows.map(([hash]) => String(hash) as BlobHash);
}

/** Emails whose text is not in the index, or not kept: those after this one, in order. */
export async function toIndex(
  { db, q }: Store,
  after: Pick<Pending, 'accountId' | 'searchId'>,
  limit: number,
): Promise<Pending[]> {
  const known =
    db.dialect === 'pg'
      ? sql`not exists (select 1 from email_search i where i.owner = e.account_id and i.id = e.search_id)`
      : sql`not exists (select 1 from email_search i where i.rowid = e.account_id * 4294967296 + e.search_id)
          or not exists (select 1 from email_marks i where i.rowid = e.account_id * 4294967296 + e.search_id)`;
  const rows = await q.rows(
    sql`select e.account_id as account, e.search_id as id, min(e.blob_hash) as hash from emails e
      join search_states s on s.account_id = e.account_id and e.search_id <= s.indexed_to
      where (e.account_id > ${after.accountId} or (e.account_id = ${after.accountId} and e.search_id > ${after.searchId}))
        and (${known} or not exists (select 1 from message_texts t where t.hash = e.blob_hash))
      group by e.account_id, e.search_id order by e.account_id, e.search_id limit ${limit}`,
  );
  return rows.map(([accountId, id, hash]) => ({
    accountId: Number(accountId) as AccountId,
    searchId: Number(id) as EmailId,
    hash: String(hash) as BlobHash,
  }));
}

/** Takes out of the index what no email has. @returns how many. */
export async function dropStrays({ db, q }: Store): Promise<number> {
  const { messageTexts: t, messages: m } = db.t;
  const strays = await q
    .delete(t)
    .where(
      notExists(
        q
          .select({ one: sql`1` })
          .from(m)
          .where(eq(m.hash, t.hash)),
      ),
    )
    .returning({ hash: t.hash });
  if (db.dialect === 'pg') {
    const rows = await q.rows(
      sql`delete from email_search i where not exists (select 1 from emails e where e.account_id = i.owner and e.search_id = i.id) returning i.id as id`,
    );
    return strays.length + rows.length;
  }
  const of = (table: SQL) =>
    sql`select rowid as id from ${table} i where not exists (select 1 from emails e where e.account_id = i.rowid / 4294967296 and e.search_id = i.rowid % 4294967296)`;
  let dropped = 0;
  for (const table of [sql`email_search`, sql`email_marks`]) {
    for (const [id] of await q.rows(of(table))) {
      await q.exec(sql`delete from ${table} where rowid = ${id}`);
      dropped++;
    }
  }
  return strays.length + dropped;
}

export async function searchIdsOf(
  { db, q }: Store,
  hash: BlobHash,
): Promise<{ accountId: AccountId; searchId: EmailId }[]> {
  const e = db.t.emails;
  return q.selectDistinct({ accountId: e.accountId, searchId: e.searchId }).from(e).where(eq(e.blobHash, hash));
}

/** The shared row, made anew or rewritten; a verdict that was there stays. */
export async function writeDerived(
  { db, q }: Store,
  hash: BlobHash,
  derived: DerivedMessage,
  now: Millis,
): Promise<void> {
  const { messages: m, messageAttachments: a } = db.t;
  const columns = derivedColumns(derived);
  await q
    .insert(m)
    .values({
      ...columns,
      hash,
      size: derived.size,
      hasDocument: derived.attachments.some((f) => f.document !== undefined),
      isSigned: false,
      verdict: null,
      verdictAt: null,
      createdAt: now,
    })
    .onConflictDoUpdate({ target: m.hash, set: { ...columns, size: derived.size } });
  await q.delete(a).where(eq(a.messageHash, hash));
  await insertAttachments({ db, q }, hash, derived);
}

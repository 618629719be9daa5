import { and, asc, eq, gte, sql } from 'drizzle-orm';

import type { BlobHash, EmailId, MailboxId, Millis, ThreadId } from '../../base/ids.ts';
import { inserter } from '../../db/prepared.ts';
import { UNREAD_MASK } from '../keywords.ts';
import { ask, idList, inIds, type Scope } from './scope.ts';

/** The oldest thread that knows any of these references. */
export async function threadOfRefs(scope: Scope, refs: readonly string[]): Promise<ThreadId | undefined> {
  // Lists are made longer by their last one, so that few texts serve all.
  const length = 2 ** Math.ceil(Math.log2(refs.length));
  const given = Array.from({ length }, (_, i) => refs[i] ?? refs.at(-1));
  const marks = given.length === 1 ? '= ?' : `in (${given.map(() => '?').join()})`;
  const [row] = await ask(
    scope,
    `select min("thread_id") from "thread_refs" where "account_id" = ? and "ref" ${marks}`,
    [scope.accountId, ...given],
  );
  return typeof row?.[0] === 'number' ? (row[0] as ThreadId) : undefined;
}

const insert = inserter('threadRefs', ['accountId', 'ref', 'threadId'], 'on conflict do nothing');

export async function insertThreadRefs(scope: Scope, threadId: ThreadId, refs: readonly string[]): Promise<void> {
  const { accountId } = scope;
  await insert(
    scope,
    refs.map((ref) => ({ accountId, ref, threadId })),
  );
}

export async function deleteThreadRefs({ db, q, accountId }: Scope, threadIds: readonly ThreadId[]): Promise<void> {
  const r = db.t.threadRefs;
  await q.delete(r).where(and(eq(r.accountId, accountId), inIds(db.dialect, r.threadId, threadIds)));
}

export async function sameMessageId(
  { db, q, accountId }: Scope,
  threadId: ThreadId,
  messageId: string,
  since: Millis,
): Promise<{ emailId: EmailId; hash: BlobHash }[]> {
  const { emails: e, messages: m } = db.t;
  const rows = await q
    .select({ emailId: e.id, hash: e.blobHash, ids: m.messageIds })
    .from(e)
    .innerJoin(m, eq(m.hash, e.blobHash))
    .where(and(eq(e.accountId, accountId), eq(e.threadId, threadId), gte(e.receivedAt, since)))
    .orderBy(asc(e.id));
  // The own id stands first among all that are named.
  return rows.filter(({ ids }) => ids.split(' ')[0] === messageId).map(({ emailId, hash }) => ({ emailId, hash }));
}

/** Oldest first (RFC 8621 §3). */
export async function threadEmails(
  { db, q, accountId }: Scope,
  ids: readonly ThreadId[],
): Promise<Map<ThreadId, EmailId[]>> {
  const e = db.t.emails;
  const rows = await q
    .select({ threadId: e.threadId, id: e.id })
    .from(e)
    .where(and(eq(e.accountId, accountId), inIds(db.dialect, e.threadId, ids)))
    .orderBy(asc(e.receivedAt), asc(e.id));
  const found = new Map<ThreadId, EmailId[]>();
  for (const { threadId, id } of rows) {
    const list = found.get(threadId);
    if (list) list.push(id);
    else found.set(threadId, [id]);
  }
  return found;
}

/** Of these threads those that still have an email; a thread may be as long as a mailbox, and is not read for that. */
export async function threadsWithEmail(scope: Scope, ids: readonly ThreadId[]): Promise<Set<ThreadId>> {
  const { dialect } = scope.db;
  const list = dialect === 'sqlite' ? 'json_each(?) t' : 'unnest(?::bigint[]) as t(value)';
  const rows = await ask(
    scope,
    `select t.value from ${list}
    where exists (select 1 from "emails" e where e."account_id" = ? and e."thread_id" = t.value)`,
    [idList(dialect, ids), scope.accountId],
  );
  return new Set(rows.map(([id]) => Number(id) as ThreadId));
}

/**
 * RFC 8621 §2 leaves open how "unread threads" are counted; we take the first of its ways: threads with an unread email in this
 * very mailbox. So the number moves only with this mailbox's own emails.
 */
export async function threadCountRows(
  { db, q, accountId }: Scope,
  ids: readonly MailboxId[] | undefined,
): Promise<Map<MailboxId, { total: number; unread: number }>> {
  const { emailMailboxes: p, emails: e } = db.t;
  const rows = await q
    .select({
      mailboxId: p.mailboxId,
      total: sql`count(distinct ${e.threadId})`.mapWith(Number),
      unread:
        sql`count(distinct case when ${e.flags} & ${sql.raw(String(UNREAD_MASK))} = 0 then ${e.threadId} end)`.mapWith(
          Number,
        ),
    })
    .from(p)
    .innerJoin(e, and(eq(e.accountId, p.accountId), eq(e.id, p.emailId)))
    .where(and(eq(p.accountId, accountId), ids && inIds(db.dialect, p.mailboxId, ids)))
    .groupBy(p.mailboxId);
  return new Map(rows.map(({ mailboxId, total, unread }) => [mailboxId, { total, unread }]));
}

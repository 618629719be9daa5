/**
 * What rows that are there say about rows that are lost. Statements for a database that nobody else uses yet; each step is one unit
 * of work.
 */
import { sql, type SQL } from 'drizzle-orm';

import type { BlobHash } from '../../base/ids.ts';
import type { Database, Query, Tx } from '../../db/database.ts';
import type { AccountKind } from '../../db/tables/mail.ts';
import { BLOBS, insertAll, tableShapes } from './tables.ts';

const numbers = (rows: readonly unknown[][]): number[][] => rows.map((row) => row.map(Number));
const changed = (rows: readonly unknown[][]): number => rows.length;

/** Named by mail, documents, the queue or other content, and without a row. */
export async function unknownContent(q: Query): Promise<BlobHash[]> {
  const rows = await q.rows(
    sql`select n.hash as hash from (
        select blob_hash as hash from emails union select hash from messages union select blob_hash from outbound_messages
        union select hash from document_files union select hash from uploads
        union select hash from blob_parts union select content_hash from blob_parts
      ) n where not exists (select 1 from blobs b where b.hash = n.hash) order by hash`,
  );
  return rows.map(([hash]) => String(hash) as BlobHash);
}

/** Of those, what somebody would ask for: the rest may have been swept long ago. */
export async function lackedContent(q: Query): Promise<BlobHash[]> {
  const rows = await q.rows(
    sql`select n.hash as hash from (
        select blob_hash as hash from emails union select hash from document_files
        union select m.blob_hash from outbound_messages m join outbound_recipients r on r.outbound_id = m.id and r.state = 'queued'
        union select p.content_hash from blob_parts p join blobs b on b.hash = p.hash
      ) n where not exists (select 1 from blobs b where b.hash = n.hash) order by hash`,
  );
  return rows.map(([hash]) => String(hash) as BlobHash);
}

export interface ContentRow {
  hash: string;
  size: number;
  names: readonly string[];
  createdAt: number;
  /** Null: it lies in the folder. */
  data: Buffer | null;
}

export async function insertContent(db: Database, tx: Tx, { hash, size, names, createdAt, data }: ContentRow) {
  const row = new Map<string, unknown>([
    ...Object.entries({ hash, size, parts: names.length, created_at: createdAt, data }),
  ]);
  await insertRow(db, tx, BLOBS, row);
  for (const name of names)
    await tx.q.exec(
      sql`insert into blob_parts (hash, content_hash) values (${hash}, ${name}) on conflict (hash, content_hash) do nothing`,
    );
}

async function insertRow(db: Database, tx: Tx, name: string, row: ReadonlyMap<string, unknown>): Promise<void> {
  const shape = tableShapes(db.dialect).find((one) => one.name === name);
  if (!shape) throw new Error(`there is no table ${name}`);
  const columns = shape.columns.filter((column) => row.has(column.name));
  await insertAll(db, tx, { name, columns }, [columns.map((column) => row.get(column.name))]);
}

/** Accounts that others name: @returns the number and what it belongs to. */
export async function lostAccounts(q: Query): Promise<{ id: number; kind: AccountKind; isClosed: boolean }[]> {
  const rows = await q.rows(
    sql`select n.id as id,
        case when exists (select 1 from units u where u.account_id = n.id) then 'unit'
          when exists (select 1 from title_mailboxes t where t.account_id = n.id) then 'title' else 'person' end as kind,
        case when exists (select 1 from officials o where o.account_id = n.id and o.status = 'disabled') then 1 else 0 end as closed
      from (select account_id as id from mailboxes union select account_id from emails union select account_id from email_mailboxes
        union select account_id from officials union select account_id from units union select account_id from title_mailboxes
        union select account_id from addresses) n
      where n.id is not null and not exists (select 1 from accounts a where a.id = n.id) order by n.id`,
  );
  return rows.map(([id, kind, closed]) => ({
    id: Number(id),
    kind: kind as AccountKind,
    isClosed: Number(closed) === 1,
  }));
}

/** Every counter above all that the account's rows have. */
export async function insertAccount(
  db: Database,
  tx: Tx,
  { id, kind, isClosed }: Awaited<ReturnType<typeof lostAccounts>>[number],
  { quotaBytes, createdAt }: { quotaBytes: number; createdAt: number },
): Promise<void> {
  const most = (column: SQL, table: SQL) =>
    sql`coalesce((select max(${column}) from ${table} x where x.account_id = ${id}), 0)`;
  const [found] = numbers(
    await tx.q.rows(
      sql`select ${most(sql`x.modseq`, sql`emails`)} as a, ${most(sql`x.modseq`, sql`email_mailboxes`)} as b,
        ${most(sql`x.highest_modseq`, sql`mailboxes`)} as c, ${most(sql`x.id`, sql`mailboxes`)} as d,
        ${most(sql`x.mailbox_id`, sql`email_mailboxes`)} as e, ${most(sql`x.id`, sql`emails`)} as f,
        ${most(sql`x.email_id`, sql`email_mailboxes`)} as g, ${most(sql`x.thread_id`, sql`emails`)} as h,
        ${most(sql`x.id`, sql`submissions`)} as i, ${most(sql`x.uid_validity`, sql`mailboxes`)} as j,
        ${most(sql`x.search_id`, sql`emails`)} as k`,
    ),
  );
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0] = found ?? [];
  const modseq = Math.max(a, b, c);
  const row = {
    ...{ id, kind, status: isClosed ? 'disabled' : 'active', modseq, changes_floor: modseq },
    ...{ next_mailbox_id: Math.max(d, e) + 1, next_email_id: Math.max(f, g, k) + 1, next_thread_id: h + 1 },
    ...{ next_submission_id: i + 1, quota_bytes: quotaBytes, used_bytes: 0, email_count: 0 },
    ...{ last_uid_validity: j, created_at: createdAt },
  };
  await insertRow(db, tx, 'accounts', new Map(Object.entries(row)));
}

/** Places of emails that are not there any more, and what else spoke of them. @returns how many places */
export async function dropEmptyPlaces({ q }: Tx): Promise<number> {
  const places = await q.rows(
    sql`delete from email_mailboxes where not exists (
      select 1 from emails e where e.account_id = email_mailboxes.account_id and e.id = email_mailboxes.email_id) returning uid as uid`,
  );
  await q.exec(
    sql`delete from thread_refs where not exists (
      select 1 from emails e where e.account_id = thread_refs.account_id and e.thread_id = thread_refs.thread_id)`,
  );
  return changed(places);
}

/** Messages in the store that no mailbox names. */
export async function unheldMessages(q: Query): Promise<number> {
  const rows = await q.rows(
    sql`select count(*) as n from messages m where not exists (select 1 from emails e where e.blob_hash = m.hash)`,
  );
  return Number(rows[0]?.[0]);
}

/** Emails that lie in no mailbox any more, by account. */
export async function unplaced(q: Query): Promise<{ accountId: number; count: number }[]> {
  const rows = await q.rows(
    sql`select e.account_id as account, count(*) as n from emails e where not exists (
      select 1 from email_mailboxes p where p.account_id = e.account_id and p.email_id = e.id)
      and exists (select 1 from accounts a where a.id = e.account_id) group by e.account_id order by e.account_id`,
  );
  return numbers(rows).map(([accountId = 0, count = 0]) => ({ accountId, count }));
}

export async function placeAll({ q }: Tx, accountId: number, mailboxId: number, savedAt: number): Promise<void> {
  await q.exec(
    sql`insert into email_mailboxes (account_id, mailbox_id, uid, email_id, received_at, saved_at, deleted, modseq)
      select e.account_id, ${mailboxId}, row_number() over (order by e.received_at, e.id), e.id, e.received_at, ${savedAt}, false, e.modseq
      from emails e where e.account_id = ${accountId} and not exists (
        select 1 from email_mailboxes p where p.account_id = e.account_id and p.email_id = e.id)`,
  );
}

/** Keywords that the emails themselves bear. */
export async function noteKeywords({ dialect }: Database, { q }: Tx): Promise<void> {
  const each =
    dialect === 'pg' ? sql`json_array_elements_text(e.keywords::json) as k(value)` : sql`json_each(e.keywords) as k`;
  await q.exec(
    sql`insert into account_keywords (account_id, keyword) select distinct e.account_id, k.value from emails e, ${each}
      where e.keywords <> '[]' on conflict (account_id, keyword) do nothing`,
  );
}

/** Older than any release: what is derived from these messages is made anew. */
const OUTDATED = -1;

/** Messages of whose files nothing is known: some have none, which only a look at their octets can tell. */
export async function deriveFilesAnew({ q }: Tx, besides: readonly string[]): Promise<void> {
  await q.exec(
    sql`update messages set derived_version = ${OUTDATED} where derived_version > 0
      and not exists (select 1 from message_attachments a where a.message_hash = messages.hash)`,
  );
  for (const hash of besides)
    await q.exec(sql`update messages set derived_version = ${OUTDATED} where derived_version > 0 and hash = ${hash}`);
}

/** What nobody can send without its other half. @returns how many */
export async function dropHalfQueued({ q }: Tx): Promise<number> {
  const recipients = await q.rows(
    sql`delete from outbound_recipients where not exists (
      select 1 from outbound_messages m where m.id = outbound_recipients.outbound_id) returning id as id`,
  );
  return changed(recipients);
}

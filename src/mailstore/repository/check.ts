/**
 * What must always hold between the tables. Each finding comes from one statement, so it is true of one moment even while
 * others write.
 */
import { sql, type SQL } from 'drizzle-orm';

import type { AccountId } from '../../base/ids.ts';
import type { Dialect } from '../../db/kit.ts';
import type { ChangeType } from '../../db/tables/mail.ts';
import { UNREAD_MASK } from '../keywords.ts';
import { UNREAD_VERSION } from '../preparing/head.ts';
import type { Store } from './scope.ts';

/** Findings of one kind that are listed; a broken table need not be printed whole. */
const MAX_FINDINGS = 200;

export interface Rule {
  /** Selects `account`, then what the sentence names. */
  statement: SQL;
  sentence(values: readonly unknown[]): string;
}

const unread = sql.raw(`case when (e.flags & ${UNREAD_MASK}) = 0 then 1 else 0 end`);

/** The newest object of a kind that the log speaks of, there still or not. */
const toldOf = (type: ChangeType) => sql`max(case when type = ${type} then object_id end)`;

const counterRules: Rule[] = [
  {
    statement: sql`select a.id as account, a.email_count as counted, a.used_bytes as used, coalesce(s.n, 0) as emails, coalesce(s.bytes, 0) as bytes
      from accounts a left join (select account_id, count(*) as n, sum(size) as bytes from emails group by account_id) s on s.account_id = a.id
      where a.email_count <> coalesce(s.n, 0) or a.used_bytes <> coalesce(s.bytes, 0)`,
    sentence: ([count, used, n, bytes]) =>
      `the account counts ${str(count)} emails of ${str(used)} bytes, but has ${str(n)} of ${str(bytes)}`,
  },
  {
    statement: sql`select m.account_id as account, m.id as id, m.total_emails as counted, coalesce(s.n, 0) as emails, m.unread_emails as counted_unread, coalesce(s.unread, 0) as unread, m.total_bytes as counted_bytes, coalesce(s.bytes, 0) as bytes
      from mailboxes m left join (
        select p.account_id, p.mailbox_id, count(*) as n, sum(${unread}) as unread, sum(e.size) as bytes
        from email_mailboxes p join emails e on e.account_id = p.account_id and e.id = p.email_id group by p.account_id, p.mailbox_id
      ) s on s.account_id = m.account_id and s.mailbox_id = m.id
      where m.total_emails <> coalesce(s.n, 0) or m.unread_emails <> coalesce(s.unread, 0) or m.total_bytes <> coalesce(s.bytes, 0)`,
    sentence: ([id, total, n, countedUnread, isUnread, bytes, realBytes]) =>
      `mailbox ${str(id)} counts ${str(total)} emails, ${str(countedUnread)} unread, ${str(bytes)} bytes, but has ${str(n)}, ${str(isUnread)}, ${str(realBytes)}`,
  },
  {
    statement: sql`select m.account_id as account, m.id as id, m.uid_next as uid_next, s.uid as uid
      from mailboxes m join (
        select account_id, mailbox_id, max(uid) as uid from (
          select account_id, mailbox_id, uid from email_mailboxes union all select account_id, mailbox_id, uid from expunged
        ) u group by account_id, mailbox_id
      ) s on s.account_id = m.account_id and s.mailbox_id = m.id
      where m.uid_next <= s.uid`,
    sentence: ([id, next, uid]) =>
      `mailbox ${str(id)} would give UID ${str(next)} again: ${str(uid)} was given already`,
  },
  {
    statement: sql`select m.account_id as account, m.id as id, m.highest_modseq as highest, s.modseq as place, a.modseq as account_modseq
      from mailboxes m join accounts a on a.id = m.account_id left join (
        select account_id, mailbox_id, max(modseq) as modseq from (
          select account_id, mailbox_id, modseq from email_mailboxes union all select account_id, mailbox_id, modseq from expunged
        ) u group by account_id, mailbox_id
      ) s on s.account_id = m.account_id and s.mailbox_id = m.id
      where m.highest_modseq < coalesce(s.modseq, 0) or m.highest_modseq > a.modseq`,
    sentence: ([id, highest, place, account]) =>
      `mailbox ${str(id)} has highest mod-sequence ${str(highest)}, its contents ${str(place)}, its account ${str(account)}`,
  },
  {
    statement: sql`select a.id as account, a.next_email_id as next_email, s.email as email
      from accounts a
      left join (select account_id, max(id) as email, max(thread_id) as thread from emails group by account_id) s on s.account_id = a.id
      left join (select account_id, max(id) as mailbox, max(uid_validity) as uid_validity from mailboxes group by account_id) m on m.account_id = a.id
      left join (select account_id, max(id) as submission from submissions group by account_id) h on h.account_id = a.id
      left join (
        select account_id, ${toldOf('Email')} as email, ${toldOf('Thread')} as thread, ${toldOf('Mailbox')} as mailbox, ${toldOf('EmailSubmission')} as submission
        from changes group by account_id
      ) c on c.account_id = a.id
      where a.next_email_id <= coalesce(s.email, 0) or a.next_email_id <= coalesce(c.email, 0)
        or a.next_thread_id <= coalesce(s.thread, 0) or a.next_thread_id <= coalesce(c.thread, 0)
        or a.next_mailbox_id <= coalesce(m.mailbox, 0) or a.next_mailbox_id <= coalesce(c.mailbox, 0)
        or a.next_submission_id <= coalesce(h.submission, 0) or a.next_submission_id <= coalesce(c.submission, 0)
        or a.last_uid_validity < coalesce(m.uid_validity, 0)`,
    sentence: ([next, email]) => `the account would give an id again (next email ${str(next)}, newest ${str(email)})`,
  },
];

const orphanRules: Rule[] = [
  {
    statement: sql`select p.account_id as account, p.mailbox_id as mailbox, p.uid as uid, p.email_id as email from email_mailboxes p
      left join emails e on e.account_id = p.account_id and e.id = p.email_id
      left join mailboxes m on m.account_id = p.account_id and m.id = p.mailbox_id
      where e.id is null or m.id is null or e.received_at <> p.received_at`,
    sentence: ([mailbox, uid, email]) =>
      `UID ${str(uid)} of mailbox ${str(mailbox)} names email ${str(email)}: email or mailbox is missing or differs`,
  },
  {
    statement: sql`select p.account_id as account, p.mailbox_id as mailbox, p.uid as uid from email_mailboxes p
      join expunged x on x.account_id = p.account_id and x.mailbox_id = p.mailbox_id and x.uid = p.uid`,
    sentence: ([mailbox, uid]) => `UID ${str(uid)} of mailbox ${str(mailbox)} is there and said to be gone`,
  },
  {
    statement: sql`select e.account_id as account, e.id as email from emails e
      where not exists (select 1 from email_mailboxes p where p.account_id = e.account_id and p.email_id = e.id)`,
    sentence: ([email]) => `email ${str(email)} lies in no mailbox`,
  },
  {
    statement: sql`select e.account_id as account, e.id as email, e.blob_hash as hash from emails e
      left join messages m on m.hash = e.blob_hash left join blobs b on b.hash = e.blob_hash
      where m.hash is null or b.hash is null or b.size <> e.size or m.size <> e.size`,
    sentence: ([email, hash]) =>
      `email ${str(email)}: the stored message ${str(hash)} or what was derived from it is missing or of another size`,
  },
  {
    statement: sql`select e.account_id as account, e.id as email, e.blob_hash as hash from emails e
      join messages m on m.hash = e.blob_hash where m.derived_version = ${UNREAD_VERSION}`,
    sentence: ([email, hash]) =>
      `email ${str(email)}: the message ${str(hash)} is whole but could not be taken apart, only its header is known`,
  },
  {
    statement: sql`select m.account_id as account, m.id as id, m.parent_id as parent from mailboxes m
      left join mailboxes p on p.account_id = m.account_id and p.id = m.parent_id where m.parent_id is not null and p.id is null`,
    sentence: ([id, parent]) => `mailbox ${str(id)} lies below ${str(parent)}, which does not exist`,
  },
  {
    statement: sql`select r.account_id as account, r.thread_id as thread from thread_refs r
      where not exists (select 1 from emails e where e.account_id = r.account_id and e.thread_id = r.thread_id)
      group by r.account_id, r.thread_id`,
    sentence: ([thread]) => `references of thread ${str(thread)} remain, but no email`,
  },
];

/** Objects that the log, as far as it goes back, says were destroyed; for `in`, which both engines hash. */
const destroyed = (type: 'Email' | 'Mailbox' | 'Thread') =>
  sql`(select account_id, object_id from changes where type = ${type} and action = 'destroyed')`;

/** What the log speaks of without a word that it went. */
const alive = (type: 'Email' | 'Mailbox' | 'Thread') => sql`(
  select c.account_id, c.object_id, max(c.modseq) as modseq from changes c
  where c.type = ${type} and (c.account_id, c.object_id) not in ${destroyed(type)} group by c.account_id, c.object_id)`;

const logRules: Rule[] = [
  {
    statement: sql`select e.account_id as account, e.id as email, e.modseq as modseq from emails e join accounts a on a.id = e.account_id
      where e.modseq > a.modseq or (e.modseq > a.changes_floor and not exists (
        select 1 from changes c where c.account_id = e.account_id and c.type = 'Email' and c.modseq = e.modseq and c.object_id = e.id and c.action <> 'destroyed'))`,
    sentence: ([email, modseq]) => `email ${str(email)} changed at ${str(modseq)}, but the log does not say so`,
  },
  {
    statement: sql`select e.account_id as account, e.id as email from emails e
      where (e.account_id, e.id) in ${destroyed('Email')}
      union all select c.account_id as account, c.object_id as email from ${alive('Email')} c
      left join emails e on e.account_id = c.account_id and e.id = c.object_id where e.id is null`,
    sentence: ([email]) => `the log and the table disagree whether email ${str(email)} exists`,
  },
  {
    statement: sql`select m.account_id as account, m.id as id from mailboxes m
      where (m.account_id, m.id) in ${destroyed('Mailbox')}
      union all select c.account_id as account, c.object_id as id from ${alive('Mailbox')} c
      left join mailboxes m on m.account_id = c.account_id and m.id = c.object_id where m.id is null`,
    sentence: ([id]) => `the log and the table disagree whether mailbox ${str(id)} exists`,
  },
  {
    statement: sql`select t.account_id as account, t.thread_id as thread
      from (select e.account_id, e.thread_id, max(e.created_modseq) as modseq from emails e group by e.account_id, e.thread_id) t
      join accounts a on a.id = t.account_id
      left join ${alive('Thread')} c on c.account_id = t.account_id and c.object_id = t.thread_id
      where t.modseq > a.changes_floor and (c.modseq is null or c.modseq < t.modseq)
      union all select c.account_id as account, c.object_id as thread from ${alive('Thread')} c
      left join emails e on e.account_id = c.account_id and e.thread_id = c.object_id where e.id is null`,
    sentence: ([thread]) => `the log and the emails disagree on thread ${str(thread)}`,
  },
  {
    statement: sql`select c.account_id as account, max(c.modseq) as logged, min(c.modseq) as oldest, max(a.modseq) as modseq, max(a.changes_floor) as changes_floor from changes c
      join accounts a on a.id = c.account_id group by c.account_id
      having max(c.modseq) > max(a.modseq) or min(c.modseq) <= max(a.changes_floor)`,
    sentence: ([logged, oldest, modseq, floor]) =>
      `the log runs from ${str(oldest)} to ${str(logged)}, the account from ${str(floor)} to ${str(modseq)}`,
  },
];

const SPAN = sql.raw(String(2 ** 32));

function searchRules(dialect: Dialect): Rule[] {
  // SQLite's index knows an entry by owner and id in one number.
  const ofEmail =
    dialect === 'pg'
      ? sql`i.owner = e.account_id and i.id = e.search_id`
      : sql`i.rowid = e.account_id * ${SPAN} + e.search_id`;
  const [owner, id] = dialect === 'pg' ? [sql`i.owner`, sql`i.id`] : [sql`i.rowid / ${SPAN}`, sql`i.rowid % ${SPAN}`];
  return [
    {
      statement: sql`select e.account_id as account, e.id as email from emails e join search_states s on s.account_id = e.account_id
        where e.search_id <= s.indexed_to and not exists (select 1 from message_texts t where t.hash = e.blob_hash)`,
      sentence: ([email]) => `the searched text of email ${str(email)} is missing`,
    },
    {
      statement: sql`select 0 as account, t.hash as hash from message_texts t where not exists (select 1 from messages m where m.hash = t.hash)`,
      sentence: ([hash]) => `the searched text of ${str(hash)} belongs to no message`,
    },
    ...marksRules(dialect),
    {
      statement: sql`select e.account_id as account, e.id as email from emails e join search_states s on s.account_id = e.account_id
        where e.search_id <= s.indexed_to and not exists (select 1 from email_search i where ${ofEmail})`,
      sentence: ([email]) => `email ${str(email)} is not in the search index`,
    },
    {
      statement: sql`select a.id as account, s.indexed_to as indexed from accounts a left join search_states s on s.account_id = a.id
        where s.account_id is null or s.indexed_to >= a.next_email_id`,
      sentence: ([indexed]) => `the search index says that it reaches to email ${str(indexed)}`,
    },
    {
      statement: sql`select ${owner} as account, ${id} as id from email_search i
        where not exists (select 1 from emails e where e.account_id = ${owner} and e.search_id = ${id})`,
      sentence: ([text]) => `the search index holds text ${str(text)}, which no email has`,
    },
  ];
}

/** SQLite keeps the words as they are written in a table of their own. */
function marksRules(dialect: Dialect): Rule[] {
  if (dialect === 'pg') return [];
  return [
    {
      statement: sql`select rowid / ${SPAN} as account, rowid % ${SPAN} as id from (
        select rowid from email_search except select rowid from email_marks)`,
      sentence: ([text]) => `the search index lacks the marks of text ${str(text)}`,
    },
    {
      statement: sql`select rowid / ${SPAN} as account, rowid % ${SPAN} as id from (
        select rowid from email_marks except select rowid from email_search)`,
      sentence: ([text]) => `the search index holds marks of text ${str(text)}, but not its words`,
    },
  ];
}

const str = (value: unknown): string => (value == null ? 'nothing' : `${value as string | number}`);

export async function* violations({ db, q }: Store): AsyncGenerator<{ accountId: AccountId; finding: string }> {
  for (const { statement, sentence } of [...counterRules, ...orphanRules, ...logRules, ...searchRules(db.dialect)]) {
    const rows = await q.rows(sql`${statement} limit ${MAX_FINDINGS}`);
    for (const [account, ...values] of rows)
      yield { accountId: Number(account) as AccountId, finding: sentence(values) };
  }
}

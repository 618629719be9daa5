/** RFC 8621 §4.4.1: a filter as one SQL condition over emails `e`, their shared row `m` and, in one mailbox, the place `p`. */
import { and, eq, gte, lt, not, or, sql, type SQL } from 'drizzle-orm';

import type { MailboxId } from '../../../base/ids.ts';
import { fold } from '../../../base/text.ts';
import { emailIndexes } from '../../../db/email-index.ts';
import { filterInvalid } from '../../errors.ts';
import { keywordBit, normalKeyword } from '../../keywords.ts';
import type { EmailCondition, EmailFilter } from '../../types.ts';
import { clausesOf } from '../../text/typed.ts';
import { contains, inIds, type Scope } from '../scope.ts';

const MAX_CONDITIONS = 200;
/** Each is a condition of its own below: a thousand are more than SQLite nests, ten thousand more than PostgreSQL does. */
const MAX_WORDS = 500;
const MAX_DEPTH = 20;

export interface FilterContext {
  readonly scope: Scope;
  /** The mailbox whose places drive the query, if one does. */
  readonly place: MailboxId | undefined;
}

const isOperator = (filter: EmailFilter): filter is Exclude<EmailFilter, EmailCondition> => 'operator' in filter;
export { isOperator };

export function checkFilter(filter: EmailFilter): void {
  let left = MAX_CONDITIONS;
  let words = 0;
  const walk = (f: EmailFilter, depth: number): void => {
    if (--left < 0) throw filterInvalid('too many conditions');
    if (depth > MAX_DEPTH) throw filterInvalid('nested too deeply');
    if (isOperator(f)) for (const c of f.conditions) walk(c, depth + 1);
    else words += wordsIn(f);
    if (words > MAX_WORDS) throw filterInvalid('too many words');
  };
  walk(filter, 0);
}

/** Words, and what stands between them but white space. */
function wordsIn({ text, body, subject, from, to, cc, bcc, header }: EmailCondition): number {
  return [text, body, subject, from, to, cc, bcc, header?.[1]].reduce(
    (sum, typed) => sum + (typed?.match(/[\p{L}\p{N}\p{M}]+|[^\p{L}\p{N}\p{M}\s]+/gu)?.length ?? 0),
    0,
  );
}

export function filterSql(context: FilterContext, filter: EmailFilter): SQL | undefined {
  if (!isOperator(filter)) return and(...conditions(context, filter));
  const parts = filter.conditions.map((f) => filterSql(context, f) ?? sql`1 = 1`);
  switch (filter.operator) {
    case 'AND':
      return and(...parts);
    case 'OR':
      return parts.length === 0 ? sql`1 = 0` : or(...parts);
    case 'NOT':
      // RFC 8620 §5.5: none of the conditions may match.
      return parts.length === 0 ? undefined : not(or(...parts) ?? sql`1 = 0`);
  }
}

function conditions(context: FilterContext, c: EmailCondition): (SQL | undefined)[] {
  if (c.header) throw new Error('header conditions are resolved before the query');
  return [
    ...mailboxConditions(context, c),
    ...plainConditions(context, c),
    ...keywordConditions(context, c),
    ...textConditions(context, c),
  ];
}

function mailboxConditions(
  { scope, place }: FilterContext,
  { inMailbox, inMailboxOtherThan }: EmailCondition,
): (SQL | undefined)[] {
  const { emails: e } = scope.db.t;
  const other = sql.identifier('o');
  const lies = (which: SQL) =>
    sql`exists (select 1 from email_mailboxes ${other} where ${other}.account_id = ${scope.accountId} and ${other}.email_id = ${e.id} and ${which})`;
  return [
    inMailbox === undefined || inMailbox === place ? undefined : lies(sql`${other}.mailbox_id = ${inMailbox}`),
    inMailboxOtherThan && lies(not(inIds(scope.db.dialect, sql`${other}.mailbox_id`, inMailboxOtherThan))),
  ];
}

function plainConditions({ scope, place }: FilterContext, c: EmailCondition): (SQL | undefined)[] {
  const { emails: e, emailMailboxes: p, messages: m } = scope.db.t;
  // The place repeats the arrival time, and its index carries it.
  const receivedAt = place === undefined ? e.receivedAt : p.receivedAt;
  const sentAt = sql`coalesce(${m.sentAt}, ${e.receivedAt})`;
  return [
    c.before === undefined ? undefined : lt(receivedAt, c.before),
    c.after === undefined ? undefined : gte(receivedAt, c.after),
    c.sentBefore === undefined ? undefined : lt(sentAt, c.sentBefore),
    c.sentSince === undefined ? undefined : gte(sentAt, c.sentSince),
    c.minSize === undefined ? undefined : gte(e.size, c.minSize),
    c.maxSize === undefined ? undefined : lt(e.size, c.maxSize),
    c.hasAttachment === undefined ? undefined : eq(m.hasAttachment, c.hasAttachment),
    c.hasDocument === undefined ? undefined : eq(m.hasDocument, c.hasDocument),
    c.isSigned === undefined ? undefined : eq(m.isSigned, c.isSigned),
    // RFC 7162 §3.1.5: in a mailbox the mod-sequence of the place counts: \Deleted moves it alone.
    c.minModseq === undefined ? undefined : gte(place === undefined ? e.modseq : p.modseq, c.minModseq),
    c.emailIds && inIds(scope.db.dialect, e.id, c.emailIds),
  ];
}

type KeywordColumns = {
  flags: SQL | Scope['db']['t']['emails']['flags'];
  keywords: SQL | Scope['db']['t']['emails']['keywords'];
};

export function hasKeyword({ flags, keywords }: KeywordColumns, keyword: string): SQL {
  const name = normalKeyword(keyword);
  const bit = keywordBit(name);
  return bit ? sql`(${flags} & ${sql.raw(String(bit))}) <> 0` : contains(sql`${keywords}`, `"${name}"`);
}

/** Whether a sibling in the thread has (or lacks) the keyword. */
export function siblingWith({ db, accountId }: Scope, keyword: string, wanted: 'has' | 'lacks'): SQL {
  const e = db.t.emails;
  const s = sql.identifier('s');
  const has = hasKeyword({ flags: sql`${s}.flags`, keywords: sql`${s}.keywords` }, keyword);
  return sql`exists (select 1 from emails ${s} where ${s}.account_id = ${accountId} and ${s}.thread_id = ${e.threadId} and ${wanted === 'has' ? has : sql`not (${has})`})`;
}

function keywordConditions({ scope }: FilterContext, c: EmailCondition): (SQL | undefined)[] {
  const e = scope.db.t.emails;
  const all = c.allInThreadHaveKeyword;
  const some = c.someInThreadHaveKeyword;
  const none = c.noneInThreadHaveKeyword;
  return [
    c.hasKeyword === undefined ? undefined : hasKeyword(e, c.hasKeyword),
    c.notKeyword === undefined ? undefined : not(hasKeyword(e, c.notKeyword)),
    all === undefined ? undefined : not(siblingWith(scope, all, 'lacks')),
    some === undefined ? undefined : siblingWith(scope, some, 'has'),
    none === undefined ? undefined : not(siblingWith(scope, none, 'has')),
  ];
}

function textConditions({ scope }: FilterContext, c: EmailCondition): (SQL | undefined)[] {
  const { emails: e, messages: m } = scope.db.t;
  const indexed = (text: string | undefined, where: 'text' | 'body'): SQL | undefined => {
    if (text === undefined || text.trim() === '') return undefined;
    const clauses = clausesOf(text, { in: where });
    // Only punctuation was typed: there is no such word.
    if (!clauses) return sql`1 = 0`;
    return sql`${e.searchId} in ${emailIndexes[scope.db.dialect].matching(scope.accountId, clauses)}`;
  };
  return [
    indexed(c.text, 'text'),
    indexed(c.body, 'body'),
    substrings(m.subjectText, c.subject),
    substrings(m.fromText, c.from),
    substrings(m.toText, c.to),
    substrings(m.ccText, c.cc),
    substrings(m.bccText, c.bcc),
  ];
}

/** Every word, or group of words in quotes, occurs somewhere, marks and case aside. */
function substrings(column: Parameters<typeof contains>[0], typed: string | undefined): SQL | undefined {
  if (typed === undefined) return undefined;
  const parts = [...typed.matchAll(/"([^"]*)"?|([^"\s]+)/g)].map(([, quoted, plain]) => fold(quoted ?? plain ?? ''));
  return and(...parts.filter((part) => part !== '').map((part) => contains(column, part)));
}

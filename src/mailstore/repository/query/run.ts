/** Runs an Email/query: from the places of one mailbox when the filter names one, else from the account's emails. */
import { and, eq, sql, type SQL } from 'drizzle-orm';

import type { EmailId, MailboxId, ThreadId } from '../../../base/ids.ts';
import type { EmailCondition, EmailFilter, EmailQuery } from '../../types.ts';
import type { Scope } from '../scope.ts';
import { checkFilter, filterSql, isOperator, type FilterContext } from './filter.ts';
import { newestFirst, orderBy } from './sort.ts';

/** Conditions and comparators that the place alone answers: the list of a mailbox needs no other table. */
const placeOnly: ReadonlySet<string> = new Set<keyof EmailCondition>(['inMailbox', 'before', 'after']);
const messageConditions: readonly (keyof EmailCondition)[] = [
  'sentBefore',
  'sentSince',
  'hasAttachment',
  'hasDocument',
  'isSigned',
  'subject',
  'from',
  'to',
  'cc',
  'bcc',
];
const messageSorts: ReadonlySet<string> = new Set(['sentAt', 'from', 'to', 'subject']);

/** Room for the emails that collapsing drops, before everything is read. */
const COLLAPSE_AHEAD = 4;

export async function runQuery(scope: Scope, query: EmailQuery, limit: number | undefined): Promise<EmailId[]> {
  if (limit !== undefined && limit <= 0) return [];
  if (query.filter) checkFilter(query.filter);
  if (!query.collapseThreads) return (await select(scope, query, limit)).map((r) => r.id);
  const ahead = limit === undefined ? undefined : limit * COLLAPSE_AHEAD;
  const rows = await select(scope, query, ahead);
  const first = collapse(rows, limit);
  const complete = ahead === undefined || rows.length < ahead || first.length === limit;
  return complete ? first : collapse(await select(scope, query, undefined), limit);
}

/** RFC 8621 §4.4.3: of each thread only the first email in the order stays. */
function collapse(rows: readonly { id: EmailId; threadId: ThreadId }[], limit: number | undefined): EmailId[] {
  const seen = new Set<ThreadId>();
  const out: EmailId[] = [];
  for (const { id, threadId } of rows) {
    if (seen.has(threadId)) continue;
    seen.add(threadId);
    out.push(id);
    if (out.length === limit) break;
  }
  return out;
}

/** A mailbox that every match lies in. */
function drivingMailbox(filter: EmailFilter | undefined): MailboxId | undefined {
  if (!filter) return undefined;
  if (!isOperator(filter)) return filter.inMailbox;
  if (filter.operator !== 'AND') return undefined;
  for (const f of filter.conditions) {
    const found = drivingMailbox(f);
    if (found !== undefined) return found;
  }
  return undefined;
}

function uses(filter: EmailFilter | undefined, test: (c: EmailCondition) => boolean): boolean {
  if (!filter) return false;
  return isOperator(filter) ? filter.conditions.some((f) => uses(f, test)) : test(filter);
}

async function select(
  scope: Scope,
  { filter, sort, collapseThreads }: EmailQuery,
  limit: number | undefined,
): Promise<{ id: EmailId; threadId: ThreadId }[]> {
  const comparators = sort && sort.length > 0 ? sort : newestFirst;
  const place = drivingMailbox(filter);
  const context: FilterContext = { scope, place };
  const needsEmail =
    place === undefined ||
    collapseThreads === true ||
    comparators.some((s) => s.property !== 'receivedAt') ||
    uses(
      filter,
      (c) =>
        Object.entries(c).some(([name, value]) => value !== undefined && !placeOnly.has(name)) ||
        (c.inMailbox !== undefined && c.inMailbox !== place),
    );
  const needsMessage =
    comparators.some((s) => messageSorts.has(s.property)) ||
    uses(filter, (c) => messageConditions.some((name) => c[name] !== undefined));
  const where = filter && filterSql(context, filter);
  const { emails: e, emailMailboxes: p } = scope.db.t;
  const id = place === undefined ? sql`${e.id}` : sql`${p.emailId}`;
  const statement = sql`select ${id} as id, ${collapseThreads ? sql`${e.threadId}` : sql`0`} as thread_id from ${from(scope, place, needsEmail, needsMessage)} where ${scoped(scope, place, where)} order by ${sql.join(orderBy(context, comparators), sql`, `)}${limit === undefined ? sql`` : sql` limit ${limit}`}`;
  const rows = await scope.q.rows(statement);
  return rows.map(([emailId, threadId]) => ({
    id: Number(emailId) as EmailId,
    threadId: Number(threadId) as ThreadId,
  }));
}

function from({ db }: Scope, place: MailboxId | undefined, needsEmail: boolean, needsMessage: boolean): SQL {
  const { emails: e, emailMailboxes: p, messages: m } = db.t;
  const message = needsMessage ? sql` join ${m} on ${m.hash} = ${e.blobHash}` : sql``;
  if (place === undefined) return sql`${e}${message}`;
  const email =
    needsEmail || needsMessage ? sql` join ${e} on ${e.accountId} = ${p.accountId} and ${e.id} = ${p.emailId}` : sql``;
  return sql`${p}${email}${message}`;
}

function scoped({ db, accountId }: Scope, place: MailboxId | undefined, where: SQL | undefined): SQL {
  const { emails: e, emailMailboxes: p } = db.t;
  const owner =
    place === undefined ? eq(e.accountId, accountId) : and(eq(p.accountId, accountId), eq(p.mailboxId, place));
  return and(owner, where) ?? sql`1 = 1`;
}

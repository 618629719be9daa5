/** RFC 8621 §4.4.2: comparators as SQL, always ended by the id, so that equal emails keep their order. */
import { sql, type SQL } from 'drizzle-orm';

import { filterInvalid } from '../../errors.ts';
import type { EmailSort } from '../../types.ts';
import { hasKeyword, siblingWith, type FilterContext } from './filter.ts';

const MAX_COMPARATORS = 10;

export const newestFirst: readonly EmailSort[] = [{ property: 'receivedAt', isAscending: false }];

export function orderBy(context: FilterContext, sort: readonly EmailSort[]): SQL[] {
  if (sort.length > MAX_COMPARATORS) throw filterInvalid('too many comparators');
  const { emails: e, emailMailboxes: p } = context.scope.db.t;
  const first = sort[0] ?? { isAscending: false };
  const id = context.place === undefined ? e.id : p.emailId;
  return [...sort.map((s) => directed(expression(context, s), s.isAscending)), directed(sql`${id}`, first.isAscending)];
}

const directed = (by: SQL, ascending: boolean): SQL => (ascending ? sql`${by} asc` : sql`${by} desc`);

function expression(context: FilterContext, { property, keyword }: EmailSort): SQL {
  const { scope, place } = context;
  const { emails: e, emailMailboxes: p, messages: m } = scope.db.t;
  // Byte order of the folded text on both engines, whatever the database's own collation is.
  const text = (column: SQL) => (scope.db.dialect === 'pg' ? sql`${column} collate "C"` : column);
  const yes = (condition: SQL) => sql`case when ${condition} then 1 else 0 end`;
  switch (property) {
    case 'receivedAt':
      return place === undefined ? sql`${e.receivedAt}` : sql`${p.receivedAt}`;
    case 'sentAt':
      return sql`coalesce(${m.sentAt}, ${e.receivedAt})`;
    case 'size':
      return sql`${e.size}`;
    case 'from':
      return text(sql`${m.sortFrom}`);
    case 'to':
      return text(sql`${m.sortTo}`);
    case 'subject':
      return text(sql`${m.sortSubject}`);
    case 'hasKeyword':
      return yes(hasKeyword(e, required(keyword)));
    case 'someInThreadHaveKeyword':
      return yes(siblingWith(scope, required(keyword), 'has'));
    case 'allInThreadHaveKeyword':
      return yes(sql`not ${siblingWith(scope, required(keyword), 'lacks')}`);
  }
}

function required(keyword: string | undefined): string {
  if (keyword === undefined) throw filterInvalid('this comparator needs a keyword');
  return keyword;
}

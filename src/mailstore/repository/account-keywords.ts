/** Keywords that an account knows beside the usual ones. Kept when the last email loses one: whoever used it will again. */
import { inserter } from '../../db/prepared.ts';
import type { Scope } from './scope.ts';

/** FLAGS of SELECT names so many; an email may have any other besides. */
const TOLD = 200;

const insert = inserter('accountKeywords', ['accountId', 'keyword'], 'on conflict do nothing');

export async function noteKeywords(scope: Scope, keywords: Iterable<string>): Promise<void> {
  const { accountId } = scope;
  await insert(
    scope,
    Array.from(keywords, (keyword) => ({ accountId, keyword })),
  );
}

export async function knownKeywords({ db, q, accountId }: Scope): Promise<string[]> {
  const parameter = db.dialect === 'pg' ? '$1' : '?';
  const rows = await q.statement(
    `select "keyword" from "account_keywords" where "account_id" = ${parameter} order by "keyword" limit ${TOLD}`,
    [accountId],
  );
  return rows.map(([keyword]) => String(keyword));
}

/** Email/query (RFC 8621 §4.4). */
import * as v from 'valibot';

import { objectIds } from '../../base/object-ids.ts';
import type { AccountReader, EmailQuery } from '../../mailstore/types.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method, type MethodContext } from '../context.ts';
import { parseArguments, queryEntries, type Comparator } from '../core/arguments.ts';
import { stateOf } from '../core/changes.ts';
import { resultsNeeded, windowOf } from '../core/query.ts';
import { emailFilter, emailSort, looksAtDocuments } from './filter.ts';

const schema = v.strictObject({ ...queryEntries, collapseThreads: v.optional(v.boolean(), false) });

export const emailQuery: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openAccount(context, args.accountId);
    const query = storeQuery(context, reader, args);
    const queryState = await stateOf(reader, 'Email');
    const results = await queryEmails(reader, query, resultsNeeded(args, context.settings.maxQueryResults));
    return {
      accountId: args.accountId,
      queryState,
      canCalculateChanges: !looksAtDocuments(query.filter),
      ...windowOf(context, args, results),
    };
  },
};

export function storeQuery(
  context: MethodContext,
  { accountId }: AccountReader,
  args: { filter: Record<string, unknown> | null; sort: Comparator[] | null; collapseThreads: boolean },
): EmailQuery {
  const filter = emailFilter(context, args.filter, objectIds(accountId));
  const sort = emailSort(args.sort);
  return { ...(filter ? { filter } : {}), ...(sort ? { sort } : {}), collapseThreads: args.collapseThreads };
}

export async function queryEmails(
  reader: AccountReader,
  query: EmailQuery,
  needed: number | undefined,
): Promise<string[]> {
  return (await reader.query(query, needed === undefined ? {} : { limit: needed })).map(
    objectIds(reader.accountId).email.print,
  );
}

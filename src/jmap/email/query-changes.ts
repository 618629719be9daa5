/**
 * Email/queryChanges (RFC 8621 §4.5), from the change log alone (../core/query-changes.ts). Where an email's place may depend on its thread
 * (collapseThreads, conditions on the thread), all emails of each touched thread count as changed. `upToId` is not used:
 * RFC 8620 §5.6 lets the server omit what lies after it only for filters and sorts that never change.
 */
import * as v from 'valibot';

import type { EmailId, ModSeq, ThreadId } from '../../base/ids.ts';
import type { AccountReader, Changes } from '../../mailstore/types.ts';
import { objectIds } from '../../base/object-ids.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method } from '../context.ts';
import { parseArguments, queryChangesEntries } from '../core/arguments.ts';
import { parseState } from '../core/changes.ts';
import { MethodError } from '../core/errors.ts';
import { queryChangesOf } from '../core/query-changes.ts';
import { settled } from '../core/settled.ts';
import { looksAtDocuments, looksAtThreads } from './filter.ts';
import { queryEmails, storeQuery } from './query.ts';

const schema = v.strictObject({ ...queryChangesEntries, collapseThreads: v.optional(v.boolean(), false) });

export const emailQueryChanges: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openAccount(context, args.accountId);
    const query = storeQuery(context, reader, args);
    if (looksAtDocuments(query.filter)) throw new MethodError('cannotCalculateChanges');
    const since = parseState(args.sinceQueryState);
    const byThread = args.collapseThreads || looksAtThreads(query.filter, query.sort);
    const quiet = !args.calculateTotal && since === (await reader.state('Email'));
    const { changes, results } = await settled(reader, 'Email', since, async () => ({
      ids: quiet ? [] : await queryEmails(reader, query, undefined),
      touched: byThread ? await emailsOfTouchedThreads(reader, since) : [],
    }));
    const { email } = objectIds(reader.accountId);
    const change = {
      changed: new Set(
        [...changes.created, ...changes.updated, ...results.touched].map((id) => email.print(id as EmailId)),
      ),
      destroyed: changes.destroyed.map((id) => email.print(id as EmailId)),
      newState: String(changes.newState),
      results: results.ids,
    };
    return queryChangesOf(args, change, context.settings.maxQueryChanges);
  },
};

/** Threads that lost or got an email, and those in which one changed. */
async function emailsOfTouchedThreads(reader: AccountReader, since: ModSeq): Promise<EmailId[]> {
  const emails = await reader.changes('Email', since);
  const threads = await threadChanges(reader, since);
  const changed = await reader.emails([...emails.created, ...emails.updated] as EmailId[]);
  const touched = new Set([
    ...(threads?.updated ?? []),
    ...(threads?.created ?? []),
    ...changed.map((e) => e.threadId),
  ] as ThreadId[]);
  return [...(await reader.threads([...touched])).values()].flat();
}

/** The mod-sequence is one for the whole account, so that one type's state dates the others too. */
async function threadChanges(reader: AccountReader, since: ModSeq): Promise<Changes | undefined> {
  return since >= (await reader.state('Thread')) ? undefined : reader.changes('Thread', since);
}

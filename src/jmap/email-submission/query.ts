/** EmailSubmission/query (RFC 8621 §7.3). */
import * as v from 'valibot';

import { objectIds, type ObjectIds } from '../../base/object-ids.ts';
import type { AccountReader, Submission } from '../../mailstore/types.ts';
import { capabilities } from '../capabilities.ts';
import { openSendingAccount, type Method, type MethodContext } from '../context.ts';
import { parseArguments, parseUtcDate, queryEntries, type Comparator } from '../core/arguments.ts';
import { stateOf } from '../core/changes.ts';
import { MethodError } from '../core/errors.ts';
import { matches, parseFilter } from '../core/filter.ts';
import { windowOf } from '../core/query.ts';
import { checkSort, sortObjects } from '../core/sort.ts';
import { submissionIds } from '../ids.ts';
import { identityOf } from './submissions.ts';

const schema = v.strictObject(queryEntries);

export const emailSubmissionQuery: Method = {
  capability: capabilities.submission,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openSendingAccount(context, args.accountId);
    const queryState = await stateOf(reader, 'EmailSubmission');
    const results = await querySubmissions(context, reader, args);
    return { accountId: args.accountId, queryState, canCalculateChanges: true, ...windowOf(context, args, results) };
  },
};

export async function querySubmissions(
  context: MethodContext,
  reader: AccountReader,
  query: { filter: Record<string, unknown> | null; sort: Comparator[] | null },
): Promise<string[]> {
  const sort = checkSort(query.sort, ['emailId', 'threadId', 'sentAt']);
  const ids = objectIds(reader.accountId);
  const tree =
    query.filter === null
      ? undefined
      : parseFilter<Condition>(query.filter, (raw) => readCondition(raw, ids), context.settings.maxFilterConditions);
  const wanted = (await reader.submissions()).filter(
    (s) => !tree || matches(tree, ({ tests }) => tests.every((test) => test(s))),
  );
  const keys = (s: Submission) => ({ emailId: s.emailId, threadId: s.threadId, sentAt: s.sendAt });
  return sortObjects(wanted, sort, keys, (s) => s.id).map((s) => submissionIds.print(s.id));
}

interface Condition {
  tests: ((submission: Submission) => boolean)[];
}

function readCondition(raw: Record<string, unknown>, ids: ObjectIds): Condition {
  return { tests: Object.entries(raw).map(([name, value]) => readTest(name, value, ids)) };
}

function readTest(name: string, value: unknown, ids: ObjectIds): (submission: Submission) => boolean {
  const list = Array.isArray(value) && value.every((item) => typeof item === 'string') ? new Set(value) : undefined;
  const at = typeof value === 'string' ? parseUtcDate(value) : undefined;
  switch (name) {
    case 'identityIds':
      if (list) return (s) => list.has(identityOf(s));
      break;
    case 'emailIds':
      if (list) return (s) => list.has(ids.email.print(s.emailId));
      break;
    case 'threadIds':
      if (list) return (s) => list.has(ids.thread.print(s.threadId));
      break;
    case 'undoStatus':
      if (typeof value === 'string') return (s) => s.undoStatus === value;
      break;
    case 'before':
      if (at !== undefined) return (s) => s.sendAt < at;
      break;
    case 'after':
      if (at !== undefined) return (s) => s.sendAt >= at;
      break;
    default:
      throw new MethodError('unsupportedFilter', `unknown condition: ${name.slice(0, 100)}`);
  }
  throw new MethodError('invalidArguments', `filter: ${name} is of the wrong type`);
}

/** EmailSubmission/queryChanges (RFC 8621 §7.4). */
import * as v from 'valibot';

import type { SubmissionId } from '../../base/ids.ts';
import { capabilities } from '../capabilities.ts';
import { openSendingAccount, type Method } from '../context.ts';
import { parseArguments, queryChangesEntries } from '../core/arguments.ts';
import { parseState } from '../core/changes.ts';
import { queryChangesOf } from '../core/query-changes.ts';
import { settled } from '../core/settled.ts';
import { submissionIds } from '../ids.ts';
import { querySubmissions } from './query.ts';

const schema = v.strictObject(queryChangesEntries);

export const emailSubmissionQueryChanges: Method = {
  capability: capabilities.submission,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openSendingAccount(context, args.accountId);
    const { changes, results } = await settled(reader, 'EmailSubmission', parseState(args.sinceQueryState), () =>
      querySubmissions(context, reader, args),
    );
    const print = (id: number): string => submissionIds.print(id as SubmissionId);
    const change = {
      changed: new Set([...changes.created, ...changes.updated].map(print)),
      destroyed: changes.destroyed.map(print),
      newState: String(changes.newState),
      results,
    };
    return queryChangesOf(args, change, context.settings.maxQueryChanges);
  },
};

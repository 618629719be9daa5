/** EmailSubmission/get (RFC 8621 §7.1). */
import * as v from 'valibot';

import { objectIds } from '../../base/object-ids.ts';
import { capabilities } from '../capabilities.ts';
import { openSendingAccount, type Method } from '../context.ts';
import { getEntries, parseArguments } from '../core/arguments.ts';
import { stateOf } from '../core/changes.ts';
import { askedIds, askedProperties, chooseObjects } from '../core/get.ts';
import { submissionIds } from '../ids.ts';
import { presentSubmission, submissionProperties } from './submissions.ts';

const schema = v.strictObject(getEntries);

export const emailSubmissionGet: Method = {
  capability: capabilities.submission,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openSendingAccount(context, args.accountId);
    const properties = askedProperties(args.properties, submissionProperties);
    const state = await stateOf(reader, 'EmailSubmission');
    const wanted =
      args.ids === null
        ? undefined
        : askedIds(context, args.ids)
            .map(submissionIds.parse)
            .filter((id) => id !== undefined);
    const rows = await reader.submissions(wanted);
    const objects: Awaited<ReturnType<typeof presentSubmission>>[] = [];
    for (const row of rows.slice(0, context.settings.maxObjectsInGet + 1))
      objects.push(await presentSubmission(context, row, properties, objectIds(reader.accountId)));
    return { accountId: args.accountId, state, ...chooseObjects(context, objects, args, submissionProperties) };
  },
};

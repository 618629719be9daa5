/** Mailbox/queryChanges (RFC 8621 §2.4). In a tree a change moves what lies below it: then the client asks anew. */
import * as v from 'valibot';

import type { MailboxId } from '../../base/ids.ts';
import { objectIds } from '../../base/object-ids.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method } from '../context.ts';
import { parseArguments, queryChangesEntries } from '../core/arguments.ts';
import { parseState } from '../core/changes.ts';
import { MethodError } from '../core/errors.ts';
import { queryChangesOf } from '../core/query-changes.ts';
import { settled } from '../core/settled.ts';
import { queryMailboxes, treeEntries } from './query.ts';

const schema = v.strictObject({ ...queryChangesEntries, ...treeEntries });

export const mailboxQueryChanges: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openAccount(context, args.accountId);
    if (args.sortAsTree || args.filterAsTree) throw new MethodError('cannotCalculateChanges');
    const since = parseState(args.sinceQueryState);
    const { changes, results } = await settled(reader, 'Mailbox', since, () => queryMailboxes(context, reader, args));
    const { mailbox } = objectIds(reader.accountId);
    const print = (id: number): string => mailbox.print(id as MailboxId);
    const change = {
      // Counters are neither filtered nor sorted by.
      changed: new Set([...changes.created, ...(changes.onlyCounts ? [] : changes.updated)].map(print)),
      destroyed: changes.destroyed.map(print),
      newState: String(changes.newState),
      results,
    };
    return queryChangesOf(args, change, context.settings.maxQueryChanges);
  },
};

/** Mailbox/get (RFC 8621 §2.1). */
import * as v from 'valibot';

import { objectIds } from '../../base/object-ids.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method } from '../context.ts';
import { getEntries, parseArguments } from '../core/arguments.ts';
import { stateOf } from '../core/changes.ts';
import { askedProperties, chooseObjects, resolveId } from '../core/get.ts';
import { mailboxProperties, presentMailboxes } from './properties.ts';

const schema = v.strictObject(getEntries);

export const mailboxGet: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader, info } = await openAccount(context, args.accountId);
    const properties = askedProperties(args.properties, mailboxProperties);
    const state = await stateOf(reader, 'Mailbox');
    const withThreads = properties.includes('totalThreads') || properties.includes('unreadThreads');
    const { mailbox } = objectIds(reader.accountId);
    const ids = args.ids?.map((id) => mailbox.parse(resolveId(context, id))).filter((id) => id !== undefined);
    const all = await presentMailboxes(reader, info, withThreads, ids);
    return { accountId: args.accountId, state, ...chooseObjects(context, all, args, mailboxProperties) };
  },
};

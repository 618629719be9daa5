/** Identity/get (RFC 8621 §6.1). */
import * as v from 'valibot';

import { capabilities } from '../capabilities.ts';
import { openSendingAccount, type Method } from '../context.ts';
import { getEntries, parseArguments } from '../core/arguments.ts';
import { chooseObjects } from '../core/get.ts';
import { identitiesOf, identityProperties, identityState } from './identities.ts';

const schema = v.strictObject(getEntries);

export const identityGet: Method = {
  capability: capabilities.submission,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const identities = await identitiesOf(context, await openSendingAccount(context, args.accountId));
    const objects = identities.map((identity) => ({ ...identity }));
    return {
      accountId: args.accountId,
      state: identityState(identities),
      ...chooseObjects(context, objects, args, identityProperties),
    };
  },
};

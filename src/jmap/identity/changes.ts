/** Identity/changes (RFC 8621 §6.2): nothing changed, or the client asks anew. */
import { capabilities } from '../capabilities.ts';
import { openSendingAccount, type Method } from '../context.ts';
import { changesSchema, parseArguments } from '../core/arguments.ts';
import { MethodError } from '../core/errors.ts';
import { identitiesOf, identityState } from './identities.ts';

export const identityChanges: Method = {
  capability: capabilities.submission,
  async run(rawArgs, context) {
    const { accountId, sinceState } = parseArguments(changesSchema, rawArgs);
    const state = identityState(await identitiesOf(context, await openSendingAccount(context, accountId)));
    if (sinceState !== state) throw new MethodError('cannotCalculateChanges');
    return {
      accountId,
      oldState: state,
      newState: state,
      hasMoreChanges: false,
      created: [],
      updated: [],
      destroyed: [],
    };
  },
};

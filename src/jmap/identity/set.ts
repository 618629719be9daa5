/** Identity/set (RFC 8621 §6.3): identities come from the directory; a client cannot make, change or destroy them. */
import * as v from 'valibot';

import { capabilities } from '../capabilities.ts';
import { openSendingAccount, type Method } from '../context.ts';
import { parseArguments, setEntries } from '../core/arguments.ts';
import { MethodError, SetError } from '../core/errors.ts';
import { resolveId } from '../core/get.ts';
import { isWholeRecord, orNull, own, sameJson } from '../core/records.ts';
import { checkSetSize } from '../core/set.ts';
import { identitiesOf, identityState, type Identity } from './identities.ts';

const schema = v.strictObject(setEntries);

export const identitySet: Method = {
  capability: capabilities.submission,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    checkSetSize(context, args);
    const identities = await identitiesOf(context, await openSendingAccount(context, args.accountId));
    const state = identityState(identities);
    if (args.ifInState !== null && args.ifInState !== state) throw new MethodError('stateMismatch');
    const find = (id: string): Identity | undefined => identities.find((i) => i.id === resolveId(context, id));
    // RFC 8621 §6.3 forbiddenFrom: "the user is not allowed to send from the address".
    const notCreated = new Map(
      Object.keys(args.create ?? {}).map((key) => [
        key,
        new SetError('forbiddenFrom', 'identities come from the directory').toJSON(),
      ]),
    );
    const { updated, notUpdated } = update(args.update ?? {}, find);
    const notDestroyed = new Map(
      [...new Set(args.destroy)].map((id) => [id, new SetError(find(id) ? 'forbidden' : 'notFound').toJSON()]),
    );
    return {
      accountId: args.accountId,
      oldState: state,
      newState: state,
      created: null,
      updated: orNull(updated),
      destroyed: null,
      notCreated: orNull(notCreated),
      notUpdated: orNull(notUpdated),
      notDestroyed: orNull(notDestroyed),
    };
  },
};

/** A patch that changes nothing is fine; any other is forbidden. */
function update(
  patches: Record<string, unknown>,
  find: (id: string) => Identity | undefined,
): { updated: Map<string, unknown>; notUpdated: Map<string, unknown> } {
  const updated = new Map<string, unknown>();
  const notUpdated = new Map<string, unknown>();
  for (const [id, patch] of Object.entries(patches)) {
    const identity = find(id);
    if (!identity) notUpdated.set(id, new SetError('notFound').toJSON());
    else if (
      isWholeRecord(patch) &&
      Object.entries(patch).every(([name, value]) => sameJson(own({ ...identity }, name), value))
    )
      updated.set(id, null);
    else notUpdated.set(id, new SetError('forbidden', 'identities come from the directory').toJSON());
  }
  return { updated, notUpdated };
}

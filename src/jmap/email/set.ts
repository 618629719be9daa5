/** Email/set (RFC 8621 §4.6). */
import * as v from 'valibot';

import { capabilities } from '../capabilities.ts';
import { openAccount, type Method, type MethodContext, type OpenAccount } from '../context.ts';
import { parseArguments, setEntries } from '../core/arguments.ts';
import { checkSetSize, destroySteps, runSet, setResponse, updateSteps, type SetArguments } from '../core/set.ts';
import { emailCreateSteps } from './create.ts';
import { emailDestroy } from './destroy.ts';
import { emailUpdate } from './update.ts';

const schema = v.strictObject(setEntries);

export const emailSet: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    checkSetSize(context, args);
    return setEmails(context, await openAccount(context, args.accountId), args);
  },
};

/** Also what EmailSubmission/set and Email/copy do on success. */
export async function setEmails(
  context: MethodContext,
  account: OpenAccount,
  args: SetArguments,
): Promise<Record<string, unknown>> {
  const steps = [
    ...(await emailCreateSteps(context, account, args)),
    ...updateSteps(args, context, (id, patch, writer) => emailUpdate(context, writer, id, patch)),
    ...destroySteps(args, context, (id, writer) => emailDestroy(writer, id)),
  ];
  return setResponse(
    context,
    args.accountId,
    await runSet({ context, accountId: account.id, type: 'Email', ifInState: args.ifInState, steps }),
  );
}

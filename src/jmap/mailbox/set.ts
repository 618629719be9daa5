/** Mailbox/set (RFC 8621 §2.5). */
import * as v from 'valibot';

import type { MailboxId } from '../../base/ids.ts';
import { objectIds } from '../../base/object-ids.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method, type OpenAccount } from '../context.ts';
import { parseArguments, setEntries } from '../core/arguments.ts';
import {
  checkSetSize,
  createSteps,
  destroySteps,
  runSet,
  setResponse,
  updateSteps,
  type SetStep,
} from '../core/set.ts';
import { mailboxCreate } from './create.ts';
import { mailboxDestroy } from './destroy.ts';
import { mailboxUpdate } from './update.ts';

const schema = v.strictObject({ ...setEntries, onDestroyRemoveEmails: v.optional(v.boolean(), false) });

export const mailboxSet: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    checkSetSize(context, args);
    const account = await openAccount(context, args.accountId);
    const steps: SetStep[] = [
      ...parentsFirst(
        args.create ?? {},
        createSteps(args, (key, object) => ({
          phase: 'create',
          key,
          run: (writer) => mailboxCreate(context, account, writer, object),
        })),
      ),
      ...updateSteps(args, context, (id, patch, writer) => mailboxUpdate(context, account, writer, id, patch)),
      ...(await childrenFirst(
        destroySteps(args, context, (id, writer) => mailboxDestroy(writer, id, args.onDestroyRemoveEmails)),
        account,
      )),
    ];
    return setResponse(
      context,
      args.accountId,
      await runSet({ context, accountId: account.id, type: 'Mailbox', ifInState: args.ifInState, steps }),
    );
  },
};

/** A new mailbox may lie below another new one ("#a"), in whatever order they are written. */
function parentsFirst(create: Record<string, unknown>, steps: SetStep[]): SetStep[] {
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const sorted = new Set<SetStep>();
  const visiting = new Set<string>();
  const visit = (step: SetStep): void => {
    if (sorted.has(step) || visiting.has(step.key)) return;
    visiting.add(step.key);
    const object = create[step.key];
    const parentId =
      typeof object === 'object' && object !== null && 'parentId' in object ? object.parentId : undefined;
    const parent = typeof parentId === 'string' && parentId.startsWith('#') ? byKey.get(parentId.slice(1)) : undefined;
    if (parent) visit(parent);
    sorted.add(step);
  };
  for (const step of steps) visit(step);
  return [...sorted];
}

/** A mailbox and its children may go in one call. */
async function childrenFirst(steps: SetStep[], account: OpenAccount): Promise<SetStep[]> {
  if (steps.length < 2) return steps;
  const ids = objectIds(account.id);
  const parents = new Map((await account.reader.mailboxes()).map((m) => [m.id, m.parentId]));
  const depth = (step: SetStep): number => {
    let count = 0;
    for (
      let id: MailboxId | null | undefined = ids.mailbox.parse(step.key);
      id != null && count < 1000;
      id = parents.get(id)
    )
      count++;
    return count;
  };
  return steps
    .map((step) => ({ step, depth: depth(step) }))
    .sort((a, b) => b.depth - a.depth)
    .map(({ step }) => step);
}

/** EmailSubmission/set (RFC 8621 §7.5). */
import * as v from 'valibot';

import { objectIds } from '../../base/object-ids.ts';
import { capabilities } from '../capabilities.ts';
import { openSendingAccount, type Method, type MethodContext, type OpenAccount } from '../context.ts';
import { anyObject, nullable, parseArguments, setEntries } from '../core/arguments.ts';
import { stateOf } from '../core/changes.ts';
import { MethodError, methodErrorOf, SetError } from '../core/errors.ts';
import { resolveId } from '../core/get.ts';
import {
  checkSetSize,
  destroySteps,
  runSet,
  setResponse,
  updateSteps,
  type SetArguments,
  type SetStep,
} from '../core/set.ts';
import { setEmails } from '../email/set.ts';
import { submissionIds } from '../ids.ts';
import { createSubmission } from './create.ts';
import { destroySubmission } from './destroy.ts';
import { updateSubmission } from './update.ts';

const schema = v.strictObject({
  ...setEntries,
  onSuccessUpdateEmail: nullable(anyObject),
  onSuccessDestroyEmail: nullable(v.array(v.string())),
});
type Arguments = v.InferOutput<typeof schema>;

export const emailSubmissionSet: Method = {
  capability: capabilities.submission,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    checkSetSize(context, args);
    const account = await openSendingAccount(context, args.accountId);
    const oldState = await stateOf(account.reader, 'EmailSubmission');
    if (args.ifInState !== null && args.ifInState !== oldState) throw new MethodError('stateMismatch');
    // Known before anything is destroyed.
    const emailOf = await emailsOfSubmissions(context, account, args);
    const made = await createAll(context, account, args, emailOf);
    const rest = await runSet({
      context,
      accountId: account.id,
      type: 'EmailSubmission',
      ifInState: null,
      steps: [
        ...updateSteps(args, context, (id, patch, writer) => updateSubmission(context, writer, id, patch)),
        ...destroySteps(args, context, (id, writer) => destroySubmission(writer, id)),
      ],
    });
    const outcomes = new Map([...made, ...rest.outcomes]);
    const response = setResponse(context, args.accountId, { oldState, newState: rest.newState, outcomes });
    await onSuccess(context, account, args, successful(context, outcomes, emailOf));
    return response;
  },
};

type Outcomes = Parameters<typeof setResponse>[2]['outcomes'];

/** Each in a unit of work of its own: what was accepted stays accepted, whatever happens to the next. */
async function createAll(
  context: MethodContext,
  account: OpenAccount,
  args: Arguments,
  emailOf: Map<string, string>,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  for (const [key, object] of Object.entries(args.create ?? {})) {
    const step: SetStep = { phase: 'create', key, run: () => Promise.resolve(null) };
    try {
      const { submission, shown } = await createSubmission(context, account, object);
      context.createdIds.set(key, shown.id);
      emailOf.set(shown.id, objectIds(account.id).email.print(submission.emailId));
      outcomes.set(step, { ok: shown });
    } catch (error) {
      const isFirst = ![...outcomes.values()].some((outcome) => 'ok' in outcome);
      if (!(error instanceof SetError) && isFirst) throw error;
      outcomes.set(step, { refused: error instanceof SetError ? error : failureOf(context, error) });
    }
  }
  return outcomes;
}

/** What has gone cannot be called back: an error of the whole call would hide it, and the client would send it once more. */
function failureOf(context: MethodContext, error: unknown): SetError {
  context.log.error({ err: error }, 'a submission failed after others of its call were sent');
  const known = methodErrorOf(error);
  return new SetError(known?.type ?? 'serverFail', known?.message);
}

async function emailsOfSubmissions(
  context: MethodContext,
  { reader }: OpenAccount,
  args: Arguments,
): Promise<Map<string, string>> {
  const named = [...Object.keys(args.update ?? {}), ...(args.destroy ?? [])]
    .map((id) => submissionIds.parse(resolveId(context, id)))
    .filter((id) => id !== undefined);
  const rows = named.length > 0 ? await reader.submissions(named) : [];
  return new Map(rows.map((s) => [submissionIds.print(s.id), objectIds(reader.accountId).email.print(s.emailId)]));
}

/** Submission id -> email id, of what succeeded. */
function successful(
  context: MethodContext,
  outcomes: Outcomes,
  emailOf: ReadonlyMap<string, string>,
): Map<string, string> {
  const out = new Map<string, string>();
  for (const [{ phase, key }, outcome] of outcomes) {
    if (!('ok' in outcome)) continue;
    const id = phase === 'create' ? (context.createdIds.get(key) ?? '') : resolveId(context, key);
    const emailId = emailOf.get(id);
    if (emailId !== undefined) out.set(id, emailId);
  }
  return out;
}

/** RFC 8621 §7.5: one implicit Email/set for all that succeeded; its response follows ours. */
async function onSuccess(
  context: MethodContext,
  account: OpenAccount,
  args: Arguments,
  done: ReadonlyMap<string, string>,
): Promise<void> {
  const update: Record<string, unknown> = {};
  for (const [key, patch] of Object.entries(args.onSuccessUpdateEmail ?? {})) {
    const emailId = done.get(resolveId(context, key));
    if (emailId !== undefined) update[emailId] = patch;
  }
  const destroy = (args.onSuccessDestroyEmail ?? [])
    .map((key) => done.get(resolveId(context, key)))
    .filter((id) => id !== undefined);
  if (Object.keys(update).length === 0 && destroy.length === 0) return;
  const set: SetArguments = { accountId: args.accountId, ifInState: null, create: null, update, destroy };
  context.alsoRespond('Email/set', await setEmails(context, account, set));
}

/** Email/copy (RFC 8621 §4.7, RFC 8620 §5.4): into another account, with flags of its own. */
import * as v from 'valibot';

import { objectIds } from '../../base/object-ids.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method, type MethodContext, type OpenAccount } from '../context.ts';
import { anyObject, idSchema, nullable, parseArguments } from '../core/arguments.ts';
import { invalidProperties, MethodError, SetError } from '../core/errors.ts';
import { resolveId } from '../core/get.ts';
import { isWholeRecord } from '../core/records.ts';
import { refusedStep, runSet, setResponse, type SetStep } from '../core/set.ts';
import { openFrom } from '../blob/copy.ts';
import { appendStep } from './append.ts';
import { readReceivedAt } from './import.ts';
import { checkMailboxes, readKeywords, readMailboxIds } from './membership.ts';
import { setEmails } from './set.ts';

const schema = v.strictObject({
  fromAccountId: idSchema,
  ifFromInState: nullable(v.string()),
  accountId: idSchema,
  ifInState: nullable(v.string()),
  create: anyObject,
  onSuccessDestroyOriginal: v.optional(v.boolean(), false),
  destroyFromIfInState: nullable(v.string()),
});

export const emailCopy: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    if (Object.keys(args.create).length > context.settings.maxObjectsInSet) throw new MethodError('requestTooLarge');
    const from = await openFrom(context, args.fromAccountId);
    const to = await openAccount(context, args.accountId);
    // RFC 8620 §5.4: "The id of the account to copy records … MUST be different".
    if (from.id === to.id) throw new MethodError('invalidArguments', 'the two accounts are one');
    if (args.ifFromInState !== null && args.ifFromInState !== String(await from.reader.state('Email')))
      throw new MethodError('stateMismatch');
    const sources = new Map<SetStep, string>();
    for (const [key, email] of Object.entries(args.create)) {
      const [step, source] = await copyStep(context, from, to, key, email);
      sources.set(step, source);
    }
    const outcome = await runSet({
      context,
      accountId: to.id,
      type: 'Email',
      ifInState: args.ifInState,
      steps: [...sources.keys()],
    });
    const copied = [...outcome.outcomes].filter(([, o]) => 'ok' in o).map(([step]) => sources.get(step) ?? '');
    if (args.onSuccessDestroyOriginal && copied.length > 0) await destroyOriginals(context, from, args, copied);
    const { oldState, newState, created, notCreated } = setResponse(context, args.accountId, outcome);
    return { fromAccountId: args.fromAccountId, accountId: args.accountId, oldState, newState, created, notCreated };
  },
};

async function copyStep(
  context: MethodContext,
  from: OpenAccount,
  to: OpenAccount,
  key: string,
  email: unknown,
): Promise<[SetStep, string]> {
  try {
    if (!isWholeRecord(email)) throw invalidProperties([]);
    const unknown = Object.keys(email).filter((name) => !['id', 'mailboxIds', 'keywords', 'receivedAt'].includes(name));
    if (unknown.length > 0) throw invalidProperties(unknown);
    const source = typeof email['id'] === 'string' ? resolveId(context, email['id']) : '';
    const id = objectIds(from.id).email.parse(source);
    const [original] = id === undefined ? [] : await from.reader.emails([id]);
    if (!original) throw new SetError('notFound');
    const places = readMailboxIds(context, objectIds(to.id), email['mailboxIds']);
    await checkMailboxes(to.reader, places);
    // RFC 8621 §4.7: keywords and receivedAt are the original's unless given.
    const keywords = email['keywords'] === undefined ? original.keywords : readKeywords(context, email['keywords']);
    const receivedAt =
      email['receivedAt'] === undefined ? original.receivedAt : readReceivedAt(context, email['receivedAt']);
    const prepared = await context.mailstore.prepare(await context.blobs.read(original.blobHash));
    prepared.verdict = original.verdict;
    return [appendStep(key, prepared, { mailboxIds: places, keywords, receivedAt }), source];
  } catch (error) {
    if (error instanceof SetError) return [refusedStep('create', key, error), ''];
    throw error;
  }
}

/** RFC 8620 §5.4: an implicit Email/set, answered after the copy's own response. */
async function destroyOriginals(
  context: MethodContext,
  from: OpenAccount,
  args: { fromAccountId: string; destroyFromIfInState: string | null },
  ids: string[],
): Promise<void> {
  const set = {
    accountId: args.fromAccountId,
    ifInState: args.destroyFromIfInState,
    create: null,
    update: null,
    destroy: ids,
  };
  try {
    context.alsoRespond('Email/set', await setEmails(context, from, set));
  } catch (error) {
    if (!(error instanceof MethodError)) throw error;
    context.alsoRespond('error', { type: error.type, ...error.extra });
  }
}

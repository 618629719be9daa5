/** Email/import (RFC 8621 §4.8): bytes that were uploaded become emails, unchanged. */
import * as v from 'valibot';

import { headerOf } from '../../message/content.ts';
import { decodeDate, findFields } from '../../message/header.ts';
import { objectIds } from '../../base/object-ids.ts';
import { capabilities } from '../capabilities.ts';
import type { PreparedMessage } from '../../mailstore/types.ts';
import { openAccount, type Method, type MethodContext, type OpenAccount } from '../context.ts';
import { anyObject, idSchema, nullable, parseArguments, parseUtcDate } from '../core/arguments.ts';
import { invalidProperties, MethodError, SetError } from '../core/errors.ts';
import { isWholeRecord } from '../core/records.ts';
import { refusedStep, runSet, setResponse, type SetStep } from '../core/set.ts';
import { blobBytes } from '../blob/resolve.ts';
import { appendStep } from './append.ts';
import { checkMailboxes, readKeywords, readMailboxIds } from './membership.ts';
import { looksLikeMessage } from './parse.ts';

const schema = v.strictObject({ accountId: idSchema, ifInState: nullable(v.string()), emails: anyObject });

export const emailImport: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const entries = Object.entries(args.emails);
    if (entries.length > context.settings.maxObjectsInSet) throw new MethodError('requestTooLarge');
    const account = await openAccount(context, args.accountId);
    const steps: SetStep[] = [];
    for (const [key, email] of entries) steps.push(await importStep(context, account, key, email));
    const outcome = await runSet({ context, accountId: account.id, type: 'Email', ifInState: args.ifInState, steps });
    const { accountId, oldState, newState, created, notCreated } = setResponse(context, args.accountId, outcome);
    return { accountId, oldState, newState, created, notCreated };
  },
};

/** What is slow, reading and storing the bytes, is done before the unit of work. */
async function importStep(context: MethodContext, account: OpenAccount, key: string, email: unknown): Promise<SetStep> {
  try {
    if (!isWholeRecord(email)) throw invalidProperties([]);
    const unknown = Object.keys(email).filter(
      (name) => !['blobId', 'mailboxIds', 'keywords', 'receivedAt'].includes(name),
    );
    if (unknown.length > 0) throw invalidProperties(unknown);
    const places = readMailboxIds(context, objectIds(account.id), email['mailboxIds']);
    await checkMailboxes(account.reader, places);
    const keywords = readKeywords(context, email['keywords'] ?? {});
    const receivedAt = readReceivedAt(context, email['receivedAt']);
    const blob = typeof email['blobId'] === 'string' ? await blobBytes(context, account, email['blobId']) : undefined;
    if (!blob) throw invalidProperties(['blobId'], 'no such blob');
    // RFC 8621 §4.8 invalidEmail: it is no message.
    if (!looksLikeMessage(blob.bytes)) throw new SetError('invalidEmail', 'the blob is no message');
    const message = await prepareWithVerdict(context, blob.bytes);
    const received = email['receivedAt'] == null ? lastReceived(blob.bytes, message) : undefined;
    return appendStep(key, message, { mailboxIds: places, keywords, receivedAt: received ?? receivedAt });
  } catch (error) {
    if (error instanceof SetError) return refusedStep('create', key, error);
    throw error;
  }
}

/** RFC 8621 §4.8: without receivedAt, "time of most recent Received header": the topmost, whose date follows the last semicolon. */
function lastReceived(bytes: Uint8Array, { derived }: PreparedMessage): number | undefined {
  const [field] = findFields(headerOf(bytes, derived.root), 'Received');
  const date = field?.raw
    .replace(/\([^()]*\)/g, ' ')
    .split(';')
    .at(-1);
  return date === undefined ? undefined : decodeDate(date)?.at;
}

export function readReceivedAt(context: MethodContext, value: unknown): number {
  if (value === undefined || value === null) return context.clock.now();
  const at = typeof value === 'string' ? parseUtcDate(value) : undefined;
  if (at === undefined) throw invalidProperties(['receivedAt']);
  return at;
}

/** The sender's own copy is judged like everybody else's. */
export async function prepareWithVerdict(context: MethodContext, bytes: Uint8Array): Promise<PreparedMessage> {
  const prepared = await context.mailstore.prepare(bytes);
  if (context.verdictOf) prepared.verdict = await context.verdictOf(prepared, bytes);
  return prepared;
}

/** Email/parse (RFC 8621 §4.9): a blob is shown as a message without being one of the account's emails. */
import * as v from 'valibot';

import { capabilities } from '../capabilities.ts';
import { openAccount, type Method, type MethodContext } from '../context.ts';
import { idSchema, nullable, parseArguments } from '../core/arguments.ts';
import { askedIds } from '../core/get.ts';
import { orNull } from '../core/records.ts';
import { findBlob } from '../blob/resolve.ts';
import { bytesView, createBudget, type Budget } from './message-view.ts';
import { presentMessage } from './present.ts';
import { bodyEntries, emailRequest, metadataProperties, type EmailRequest } from './request.ts';

const schema = v.strictObject({
  accountId: idSchema,
  blobIds: v.array(idSchema),
  properties: nullable(v.array(v.string())),
  ...bodyEntries,
});

export const emailParse: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const account = await openAccount(context, args.accountId);
    const request = emailRequest(context, args, 'parse');
    const budget = createBudget(context);
    const parsed = new Map<string, unknown>();
    const notParsable: string[] = [];
    const notFound: string[] = [];
    for (const blobId of askedIds(context, args.blobIds)) {
      const blob = await findBlob(context, account, blobId);
      if (!blob) {
        notFound.push(blobId);
        continue;
      }
      const shown = await show(context, { request, budget, blobId }, await blob.bytes());
      if (shown) parsed.set(blobId, shown);
      else notParsable.push(blobId);
    }
    return {
      accountId: args.accountId,
      parsed: orNull(parsed),
      notParsable: notParsable.length > 0 ? notParsable : null,
      notFound: notFound.length > 0 ? notFound : null,
    };
  },
};

async function show(
  { mailstore }: Pick<MethodContext, 'mailstore'>,
  { request, budget, blobId }: { request: EmailRequest; budget: Budget; blobId: string },
  bytes: Uint8Array,
): Promise<Record<string, unknown> | undefined> {
  budget.read(bytes.length);
  if (!looksLikeMessage(bytes)) return undefined;
  const derived = await mailstore.takeApart(bytes);
  const out: Record<string, unknown> = {};
  // RFC 8621 §4.9: what only a stored email has is null.
  for (const name of metadataProperties)
    if (request.properties.has(name)) out[name] = name === 'blobId' ? blobId : name === 'size' ? bytes.length : null;
  return { ...out, ...(await presentMessage(bytesView(blobId, bytes, derived), request, budget)) };
}

/** RFC 5322 §2.1: a header field comes first. Our parser reads anything; a picture is no message all the same. */
export function looksLikeMessage(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2000)).toString('latin1');
  return /^(?:From [^\r\n]*\r?\n)?[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(start);
}

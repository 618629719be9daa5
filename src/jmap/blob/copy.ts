/** Blob/copy (RFC 8620 §6.3). */
import * as v from 'valibot';

import { capabilities } from '../capabilities.ts';
import { openAccount, type Method, type MethodContext, type OpenAccount } from '../context.ts';
import { idSchema, parseArguments } from '../core/arguments.ts';
import { MethodError, SetError } from '../core/errors.ts';
import { orNull } from '../core/records.ts';
import { wholeBlobId } from '../ids.ts';
import { findBlob } from './resolve.ts';

const schema = v.strictObject({ fromAccountId: idSchema, accountId: idSchema, blobIds: v.array(idSchema) });

export const blobCopy: Method = {
  capability: capabilities.core,
  async run(rawArgs, context) {
    const { fromAccountId, accountId, blobIds } = parseArguments(schema, rawArgs);
    if (blobIds.length > context.settings.maxObjectsInSet) throw new MethodError('requestTooLarge');
    const from = await openFrom(context, fromAccountId);
    const to = await openAccount(context, accountId);
    const copied = new Map<string, unknown>();
    const notCopied = new Map<string, unknown>();
    for (const blobId of new Set(blobIds)) {
      const made = await copyBlob(context, from, to, blobId);
      if (made === undefined) notCopied.set(blobId, new SetError('notFound').toJSON());
      else copied.set(blobId, made);
    }
    return { fromAccountId, accountId, copied: orNull(copied), notCopied: orNull(notCopied) };
  },
};

/** RFC 8620 §5.4, §6.3: which of the two accounts is unknown is said. */
export async function openFrom(context: MethodContext, fromAccountId: string): Promise<OpenAccount> {
  try {
    return await openAccount(context, fromAccountId);
  } catch (error) {
    if (error instanceof MethodError && error.type === 'accountNotFound') throw new MethodError('fromAccountNotFound');
    throw error;
  }
}

async function copyBlob(
  context: MethodContext,
  from: OpenAccount,
  to: OpenAccount,
  blobId: string,
): Promise<string | undefined> {
  const blob = await findBlob(context, from, blobId);
  if (!blob) return undefined;
  const staged = await context.blobs.stage(await blob.bytes());
  await context.mailstore.write(to.id, (writer) =>
    writer.recordUpload(staged, blob.type, context.clock.now() + context.settings.uploadLifetime),
  );
  return wholeBlobId(staged.hash);
}

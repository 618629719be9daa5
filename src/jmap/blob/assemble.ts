/**
 * congvu:Blob/assemble: octets made of text and of blobs that are here already, so that a message which the browser signed need not
 * carry its files up a second time. The digest is the client's own: what comes out is what was signed, octet for octet, or nothing.
 */
import * as v from 'valibot';

import { sha256 } from '../../base/bytes.ts';
import { encodedLength, encodeInto } from '../../blobs/base64-lines.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method, type MethodContext, type OpenAccount } from '../context.ts';
import { idSchema, parseArguments } from '../core/arguments.ts';
import { MethodError } from '../core/errors.ts';
import { wholeBlobId } from '../ids.ts';
import { mediaType } from './media-type.ts';
import { findBlob } from './resolve.ts';

const part = v.union([
  v.strictObject({ text: v.string() }),
  /** RFC 2045 §6.8, in lines of 76 characters that CRLF parts; none at the end. */
  v.strictObject({ blobId: idSchema, encoding: v.literal('base64') }),
]);
const schema = v.strictObject({
  accountId: idSchema,
  type: v.string(),
  parts: v.pipe(v.array(part), v.minLength(1)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

const LINES = { lineLength: 76, lineEnd: 2 } as const;

export const blobAssemble: Method = {
  capability: capabilities.official,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { settings, clock } = context;
    if (args.parts.length > settings.maxObjectsInSet) throw new MethodError('requestTooLarge');
    const type = mediaType(args.type);
    if (type === undefined) throw new MethodError('invalidArguments', 'type is no media type');
    const account = await openAccount(context, args.accountId);
    const bytes = await assemble(context, account, args.parts);
    if (sha256(bytes) !== args.sha256) throw new MethodError('digestMismatch', 'other octets came out than were meant');
    const staged = await context.blobs.stage(bytes);
    await context.mailstore.write(account.id, (writer) =>
      writer.recordUpload(staged, type, clock.now() + settings.uploadLifetime),
    );
    return { accountId: args.accountId, blobId: wholeBlobId(staged.hash), type, size: staged.size };
  },
};

async function assemble(
  context: MethodContext,
  account: OpenAccount,
  parts: readonly v.InferOutput<typeof part>[],
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let left = context.settings.maxSizeUpload;
  const take = (size: number): void => {
    left -= size;
    if (left < 0) throw new MethodError('tooLarge', `at most ${context.settings.maxSizeUpload} octets`);
  };
  for (const one of parts) {
    if ('text' in one) {
      const text = Buffer.from(one.text);
      take(text.length);
      chunks.push(text);
      continue;
    }
    const blob = await findBlob(context, account, one.blobId);
    if (!blob) throw new MethodError('blobNotFound', one.blobId, { notFound: [one.blobId] });
    // Known beforehand for what was uploaded: too much is not even read.
    if (blob.size !== undefined && encodedLength(blob.size, LINES) > left) take(Infinity);
    const content = Buffer.from(await blob.bytes());
    take(encodedLength(content.length, LINES));
    const encoded = Buffer.allocUnsafe(encodedLength(content.length, LINES));
    encodeInto(encoded, 0, content, LINES);
    chunks.push(encoded);
  }
  return Buffer.concat(chunks);
}

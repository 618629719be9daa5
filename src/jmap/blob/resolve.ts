/**
 * Blob ids to bytes (RFC 8620 §6). Whether the account may read them is asked every time: a hash that one knows is no right to it.
 */
import type { BlobHash } from '../../base/ids.ts';
import { decodePart, partByPath } from '../../message/content.ts';
import type { Part } from '../../message/types.ts';
import type { MethodContext, OpenAccount } from '../context.ts';
import { resolveId } from '../core/get.ts';
import { parseBlobId, type BlobRef } from '../ids.ts';

type Parts = Pick<MethodContext, 'blobs' | 'mailstore'>;

export interface FoundBlob {
  type: string;
  /** Undefined for a part: known once it is decoded. */
  size: number | undefined;
  /** A file name that the message gives the part. */
  name?: string;
  /** Of a whole blob. */
  hash?: BlobHash;
  bytes(): Promise<Uint8Array>;
  /** Octets [start, end) without reading the rest; whole blobs only. */
  range?(start: number, end: number): Promise<Uint8Array>;
}

/** Undefined: there is none, or it is not this account's. */
export async function findBlob(
  parts: Parts,
  { reader }: Pick<OpenAccount, 'reader'>,
  blobId: string,
): Promise<FoundBlob | undefined> {
  const ref = parseBlobId(blobId);
  if (!ref) return undefined;
  if (ref.kind === 'emailPart') return findEmailPart(parts, reader, ref);
  const held = await reader.holdsBlob(ref.hash);
  if (!held) return undefined;
  const { hash } = ref;
  if (ref.kind === 'blobPart') {
    const { root } = await parts.mailstore.takeApart(await parts.blobs.read(hash));
    return findIn(parts, root, ref.path, () => parts.blobs.read(hash));
  }
  return {
    ...held,
    hash,
    bytes: () => parts.blobs.read(hash),
    range: (start, end) => parts.blobs.readRange(hash, start, end),
  };
}

async function findEmailPart(
  parts: Parts,
  reader: OpenAccount['reader'],
  ref: Extract<BlobRef, { kind: 'emailPart' }>,
): Promise<FoundBlob | undefined> {
  const [email] = await reader.emailDetails([ref.emailId]);
  if (!email) return undefined;
  const { root } = email.derived;
  const part = partByPath(root, ref.path);
  // The common case: a file of the message. Only its own octets are read.
  if (part && !part.parts)
    return found(part, async () =>
      decodeAlone(await parts.blobs.readRange(email.blobHash, part.bodyStart, part.bodyEnd), part),
    );
  return findIn(parts, root, ref.path, () => parts.blobs.read(email.blobHash));
}

/** A part whose octets were read alone. */
function decodeAlone(body: Uint8Array, part: Part): Uint8Array {
  return decodePart(body, { ...part, headerStart: 0, bodyStart: 0, bodyEnd: body.length });
}

const found = (part: Part, bytes: () => Promise<Uint8Array>): FoundBlob => ({
  type: `${part.type}/${part.subtype}`,
  size: undefined,
  ...(part.filename === undefined ? {} : { name: part.filename }),
  bytes,
});

/**
 * A path may go on inside a message that is itself a part (Email/parse gives such ids): where the tree ends, the part is
 * decoded and read as a message.
 */
async function findIn(
  parts: Parts,
  root: Part,
  path: string,
  whole: () => Promise<Uint8Array>,
): Promise<FoundBlob | undefined> {
  const direct = partByPath(root, path);
  if (direct) return direct.parts ? undefined : found(direct, async () => decodePart(await whole(), direct));
  const steps = path.split('.');
  for (let length = steps.length - 1; length > 0; length--) {
    const outer = partByPath(root, steps.slice(0, length).join('.'));
    if (!outer || outer.parts) continue;
    const inner = decodePart(await whole(), outer);
    const message = await parts.mailstore.takeApart(inner);
    return findIn(parts, message.root, steps.slice(length).join('.'), () => Promise.resolve(inner));
  }
  return undefined;
}

/** The bytes of a blob that an argument names. */
export async function blobBytes(
  context: MethodContext,
  account: OpenAccount,
  blobId: string,
): Promise<{ bytes: Uint8Array; type: string; name?: string } | undefined> {
  const blob = await findBlob(context, account, resolveId(context, blobId));
  return (
    blob && { bytes: await blob.bytes(), type: blob.type, ...(blob.name === undefined ? {} : { name: blob.name }) }
  );
}

import type { BlobStore } from '../blobs/blob-store.ts';
import type { BlobHash } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { messageText } from '../message/derive.ts';
import type { Part } from '../message/types.ts';
import type { PreparedMessage } from '../mailstore/types.ts';
import type { Signing, Verdict } from '../signing/types.ts';

/** The bytes of a message that is staged but perhaps not yet recorded. */
export async function bytesOf(blobs: BlobStore, { blob }: Pick<PreparedMessage, 'blob'>): Promise<Uint8Array> {
  return blobs.staged(blob);
}

/** Nothing that could be a signature: no worker needs to look. */
export function isPlainlyUnsigned(message: PreparedMessage, bytes: Uint8Array): boolean {
  const inline = '-----BEGIN PGP ';
  return (
    !hasSignedPart(message.derived.root) &&
    !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(inline, 0, 'latin1') &&
    (isReadAsItIs(message.derived.root) || !messageText(bytes, message.derived.root).includes(inline))
  );
}

/** No text is hidden from a look at the octets: none is encoded, in a charset that is not ASCII below 128, or marked up. */
function isReadAsItIs(part: Part): boolean {
  if (part.parts) return part.parts.every(isReadAsItIs);
  if (part.type !== 'text') return true;
  const charset = part.params['charset']?.toLowerCase() ?? 'us-ascii';
  return (
    part.subtype === 'plain' &&
    ['7bit', '8bit', 'binary'].includes(part.encoding) &&
    ['us-ascii', 'utf-8', 'windows-1252', 'iso-8859-1'].includes(charset)
  );
}

function hasSignedPart(part: Part): boolean {
  if (part.type === 'multipart' && ['signed', 'encrypted'].includes(part.subtype)) return true;
  if (part.type === 'application' && /^(x-)?(pkcs7-|pgp)/.test(part.subtype)) return true;
  return (part.parts ?? []).some(hasSignedPart) || (part.message !== undefined && hasSignedPart(part.message.root));
}

export function unsignedVerdict(message: PreparedMessage, at: number): Verdict {
  return {
    kind: 'unsigned',
    checkedAt: new Date(at).toISOString(),
    files: { signed: 0, unsigned: message.derived.attachments.length },
    checks: [],
  };
}

/** `verdict` is null while the key of `needsKeyOf` must first be asked of its domain, or the check made again. */
export interface Judged {
  verdict: Verdict | null;
  needsKeyOf?: string;
  checkAgain?: true;
}

export async function judge(
  signing: Signing,
  message: PreparedMessage,
  bytes: Uint8Array,
  at: number,
): Promise<Judged> {
  if (isPlainlyUnsigned(message, bytes)) return { verdict: unsignedVerdict(message, at) };
  const { verdict, needsKeyOf, unfinished } = await signing.verify(message, bytes, at);
  if (unfinished) return { verdict: null, checkAgain: true };
  return needsKeyOf === undefined ? { verdict } : { verdict: null, needsKeyOf };
}

/** In the unit that stores these bytes: the jobs that bring the verdict later. */
export async function awaitVerdict(
  parts: { signing: Signing; askForKey(tx: Tx, address: string, hash: BlobHash): Promise<void> },
  tx: Tx,
  hash: BlobHash,
  { needsKeyOf, checkAgain }: Omit<Judged, 'verdict'>,
): Promise<void> {
  if (needsKeyOf !== undefined) await parts.askForKey(tx, needsKeyOf, hash);
  if (checkAgain) await parts.signing.checkAgain(tx, hash);
}

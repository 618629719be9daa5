import type { BlobStore } from '../blobs/blob-store.ts';
import type { BlobHash } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { asBuffer, latin1 } from '../message/charset.ts';
import { decodePart, rawBody } from '../message/content.ts';
import { messageText } from '../message/derive.ts';
import type { Part } from '../message/types.ts';
import type { PreparedMessage } from '../mailstore/types.ts';
import type { Signing, Verdict } from '../signing/types.ts';

/** The bytes of a message that is staged but perhaps not yet recorded. */
export async function bytesOf(blobs: BlobStore, { blob }: Pick<PreparedMessage, 'blob'>): Promise<Uint8Array> {
  return blobs.staged(blob);
}

const ARMOR = '-----BEGIN PGP ';

/** Nothing that could be a signature: no worker needs to look. */
export function isPlainlyUnsigned(message: PreparedMessage, bytes: Uint8Array): boolean {
  const { root } = message.derived;
  if (hasSignedPart(root) || asBuffer(bytes).includes(ARMOR, 0, 'latin1')) return false;
  return !textParts(root).some((part) => mayHidePgp(bytes, part)) || !messageText(bytes, root).includes(ARMOR);
}

function textParts(part: Part): Part[] {
  if (part.parts) return part.parts.flatMap(textParts);
  return part.type === 'text' ? [part] : [];
}

/** ASCII below 128. */
const PLAIN_CHARSETS = new Set(['us-ascii', 'utf-8', 'windows-1252', 'windows-1258', 'iso-8859-1']);

/**
 * The three letters, or where the octets have something between them or in place of one that a reader does not see so: markup,
 * an entity (none beyond 99 is a letter of these), a character that is not shown, an octet of quoted-printable or a soft line break.
 */
const PGP = /PG?[<&=\x80-\xff]|PGP|=(?:50|47|26)|&(?:=|#(?![1-9]\d\d))/;

/** Whether a reader of this text might read "PGP". Decoding all text of all mail, to find out for certain, takes longer. */
function mayHidePgp(bytes: Uint8Array, part: Part): boolean {
  // HTML says within what charset it has, if nothing else says it.
  const charset = part.params['charset']?.toLowerCase() ?? (part.subtype === 'html' ? '' : 'us-ascii');
  if (!PLAIN_CHARSETS.has(charset)) return true;
  const asItIs = ['7bit', '8bit', 'binary'].includes(part.encoding);
  if (asItIs && part.subtype !== 'html') return false;
  const written = asItIs || part.encoding === 'quoted-printable';
  return PGP.test(latin1(written ? rawBody(bytes, part) : decodePart(bytes, part)));
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

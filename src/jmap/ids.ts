/**
 * Ids as clients see them, but for those that IMAP shows too: src/base/object-ids.ts.
 * Blobs: `b<sha256>` a whole message or upload; `p<emailId>-<path>` a decoded part of an email, its MIME path with "-" for ".";
 * `b<sha256>-<path>` a decoded part of a message that was parsed without being an email.
 */
import type { BlobHash, EmailId, SubmissionId } from '../base/ids.ts';
import { numbered } from '../base/object-ids.ts';

export const submissionIds = numbered<SubmissionId>('s');

export type BlobRef =
  | { kind: 'whole'; hash: BlobHash }
  | { kind: 'emailPart'; emailId: EmailId; path: string }
  | { kind: 'blobPart'; hash: BlobHash; path: string };

const PART = /^p([1-9][0-9]{0,14})-([0-9]{1,6}(?:-[0-9]{1,6}){0,60})$/;
const BLOB = /^b([0-9a-f]{64})(?:-([0-9]{1,6}(?:-[0-9]{1,6}){0,60}))?$/;

export function parseBlobId(text: string): BlobRef | undefined {
  const part = PART.exec(text);
  if (part)
    return { kind: 'emailPart', emailId: Number(part[1]) as EmailId, path: (part[2] ?? '').replaceAll('-', '.') };
  const blob = BLOB.exec(text);
  if (!blob) return undefined;
  const hash = blob[1] as BlobHash;
  return blob[2] === undefined
    ? { kind: 'whole', hash }
    : { kind: 'blobPart', hash, path: blob[2].replaceAll('-', '.') };
}

export const wholeBlobId = (hash: BlobHash): string => `b${hash}`;
/** What a part's blob id starts with: the email, the blob, or the part that holds the message. */
export const partBase = (emailId: EmailId): string => `p${emailId}`;
export const partBlobId = (base: string, path: string): string => `${base}-${path.replaceAll('.', '-')}`;

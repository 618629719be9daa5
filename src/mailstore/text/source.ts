/** The octets of a message that its text is in: of what was just delivered, or read again. */
import { isDomainError } from '../../base/errors.ts';
import type { BlobHash } from '../../base/ids.ts';
import { deriveMessage } from '../../message/derive.ts';
import { searchedSpans, type Known } from '../../message/search-text.ts';
import type { MailstoreParts } from '../parts.ts';
import { derivedRow } from '../repository/messages.ts';
import type { PreparedMessage } from '../types.ts';

export interface Source {
  known: Known;
  /** In order, none over another; octet `start` of the message is the first. */
  pieces: { start: number; octets: Uint8Array }[];
}

/** @returns undefined when the bytes are lost, which `check` tells */
export async function sourceOf(
  { db, blobs, log }: MailstoreParts,
  hash: BlobHash,
  delivered?: PreparedMessage,
): Promise<Source | undefined> {
  try {
    const bytes = delivered?.blob.data;
    if (delivered && bytes) return sourceIn(bytes, delivered.derived);
    const stored = await derivedRow({ db, q: db.read }, hash);
    const { summary, root, attachments } = stored ?? deriveMessage(await blobs.read(hash));
    const known = { summary, root, attachments };
    const pieces: Source['pieces'] = [];
    for (const { start, end } of searchedSpans(known)) {
      pieces.push({ start, octets: await blobs.readRange(hash, start, end) });
    }
    return { known, pieces };
  } catch (error) {
    if (!isOfThisMessage(error)) throw error;
    log.warn({ err: error, hash }, 'a message whose bytes cannot be read cannot be indexed');
    return undefined;
  }
}

/** Of a message that is at hand. */
export function sourceIn(bytes: Uint8Array, { summary, root, attachments }: Known): Source {
  const known = { summary, root, attachments };
  return {
    known,
    pieces: searchedSpans(known).map(({ start, end }) => ({ start, octets: bytes.subarray(start, end) })),
  };
}

/** What the disk says of one file: trying again would keep all others waiting. `check` finds it, `repair` indexes it. */
const OF_A_FILE = new Set(['EIO', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'ELOOP']);

function isOfThisMessage(error: unknown): boolean {
  if (isDomainError(error, 'blob.missing') || isDomainError(error, 'blob.damaged')) return true;
  return error instanceof Error && 'syscall' in error && 'code' in error && OF_A_FILE.has(String(error.code));
}

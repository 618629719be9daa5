/** The octets of a message that its text is in: of what was just delivered, or read again. */
import { isDomainError } from '../../base/errors.ts';
import type { BlobHash } from '../../base/ids.ts';
import { deriveMessage } from '../../message/derive.ts';
import { searchedSpans, type Known } from '../../message/search-text.ts';
import type { MailstoreParts } from '../parts.ts';
import { derivedRow } from '../repository/messages.ts';
import type { PreparedMessage } from '../types.ts';
import type { IndexedMessage } from './indexed.ts';
import { readSource } from './read.ts';

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
    if (delivered && bytes) {
      const { summary, root, attachments } = delivered.derived;
      const known = { summary, root, attachments };
      return {
        known,
        pieces: searchedSpans(known).map(({ start, end }) => ({ start, octets: bytes.subarray(start, end) })),
      };
    }
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

/** What the disk says of one file: trying again would keep all others waiting. `check` finds it, `repair` indexes it. */
const OF_A_FILE = new Set(['EIO', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'ELOOP']);

function isOfThisMessage(error: unknown): boolean {
  if (isDomainError(error, 'blob.missing') || isDomainError(error, 'blob.damaged')) return true;
  return error instanceof Error && 'syscall' in error && 'code' in error && OF_A_FILE.has(String(error.code));
}

/** One message, here and now. */
export async function readIndexed(parts: MailstoreParts, hash: BlobHash): Promise<IndexedMessage | undefined> {
  const source = await sourceOf(parts, hash);
  return source && readSource(source, parts.db.dialect);
}

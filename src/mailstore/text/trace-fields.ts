import type { BlobHash } from '../../base/ids.ts';
import { isDomainError } from '../../base/errors.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { readHeaderFields } from '../../message/header-fields.ts';
import { decodeHeaderText, findFields } from '../../message/header.ts';
import { defaultMessageLimits, type HeaderField } from '../../message/types.ts';

/** Nearly every header ends within this. */
const FIRST_READ = 64 * 1024;

/** The header fields of a stored message; none when its bytes are lost. */
export async function storedHeader(blobs: BlobStore, hash: BlobHash): Promise<HeaderField[]> {
  let head: Uint8Array;
  try {
    head = await blobs.readRange(hash, 0, FIRST_READ);
    if (head.length === FIRST_READ && !/\n\r?\n/.test(Buffer.from(head).toString('latin1'))) {
      head = await blobs.readRange(hash, 0, defaultMessageLimits.headerBytes);
    }
  } catch (error) {
    if (isDomainError(error, 'blob.missing') || isDomainError(error, 'blob.damaged')) return [];
    throw error;
  }
  return readHeaderFields(head, 0, head.length, defaultMessageLimits);
}

/** Decoded values of the fields of one name. */
export const traceValues = async (blobs: BlobStore, hash: BlobHash, name: string): Promise<string[]> =>
  findFields(await storedHeader(blobs, hash), name).map(({ raw }) =>
    decodeHeaderText(raw).normalize('NFC').replace(/\s+/g, ' ').trim(),
  );

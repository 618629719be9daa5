import type { BlobHash } from '../../base/ids.ts';
import { isDomainError } from '../../base/errors.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { readHeaderFields } from '../../message/header-fields.ts';
import { decodeHeaderText, findFields } from '../../message/header.ts';
import { defaultMessageLimits, type HeaderField } from '../../message/types.ts';

/** Nearly every header ends within the first of these; the rest of the message would have to be put together for nothing. */
const READ = [8 * 1024, 64 * 1024, defaultMessageLimits.headerBytes];

/** The header fields of a stored message; none when its bytes are lost. */
export async function storedHeader(blobs: BlobStore, hash: BlobHash): Promise<HeaderField[]> {
  let head: Uint8Array = new Uint8Array();
  try {
    for (const most of READ) {
      head = await blobs.readRange(hash, 0, most);
      if (head.length < most || /\n\r?\n/.test(Buffer.from(head).toString('latin1'))) break;
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

/** The text of a message for the index: of what was just delivered, or read again. */
import { isDomainError } from '../../base/errors.ts';
import type { BlobHash } from '../../base/ids.ts';
import { deriveMessage } from '../../message/derive.ts';
import { searchText } from '../../message/search-text.ts';
import type { MailstoreParts } from '../parts.ts';
import { derivedRow } from '../repository/messages.ts';
import { indexedMessage, type IndexedMessage } from '../repository/search.ts';
import type { PreparedMessage } from '../types.ts';

/** @returns undefined when the bytes are lost, which `check` tells */
export async function readIndexed(
  { db, blobs, log }: MailstoreParts,
  hash: BlobHash,
  delivered?: PreparedMessage,
): Promise<IndexedMessage | undefined> {
  try {
    const bytes = delivered?.blob.data;
    if (delivered && bytes) {
      return indexedMessage(await searchText((start, end) => bytes.subarray(start, end), delivered.derived));
    }
    const known = await derivedRow({ db, q: db.read }, hash);
    const message = known ?? deriveMessage(await blobs.read(hash));
    return indexedMessage(await searchText((start, end) => blobs.readRange(hash, start, end), message));
  } catch (error) {
    if (!isDomainError(error, 'blob.missing') && !isDomainError(error, 'blob.damaged')) throw error;
    log.warn({ hash }, 'a message whose bytes are lost cannot be indexed');
    return undefined;
  }
}

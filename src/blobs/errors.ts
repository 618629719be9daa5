import { DomainError, isDomainError } from '../base/errors.ts';
import type { BlobHash } from '../base/ids.ts';

/** What lies on the disk is not what was written there. Without a name until somebody says which blob it was. */
export class BlobDamaged extends Error {
  override readonly name = 'BlobDamaged';
}

export function missing(hash: BlobHash): DomainError {
  return new DomainError('unavailable', 'blob.missing', `stored bytes are missing: ${hash}`, { hash });
}

export function damaged(hash: BlobHash, cause: BlobDamaged): DomainError {
  return new DomainError(
    'unavailable',
    'blob.damaged',
    `stored bytes are damaged: ${hash}: ${cause.message}`,
    { hash },
    cause,
  );
}

/**
 * The octets of this one cannot be had: missing, changed, on a sector that the disk does not give, or of an owner that is not us.
 * That says nothing about any other.
 */
export const isUnreadable = (error: unknown): boolean =>
  isDomainError(error) || ['EIO', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');

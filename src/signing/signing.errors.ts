import { DomainError } from '../base/errors.ts';

export const keyUnfit = (reason: string, detail?: string): DomainError =>
  new DomainError('invalid', 'signing.key_unfit', `the key cannot be used: ${reason}`, {
    reason,
    ...(detail === undefined ? {} : { detail: detail.slice(0, 200) }),
  });
export const keyNotFound = (): DomainError =>
  new DomainError('notFound', 'signing.key_not_found', 'no such signing key');
export const keyTaken = (): DomainError =>
  new DomainError('conflict', 'signing.key_taken', 'this key was enrolled before');
/** No thread to check with: the program stops, or its worker cannot start. */
export const checksUnavailable = (cause: unknown): DomainError =>
  new DomainError('unavailable', 'signing.unavailable', 'signatures cannot be checked now', {}, cause);
export const keysChanging = (): DomainError =>
  new DomainError('unavailable', 'signing.keys_changing', 'the keys are being changed elsewhere, try again');
export const officialNotFound = (): DomainError =>
  new DomainError('notFound', 'signing.official_not_found', 'no such official');
export const noCertificationKey = (): DomainError =>
  new DomainError(
    'unavailable',
    'signing.no_certification_key',
    'the provincial certification key is not here; certification waits for it',
  );
export const certificationExists = (): DomainError =>
  new DomainError('conflict', 'signing.certification_exists', 'the certification key was made before');

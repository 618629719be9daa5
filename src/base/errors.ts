/** What a domain error means; each face maps it once to its protocol's own words. */
export type ErrorKind =
  | 'invalid' // the request makes no sense as written
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'tooLarge'
  | 'overLimit' // quota, rate, count
  | 'unavailable'; // we cannot now; try again

/**
 * The user may not or cannot. `code` is stable (`document.not_found`): screens translate it, programs test it.
 * `details` is safe to show to the caller: never a secret, never what another person may not know.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(kind: ErrorKind, code: string, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
}

export function isDomainError(error: unknown, code?: string): error is DomainError {
  return error instanceof DomainError && (code === undefined || error.code === code);
}

/** For a switch that must have handled every case. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** Errors in the protocol's own terms; connection.ts makes the reply (docs/architecture: raise here, map once). */
import type { DomainError } from '../base/errors.ts';

export type ResponseCode =
  | 'ALERT'
  | 'ALREADYEXISTS'
  | 'AUTHENTICATIONFAILED'
  | 'BADCHARSET (US-ASCII UTF-8)'
  | 'CANNOT'
  | 'CLIENTBUG'
  | 'COMPRESSIONACTIVE'
  | 'CONTACTADMIN'
  | 'EXPUNGEISSUED'
  | 'HASCHILDREN'
  | 'INUSE'
  | 'LIMIT'
  | 'NONEXISTENT'
  | 'NOPERM'
  | 'OVERQUOTA'
  | 'PRIVACYREQUIRED'
  | 'SERVERBUG'
  | 'TOOBIG'
  | 'TRYCREATE'
  | 'UNAVAILABLE'
  | 'UNKNOWN-CTE'
  | 'USEATTR';

/** NO: the user may not or cannot. BAD: the client may not send this now. */
export class ImapError extends Error {
  override readonly name = 'ImapError';
  readonly status: 'NO' | 'BAD';
  readonly responseCode: ResponseCode | undefined;

  constructor(status: 'NO' | 'BAD', responseCode: ResponseCode | undefined, message: string) {
    super(message);
    this.status = status;
    this.responseCode = responseCode;
  }
}

export const no = (message: string, responseCode?: ResponseCode): ImapError =>
  new ImapError('NO', responseCode, message);
export const bad = (message: string, responseCode?: ResponseCode): ImapError =>
  new ImapError('BAD', responseCode, message);

/** RFC 9051 §6.4.5: message numbers are those that were told. */
export const noSuchNumber = (): ImapError => bad('there is no message of that number');

export const isBad = (error: unknown): boolean => error instanceof ImapError && error.status === 'BAD';

/** What was thrown, as an error. */
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** Ends the connection: BYE with these words. */
export class Farewell extends Error {
  override readonly name = 'Farewell';
  readonly responseCode: ResponseCode | undefined;

  constructor(message: string, responseCode?: ResponseCode) {
    super(message);
    this.responseCode = responseCode;
  }
}

/** A response broke off in its middle: any further word would be read as part of it, so the connection only ends. */
export class Torn extends Error {
  override readonly name = 'Torn';
}

const BY_CODE: Record<string, ResponseCode> = {
  'mail.over_quota': 'OVERQUOTA',
  'mail.mailbox_exists': 'ALREADYEXISTS',
  'mail.mailbox_not_found': 'NONEXISTENT',
  'mail.mailbox_parent_missing': 'NONEXISTENT',
  'mail.mailbox_name_invalid': 'CANNOT',
  'mail.mailbox_has_role': 'CANNOT',
  'mail.mailbox_loop': 'CANNOT',
  'mail.mailbox_role_taken': 'USEATTR',
  'mail.mailbox_too_deep': 'LIMIT',
  'mail.mailbox_has_child': 'HASCHILDREN',
  'mail.too_many_mailboxes': 'LIMIT',
  'sign_in.wrong': 'AUTHENTICATIONFAILED',
  'sign_in.locked': 'UNAVAILABLE',
  'sign_in.rate_limited': 'UNAVAILABLE',
  'sign_in.disabled': 'CONTACTADMIN',
  'sign_in.token_invalid': 'AUTHENTICATIONFAILED',
  'sign_in.token_scope': 'AUTHENTICATIONFAILED',
};
const BY_KIND: Record<DomainError['kind'], ResponseCode> = {
  invalid: 'CANNOT',
  unauthenticated: 'AUTHENTICATIONFAILED',
  forbidden: 'NOPERM',
  notFound: 'NONEXISTENT',
  conflict: 'INUSE',
  tooLarge: 'TOOBIG',
  overLimit: 'LIMIT',
  unavailable: 'UNAVAILABLE',
};

/** RFC 5530 codes for what the domain refused. */
export const fromDomain = (error: DomainError): ImapError =>
  new ImapError('NO', BY_CODE[error.code] ?? BY_KIND[error.kind], error.message);

/** The connection is over. */
export class Gone extends Error {
  override readonly name = 'Gone';
}
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

/** No command that follows can be answered. */
export const endsAll = (error: unknown): boolean =>
  error instanceof Farewell || error instanceof Gone || error instanceof TimedOut || error instanceof Torn;

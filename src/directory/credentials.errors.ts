import { DomainError } from '../base/errors.ts';
import type { PasswordRule } from './password-rules.models.ts';

/** Unknown address and wrong password alike. */
export const signInWrong = (): DomainError =>
  new DomainError('unauthenticated', 'sign_in.wrong', 'wrong address or password');
export const signInLocked = (retryAfter: number): DomainError =>
  new DomainError('overLimit', 'sign_in.locked', 'too many wrong passwords: the account is locked for a while', {
    retryAfter,
  });
export const signInRateLimited = (retryAfter: number): DomainError =>
  new DomainError('overLimit', 'sign_in.rate_limited', 'too many sign-ins: try again later', { retryAfter });
/** The words are for the log; a client is told "invalid_token". */
export const signInTokenInvalid = (reason: string): DomainError =>
  new DomainError('unauthenticated', 'sign_in.token_invalid', reason);
export const signInTokenScope = (scope: string): DomainError =>
  new DomainError('forbidden', 'sign_in.token_scope', `the token does not allow ${scope}`);
export const signInDisabled = (): DomainError =>
  new DomainError('forbidden', 'sign_in.disabled', 'the account is disabled');
export const passwordWrong = (): DomainError =>
  new DomainError('forbidden', 'password.wrong', 'the current password is wrong');
export const passwordConfirm = (): DomainError =>
  new DomainError('forbidden', 'password.confirm', 'give the password again: it was given too long ago');
export const passwordTooWeak = (rules: PasswordRule[]): DomainError =>
  new DomainError('invalid', 'password.too_weak', 'the password breaks a rule', { rules });
export const passwordReused = (): DomainError =>
  new DomainError('invalid', 'password.reused', 'the new password is the old one');
export const tooManyAppPasswords = (most: number): DomainError =>
  new DomainError('overLimit', 'app_password.too_many', `at most ${most} app passwords`, { most });
export const appPasswordNotFound = (): DomainError =>
  new DomainError('notFound', 'app_password.not_found', 'there is no such app password');
export const apiKeyInvalid = (field: string, message: string): DomainError =>
  new DomainError('invalid', 'api_key.invalid', message, { field });

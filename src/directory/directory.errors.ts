import { DomainError } from '../base/errors.ts';

export const unitNotFound = (code: string): DomainError =>
  new DomainError('notFound', 'unit.not_found', `there is no unit ${code}`, { code });
export const unitExists = (code: string): DomainError =>
  new DomainError('conflict', 'unit.exists', `unit ${code} exists already`, { code });
export const unitInvalid = (field: string, message: string): DomainError =>
  new DomainError('invalid', 'unit.invalid', message, { field });
export const officialNotFound = (): DomainError =>
  new DomainError('notFound', 'official.not_found', 'there is no such official');
export const officialInvalid = (field: string, message: string): DomainError =>
  new DomainError('invalid', 'official.invalid', message, { field });
export const addressInvalid = (address: string): DomainError =>
  new DomainError('invalid', 'address.invalid', `${address} is no address that can be given here`, { address });
export const addressTaken = (address: string): DomainError =>
  new DomainError('conflict', 'address.taken', `${address} is or was somebody's address`, { address });
export const accountNotShared = (): DomainError =>
  new DomainError('invalid', 'delegate.not_shared', 'only unit and title mailboxes have delegates');

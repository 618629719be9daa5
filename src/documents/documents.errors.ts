import { DomainError } from '../base/errors.ts';

export const documentNotFound = (): DomainError =>
  new DomainError('notFound', 'document.not_found', 'no such document');
export const fileNotFound = (): DomainError => new DomainError('notFound', 'document.file_not_found', 'no such file');
export const unitNotFound = (code: string): DomainError =>
  new DomainError('invalid', 'document.unit_unknown', `no such unit: ${code}`, { field: 'unitCode' });
export const notAllowed = (what: string): DomainError => new DomainError('forbidden', 'document.forbidden', what);
export const secretRefused = (): DomainError =>
  // Luật BVBMNN 117/2025: state secrets are never kept on a networked machine. The subject is not repeated, not logged, not indexed.
  new DomainError(
    'forbidden',
    'document.secret_refused',
    'documents marked as a state secret must not enter this system',
    { field: 'secrecy' },
  );
export const numberMalformed = (value: string): DomainError =>
  new DomainError('invalid', 'document.number_malformed', 'the number and notation must read like 05/CT-UBND', {
    field: 'numberNotation',
    value: value.slice(0, 60),
  });
export const duplicate = (numberNotation: string): DomainError =>
  new DomainError(
    'conflict',
    'document.duplicate',
    `this register already has ${numberNotation} of that issuer and date`,
    { numberNotation },
  );
export const webhookInside = (host: string): DomainError =>
  new DomainError(
    'invalid',
    'webhook.inside_address',
    `${host} lies in our own network; an administrator may allow it (documents.webhookNetworks)`,
    { field: 'url' },
  );
export const fileTooLarge = (limit: number): DomainError =>
  new DomainError('tooLarge', 'document.file_too_large', `a file may have at most ${limit} bytes`, { limit });
export const tooManyFiles = (limit: number): DomainError =>
  new DomainError('overLimit', 'document.too_many_files', `a document may have at most ${limit} files`, { limit });
export const cursorMalformed = (): DomainError =>
  new DomainError('invalid', 'document.cursor_malformed', 'the cursor is not one of ours', { field: 'cursor' });
export const tooManyWebhooks = (limit: number): DomainError =>
  new DomainError('overLimit', 'webhook.too_many', `a key may have at most ${limit} webhooks`, { limit });
export const webhookNotFound = (): DomainError => new DomainError('notFound', 'webhook.not_found', 'no such webhook');

/** Errors in JMAP's own terms (RFC 8620 §3.6); domain errors are mapped here, once. */
import { isDomainError, type DomainError } from '../../base/errors.ts';

/** RFC 8620 §3.6.1: the whole request is refused, problem+json. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly type: 'unknownCapability' | 'notJSON' | 'notRequest' | 'limit' | 'about:blank';
  readonly status: number;
  readonly limit: string | undefined;

  constructor(type: RequestProblem['type'], detail: string, options: { status?: number; limit?: string } = {}) {
    super(detail);
    this.type = type;
    this.status = options.status ?? 400;
    this.limit = options.limit;
  }

  toResponse(): Response {
    const type = this.type === 'about:blank' ? this.type : `urn:ietf:params:jmap:error:${this.type}`;
    const body = {
      type,
      status: this.status,
      detail: this.message,
      ...(this.limit === undefined ? {} : { limit: this.limit }),
    };
    return new Response(JSON.stringify(body), {
      status: this.status,
      headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' },
    });
  }
}

/** RFC 8620 §3.6.2: one method call is refused. */
export class MethodError extends Error {
  override readonly name = 'MethodError';
  readonly type: string;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(type: string, description?: string, extra: Record<string, unknown> = {}) {
    super(description ?? type);
    this.type = type;
    this.extra = { ...(description === undefined ? {} : { description }), ...extra };
  }
}

/** RFC 8620 §5.3: one object of a /set is refused. Thrown before the object's first write, so that its neighbours may go on. */
export class SetError extends Error {
  override readonly name = 'SetError';
  readonly type: string;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(type: string, description?: string, extra: Record<string, unknown> = {}) {
    super(description ?? type);
    this.type = type;
    this.extra = { ...(description === undefined ? {} : { description }), ...extra };
  }

  toJSON(): Record<string, unknown> {
    return { type: this.type, ...this.extra };
  }
}

export const invalidProperties = (properties: string[], description?: string): SetError =>
  new SetError('invalidProperties', description, { properties });

const setErrors: Record<string, (error: DomainError) => SetError> = {
  'mail.over_quota': (e) => new SetError('overQuota', e.message),
  'mail.mailbox_not_found': (e) => invalidProperties(['mailboxIds'], e.message),
  'mail.mailbox_exists': (e) => invalidProperties(['name'], e.message),
  'mail.mailbox_name_invalid': (e) => invalidProperties(['name'], e.message),
  'mail.mailbox_parent_missing': (e) => invalidProperties(['parentId'], e.message),
  'mail.mailbox_loop': (e) => invalidProperties(['parentId'], e.message),
  'mail.mailbox_too_deep': (e) => invalidProperties(['parentId'], e.message),
  'mail.too_many_mailboxes': (e) => new SetError('overQuota', e.message),
  // RFC 8621 §2.5.
  'mail.mailbox_has_child': (e) => new SetError('mailboxHasChild', e.message),
  'mail.mailbox_has_email': (e) => new SetError('mailboxHasEmail', e.message),
  'mail.mailbox_has_role': (e) => new SetError('forbidden', e.message),
  'mail.keyword_invalid': (e) => invalidProperties(['keywords'], e.message),
  'mail.too_many_keywords': (e) => new SetError('tooManyKeywords', e.message),
};

/** What a /set says about an object that the store refused; undefined: we failed, not the client. */
export function setErrorOf(error: unknown): SetError | undefined {
  if (error instanceof SetError) return error;
  if (!isDomainError(error)) return undefined;
  const known = setErrors[error.code];
  if (known) return known(error);
  switch (error.kind) {
    case 'invalid':
    case 'conflict':
      return new SetError('invalidProperties', error.message, { properties: [] });
    case 'forbidden':
    case 'unauthenticated':
      return new SetError('forbidden', error.message);
    case 'notFound':
      return new SetError('notFound', error.message);
    case 'tooLarge':
      return new SetError('tooLarge', error.message);
    case 'overLimit':
      return new SetError('rateLimit', error.message);
    case 'unavailable':
      return undefined;
  }
}

/** Stored bytes are gone or have changed: nothing that the client did, and nothing that it can mend. */
export const isLost = (error: unknown): boolean =>
  isDomainError(error, 'blob.missing') || isDomainError(error, 'blob.damaged');

/** What a method call says when the store refused; undefined: we failed. */
export function methodErrorOf(error: unknown): MethodError | undefined {
  if (error instanceof MethodError) return error;
  if (!isDomainError(error)) return undefined;
  if (error.code === 'mail.cannot_calculate_changes') return new MethodError('cannotCalculateChanges');
  // Trying again will not bring them back; who does not know the type takes it for serverFail (RFC 8620 §3.6.2).
  if (isLost(error)) return new MethodError('contentMissing', error.message);
  switch (error.kind) {
    case 'invalid':
      return new MethodError('invalidArguments', error.message);
    case 'forbidden':
    case 'unauthenticated':
      return new MethodError('forbidden', error.message);
    case 'unavailable':
      return new MethodError('serverUnavailable', error.message);
    case 'notFound':
    case 'conflict':
    case 'tooLarge':
    case 'overLimit':
      return undefined;
  }
}

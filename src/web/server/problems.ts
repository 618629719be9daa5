/** Errors become problem+json (RFC 9457) here and nowhere else. */
import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { nanoid } from 'nanoid';

import type { Problem } from '../../base/api-types.ts';
import { DomainError, type ErrorKind } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { storageFault } from '../../base/storage-faults.ts';
import type { WebEnv } from './env.ts';

const statusOf: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  tooLarge: 413,
  overLimit: 429,
  unavailable: 503,
};

type FieldErrors = NonNullable<Problem['errors']>;

/** The domain does not know what a request is; this is its shape that is wrong. */
export class RequestError extends DomainError {
  constructor(errors: FieldErrors, code = 'request.invalid', message = 'the request is not as described') {
    super('invalid', code, message, { errors });
  }
}

export function problemHandler(log: Log): ErrorHandler<WebEnv> {
  return (error, c) => {
    if (error instanceof DomainError) return respond(problemOf(error));
    if (error instanceof HTTPException) {
      const code =
        error.status === 413 ? 'request.too_large' : error.status === 404 ? 'request.not_found' : 'request.malformed';
      return respond(
        problem(error.status, code, error.status === 413 ? 'the request is too large' : 'the request cannot be read'),
      );
    }
    // We failed: the caller gets a number to quote, the log the rest. The path, not the query: it may hold what was typed.
    const logId = nanoid(12);
    log.error({ err: error, logId, method: c.req.method, path: c.req.path }, 'request failed');
    const fault = storageFault(error);
    if (fault) return respond({ ...problemOf(fault), detail: `log id ${logId}` });
    return respond({ ...problem(500, 'server.failed', 'the server failed'), detail: `log id ${logId}` });
  };
}

export function problem(status: number, code: string, title: string): Problem {
  return { type: `urn:congvu:problem:${code}`, title, status, code };
}

export function problemOf(error: DomainError): Problem {
  const { retryAfter } = error.details;
  const errors = errorsOf(error);
  return {
    ...problem(statusOf[error.kind], error.code, error.message),
    ...(errors.length > 0 ? { errors } : {}),
    ...(typeof retryAfter === 'number' ? { retryAfter } : {}),
  };
}

function errorsOf({ details, code, message }: DomainError): FieldErrors {
  const { errors, field, rules } = details;
  // Errors of imports and validators are made by us, of this shape.
  if (Array.isArray(errors)) return errors as FieldErrors;
  if (Array.isArray(rules))
    return rules.map((rule) => ({ field: 'next', code: `password.${String(rule)}`, message: `rule ${String(rule)}` }));
  return typeof field === 'string' ? [{ field, code, message }] : [];
}

export function respond(body: Problem): Response {
  const headers = new Headers({ 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' });
  if (body.retryAfter !== undefined) headers.set('Retry-After', String(body.retryAfter));
  if (body.status === 401) headers.set('WWW-Authenticate', 'Bearer');
  return new Response(JSON.stringify(body), { status: body.status, headers });
}

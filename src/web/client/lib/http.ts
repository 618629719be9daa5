/**
 * /api/v1 from the browser. Every failure is an ApiError with a stable code that the screen translates; a request that
 * never reached the server is `network`.
 */
import type { Problem } from '../../../base/api-types.ts';
import { createStore } from './store.ts';

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryAfter: number | undefined;
  readonly problem: Problem | undefined;
  constructor(code: string, status: number, problem?: Problem, cause?: unknown) {
    super(problem?.title ?? code, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.retryAfter = problem?.retryAfter;
  }
}

/** False from the first request that did not reach the server until one does. */
export const online = createStore(true);
/** Told when the server no longer knows the session. */
export const signedOut = createStore(0);

let clockOffset = 0;
function learnTime(date: string | null): void {
  const at = date ? Date.parse(date) : NaN;
  if (!Number.isNaN(at)) clockOffset = Math.abs(at - Date.now()) > 2000 ? at - Date.now() : 0;
}
/** The server's time, ms: an office computer's clock may be wrong, and signatures carry the time. */
export const serverNow = (): number => Date.now() + clockOffset;

export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    online.set(false);
    throw new ApiError('network', 0, undefined, cause);
  }
  online.set(true);
  learnTime(response.headers.get('date'));
  if (response.ok) return response;
  const error = await problemOf(response);
  if (response.status === 401 && path !== '/api/v1/session') signedOut.set((n) => n + 1);
  throw error;
}

async function problemOf(response: Response): Promise<ApiError> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.includes('json')) return new ApiError(`http.${response.status}`, response.status);
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== 'object' || body === null) return new ApiError(`http.${response.status}`, response.status);
  // The server's own problem+json (RFC 9457); `code` may be absent when a proxy made it.
  const problem = body as Problem;
  const retry = Number(response.headers.get('retry-after'));
  if (problem.retryAfter === undefined && retry > 0) problem.retryAfter = retry;
  return new ApiError(problem.code ?? `http.${response.status}`, response.status, problem);
}

/** The answer's shape is held by the server's type test against src/base/api-types.ts. */
export async function api<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { 'content-type': 'application/json' };
  }
  if (signal) init.signal = signal;
  const response = await send(`/api/v1${path}`, init);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

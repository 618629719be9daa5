/** Checks what comes in, and tells what was wrong without repeating it: it may be a password. */
import type { MiddlewareHandler } from 'hono';
import { resolver, validator } from 'hono-openapi';
import type * as v from 'valibot';

import type { Problem } from '../../base/api-types.ts';
import type { WebEnv } from './env.ts';
import { RequestError } from './problems.ts';

type Errors = NonNullable<Problem['errors']>;
type Schema = v.GenericSchema;
type Target = 'json' | 'query' | 'param';
type Checked<T extends Target, S extends Schema> = {
  in: { [K in T]: v.InferInput<S> };
  out: { [K in T]: v.InferOutput<S> };
};

/** `c.req.valid(target)` is then of the schema. @throws request.invalid */
export function valid<T extends Target, S extends Schema>(
  target: T,
  schema: S,
): MiddlewareHandler<WebEnv, string, Checked<T, S>> {
  const check = validator(target, schema, (result) => {
    if (!result.success) throw new RequestError(result.error.map(fieldError));
  });
  // hono-openapi derives its own input type, which the router does not need.
  return check as unknown as MiddlewareHandler<WebEnv, string, Checked<T, S>>;
}

/** Of valibot's issue only what the schema says: `message` and `received` hold the input. */
function fieldError(issue: object): Errors[number] {
  const { path, type, expected } = issue as { path?: readonly unknown[]; type?: unknown; expected?: unknown };
  const field = (path ?? []).map(segment).join('.');
  const message = typeof expected === 'string' && expected.length < 200 ? `expected ${expected}` : 'not as described';
  return {
    ...(field === '' ? {} : { field }),
    code: `request.${typeof type === 'string' ? type : 'invalid'}`,
    message,
  };
}

function segment(part: unknown): string {
  const key = typeof part === 'object' && part !== null && 'key' in part ? part.key : part;
  return typeof key === 'string' || typeof key === 'number' ? String(key).slice(0, 60) : '?';
}

/** For `describeRoute`: a JSON answer of this schema. */
export function answers(
  schema: Schema,
  description: string,
): { description: string; content: Record<string, { schema: ReturnType<typeof resolver> }> } {
  return { description, content: { 'application/json': { schema: resolver(schema) } } };
}
export const noContent = { description: 'Done' };

/** References to results of earlier calls in the same request (RFC 8620 §3.7). */
import * as v from 'valibot';

import { MethodError } from './errors.ts';

const ResultReference = v.strictObject({ resultOf: v.string(), name: v.string(), path: v.string() });

/** [name, arguments, method call id] */
export type Invocation = [string, Record<string, unknown>, string];

/** Arguments with every `#name` replaced. @throws MethodError invalidArguments, invalidResultReference */
export function resolveReferences(
  args: Record<string, unknown>,
  responses: readonly Invocation[],
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    if (!name.startsWith('#')) {
      out[name] = value;
      continue;
    }
    const plain = name.slice(1);
    if (Object.hasOwn(args, plain)) throw new MethodError('invalidArguments', `both ${plain} and ${name} are given`);
    out[plain] = resolve(name, value, responses);
  }
  return out;
}

function resolve(argument: string, value: unknown, responses: readonly Invocation[]): unknown {
  const parsed = v.safeParse(ResultReference, value);
  if (!parsed.success) throw new MethodError('invalidArguments', `${argument} is no ResultReference`);
  const { resultOf, name, path } = parsed.output;
  // RFC 8620 §3.7: the first response with this id; its name must be the one stated.
  const response = responses.find((r) => r[2] === resultOf);
  if (response?.[0] !== name) throw new MethodError('invalidResultReference', `no result ${name} of "${resultOf}"`);
  const found = evaluatePointer(response[1], path);
  if (found === undefined)
    throw new MethodError('invalidResultReference', `${path} is not in the result of "${resultOf}"`);
  return found;
}

/** RFC 6901, with "*" for every item of an array, lists in the outcome being joined. Undefined: nothing there. */
export function evaluatePointer(value: unknown, pointer: string): unknown {
  if (pointer === '') return value;
  if (!pointer.startsWith('/')) return undefined;
  return walk(value, pointer.slice(1).split('/').map(unescapeToken));
}

export function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function walk(value: unknown, tokens: readonly string[]): unknown {
  const [token, ...rest] = tokens;
  if (token === undefined) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    if (token === '*') return walkAll(items, rest);
    return /^(0|[1-9][0-9]{0,9})$/.test(token) && Number(token) < items.length
      ? walk(items[Number(token)], rest)
      : undefined;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
  return walk((value as Record<string, unknown>)[token], rest);
}

function walkAll(items: readonly unknown[], rest: readonly string[]): unknown[] | undefined {
  const out: unknown[] = [];
  for (const item of items) {
    const found = walk(item, rest);
    if (found === undefined) return undefined;
    if (Array.isArray(found)) for (const each of found as unknown[]) out.push(each);
    else out.push(found);
  }
  return out;
}

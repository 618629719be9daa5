/**
 * One API request (RFC 8620 §3.3): its calls run one after the other; a call that fails leaves the others alone.
 */
import { randomUUID } from 'node:crypto';

import * as v from 'valibot';

import { knownCapabilities, capabilities } from '../capabilities.ts';
import type { JmapParts, Method, MethodContext, OfficialPrincipal } from '../context.ts';
import { storageFault } from '../../base/storage-faults.ts';
import { isLost, MethodError, methodErrorOf, RequestProblem } from './errors.ts';
import { isWholeRecord } from './records.ts';
import { resolveReferences, type Invocation } from './references.ts';

const invocation = v.strictTuple([v.string(), v.custom<Record<string, unknown>>(isWholeRecord), v.string()]);
const requestSchema = v.object({
  using: v.array(v.string()),
  methodCalls: v.array(invocation),
  createdIds: v.optional(v.record(v.string(), v.string())),
});
export type JmapRequest = v.InferOutput<typeof requestSchema>;

export interface JmapResponse {
  methodResponses: Invocation[];
  createdIds?: Record<string, string>;
  sessionState: string;
}

/** @throws RequestProblem notRequest, unknownCapability, limit */
export function parseRequest(value: unknown, maxCallsInRequest: number): JmapRequest {
  const parsed = v.safeParse(requestSchema, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new RequestProblem('notRequest', `${v.getDotPath(issue) ?? 'the request'} is not as a Request object has it`);
  }
  const unknown = parsed.output.using.find((name) => !knownCapabilities.has(name));
  if (unknown !== undefined)
    throw new RequestProblem('unknownCapability', `this server has no ${JSON.stringify(unknown.slice(0, 200))}`);
  if (parsed.output.methodCalls.length > maxCallsInRequest) {
    throw new RequestProblem('limit', 'too many method calls in one request', { limit: 'maxCallsInRequest' });
  }
  return parsed.output;
}

export interface RunOptions {
  parts: JmapParts;
  principal: OfficialPrincipal;
  methods: Readonly<Record<string, Method>>;
  accounts: MethodContext['accounts'];
  sessionState: string;
}

export async function runRequest(request: JmapRequest, options: RunOptions): Promise<JmapResponse> {
  const methodResponses: Invocation[] = [];
  const using = new Set(request.using);
  const createdIds = new Map(Object.entries(request.createdIds ?? {}));
  for (const [name, args, callId] of request.methodCalls) {
    const further: Invocation[] = [];
    const context: MethodContext = {
      ...options.parts,
      principal: options.principal,
      using,
      createdIds,
      accounts: options.accounts,
      alsoRespond: (also, result) => further.push([also, result, callId]),
    };
    const [answer, result] = await runCall(name, args, methodResponses, options.methods, context);
    methodResponses.push([answer, result, callId], ...further);
  }
  return {
    methodResponses,
    // RFC 8620 §3.4: only if the request had it.
    ...(request.createdIds ? { createdIds: Object.fromEntries(createdIds) } : {}),
    sessionState: options.sessionState,
  };
}

async function runCall(
  name: string,
  args: Record<string, unknown>,
  earlier: readonly Invocation[],
  methods: Readonly<Record<string, Method>>,
  context: MethodContext,
): Promise<[string, Record<string, unknown>]> {
  try {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    // RFC 8620 §3.3: a method whose capability the client does not use does not exist. Core is always used.
    if (!method || !(method.capability === capabilities.core || context.using.has(method.capability)))
      throw new MethodError('unknownMethod');
    return [name, await method.run(resolveReferences(args, earlier), context)];
  } catch (error) {
    if (isLost(error)) context.log.error({ err: error, method: name }, 'a JMAP method met lost content');
    const known = methodErrorOf(error);
    if (known) return ['error', { type: known.type, ...known.extra }];
    const errorId = randomUUID();
    context.log.error({ err: error, errorId, method: name }, 'a JMAP method failed');
    const fault = storageFault(error);
    // RFC 8620 §3.6.2: a temporary failure of something that we need; the client may try again.
    if (fault) return ['error', { type: 'serverUnavailable', description: fault.message }];
    return ['error', { type: 'serverFail', description: `the server failed; its log names it ${errorId}` }];
  }
}

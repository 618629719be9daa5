/**
 * JMAP over HTTP (RFC 8620, RFC 8621). Every request names its official through `authenticate`; what the official may open is
 * asked of the directory once per request, and every account argument is checked against it.
 */
import { randomUUID } from 'node:crypto';

import { Hono, type Context } from 'hono';

import type { AccountId } from '../base/ids.ts';
import { isDomainError, type DomainError, type ErrorKind } from '../base/errors.ts';
import { storageFault } from '../base/storage-faults.ts';
import type { AccessibleAccount } from '../directory/types.ts';
import { downloadBlob } from './blob/download.ts';
import { findBlob } from './blob/resolve.ts';
import { uploadBlob } from './blob/upload.ts';
import type { JmapParts, OfficialPrincipal } from './context.ts';
import { RequestProblem } from './core/errors.ts';
import { parseIJson } from './core/json.ts';
import { createGate, readBody, type Gate } from './core/limits.ts';
import { parseRequest, runRequest, type JmapRequest } from './core/request.ts';
import { accountIds } from '../base/object-ids.ts';
import { methods } from './methods.ts';
import { eventSource } from './push/event-source.ts';
import { sessionOf, sessionState } from './session.ts';

type Handler = (c: Context, principal: OfficialPrincipal) => Promise<Response>;

export function createJmap(parts: JmapParts): Hono {
  const app = new Hono();
  const gates = {
    api: createGate(parts.settings.maxConcurrentRequests),
    upload: createGate(parts.settings.maxConcurrentUpload),
    events: createGate(parts.settings.maxEventSources),
  };
  const asOfficial = (handler: Handler) => (c: Context) => guarded(parts, c, handler);

  const session = asOfficial((c, principal) => showSession(parts, c, principal));
  app.get('/.well-known/jmap', session);
  app.get('/jmap/session', session);
  app.post(
    '/jmap/api',
    asOfficial((c, principal) =>
      gated(gates.api, principal, 'maxConcurrentRequests', () => runApi(parts, c.req.raw, principal)),
    ),
  );
  app.post(
    '/jmap/upload/:accountId',
    asOfficial((c, principal) =>
      gated(gates.upload, principal, 'maxConcurrentUpload', () => upload(parts, c, principal)),
    ),
  );
  app.get(
    '/jmap/download/:accountId/:blobId/:name{.+}',
    asOfficial((c, principal) => download(parts, c, principal)),
  );
  app.get(
    '/jmap/eventsource',
    asOfficial((c, principal) => listen(parts, gates.events, c, principal)),
  );
  // RFC 9110 §15.5.6.
  app.all('/jmap/api', () => new Response(null, { status: 405, headers: { Allow: 'POST' } }));
  return app;
}

async function guarded(parts: JmapParts, c: Context, handler: Handler): Promise<Response> {
  try {
    const principal = await parts.authenticate(c.req.raw);
    return principal ? await handler(c, principal) : unauthenticated(c.req.raw);
  } catch (error) {
    if (error instanceof RequestProblem) return error.toResponse();
    // Who may not sign in, or not now: said, and no failure of ours.
    if (isDomainError(error)) return refusal(error);
    const errorId = randomUUID();
    parts.log.error({ err: error, errorId, path: c.req.path }, 'a JMAP request failed');
    const fault = storageFault(error);
    if (fault) return refusal(fault);
    return new RequestProblem('about:blank', `the server failed; its log names it ${errorId}`, {
      status: 500,
    }).toResponse();
  }
}

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

function refusal({ kind, message, details }: DomainError): Response {
  const response = new RequestProblem('about:blank', message, { status: statusOf[kind] }).toResponse();
  const { retryAfter } = details;
  if (typeof retryAfter === 'number') response.headers.set('Retry-After', String(retryAfter));
  return response;
}

function unauthenticated(request: Request): Response {
  const response = new RequestProblem('about:blank', 'sign in first', { status: 401 }).toResponse();
  // A browser would ask for a password in a window of its own; it names itself by this header.
  if (!request.headers.has('Sec-Fetch-Site'))
    response.headers.set('WWW-Authenticate', 'Basic realm="JMAP", charset="UTF-8"');
  return response;
}

async function gated(
  gate: Gate,
  principal: OfficialPrincipal,
  limit: string,
  work: () => Promise<Response>,
): Promise<Response> {
  const leave = gate.enter(principal.officialId);
  if (!leave) throw new RequestProblem('limit', 'too many at the same time', { limit });
  try {
    return await work();
  } finally {
    leave();
  }
}

const accountsOf = (parts: JmapParts, principal: OfficialPrincipal): Promise<AccessibleAccount[]> =>
  parts.directory.accessibleAccounts(principal.officialId);

async function showSession(parts: JmapParts, c: Context, principal: OfficialPrincipal): Promise<Response> {
  const accounts = await accountsOf(parts, principal);
  const official = await parts.directory.official({ id: principal.officialId });
  const origin = parts.settings.publicUrl || new URL(c.req.url).origin;
  const session = sessionOf(parts.settings, { accounts, username: official?.address ?? '', origin });
  // RFC 8620 §2: "Cache-Control: no-cache, no-store, must-revalidate".
  return c.json(session, 200, { 'Cache-Control': 'no-cache, no-store, must-revalidate' });
}

async function runApi(parts: JmapParts, request: Request, principal: OfficialPrincipal): Promise<Response> {
  const { settings } = parts;
  // RFC 8620 §3.6.1 notJSON: "the content type of the request was not application/json".
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('Content-Type') ?? ''))
    throw new RequestProblem('notJSON', 'the request is not application/json');
  const bytes = await readBody(request, settings.maxSizeRequest);
  if (!bytes)
    throw new RequestProblem('limit', `at most ${settings.maxSizeRequest} octets`, { limit: 'maxSizeRequest' });
  const parsed = parseRequest(parseIJson(bytes), settings.maxCallsInRequest);
  const accounts = await accountsOf(parts, principal);
  await parts.settled?.(asked(parsed, accounts));
  const response = await runRequest(parsed, {
    parts,
    principal,
    methods,
    accounts: () => Promise.resolve(accounts),
    sessionState: sessionState(accounts),
  });
  return new Response(JSON.stringify(response), {
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  });
}

/** Of the accounts that the official may open, those whose mail the calls are about; all, where they may name it by what another answers. */
function asked({ methodCalls }: JmapRequest, accounts: readonly AccessibleAccount[]): AccountId[] {
  const named = new Set(methodCalls.flatMap(([, { accountId, fromAccountId }]) => [accountId, fromAccountId]));
  const isOpen = methodCalls.some(([, args]) => '#accountId' in args || '#fromAccountId' in args);
  return accounts.map((one) => one.accountId).filter((id) => isOpen || named.has(accountIds.print(id)));
}

async function accountInPath(parts: JmapParts, c: Context, principal: OfficialPrincipal): Promise<AccessibleAccount> {
  const id = accountIds.parse(c.req.param('accountId') ?? '');
  const account = (await accountsOf(parts, principal)).find((a) => a.accountId === id);
  if (!account) throw new RequestProblem('about:blank', 'no such account', { status: 404 });
  return account;
}

async function upload(parts: JmapParts, c: Context, principal: OfficialPrincipal): Promise<Response> {
  const account = await accountInPath(parts, c, principal);
  return uploadBlob(parts, account.accountId, c.req.raw);
}

async function download(parts: JmapParts, c: Context, principal: OfficialPrincipal): Promise<Response> {
  const account = await accountInPath(parts, c, principal);
  const blobId = c.req.param('blobId') ?? '';
  const blob = await findBlob(parts, { reader: parts.mailstore.read(account.accountId) }, blobId);
  if (!blob) throw new RequestProblem('about:blank', 'no such blob', { status: 404 });
  return downloadBlob(blob, {
    name: c.req.param('name') ?? blob.name ?? 'file',
    type: c.req.query('type') || undefined,
    range: c.req.header('Range') ?? null,
    method: c.req.method,
    tag: blobId,
    ifNoneMatch: c.req.header('If-None-Match') ?? null,
  });
}

/** RFC 8620 §7.3: `types`, `closeafter` and `ping`, in the query. */
async function listen(parts: JmapParts, gate: Gate, c: Context, principal: OfficialPrincipal): Promise<Response> {
  const { types = '*', closeafter = 'no', ping = '0' } = c.req.query();
  if ((closeafter !== 'state' && closeafter !== 'no') || !/^\d{1,9}$/.test(ping)) {
    throw new RequestProblem('about:blank', 'closeafter is "state" or "no", ping a number of seconds', { status: 400 });
  }
  const accounts = (await accountsOf(parts, principal)).map((a) => a.accountId);
  const leave = gate.enter(principal.officialId);
  if (!leave) throw new RequestProblem('limit', 'too many event streams', { limit: 'maxEventSources' });
  return eventSource({
    parts,
    accounts,
    types: types === '*' ? undefined : new Set(types.split(',')),
    closeAfterState: closeafter === 'state',
    ping: Number(ping),
    lastEventId: c.req.header('Last-Event-ID') ?? null,
    async stillAllowed() {
      const now = await parts.authenticate(c.req.raw);
      if (now?.officialId !== principal.officialId) return false;
      const still = (await accountsOf(parts, now)).map((a) => a.accountId);
      return accounts.length === still.length && accounts.every((id) => still.includes(id));
    },
    onClose: leave,
  });
}

/** Who asks: session cookie, API key, or (JMAP only) Basic. Routes ask with `principalOf`, `requireOfficial`, `requireScope`. */
import type { MiddlewareHandler } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';

import { DomainError, isDomainError } from '../../base/errors.ts';
import type { OfficialId, UnitId } from '../../base/ids.ts';
import type { Credentials, Principal } from '../../directory/types.ts';
import { connectionOf, type Connection, type OpenSession, type WebContext, type WebDeps, type WebEnv } from './env.ts';
import { mayUseCookie } from './same-origin.ts';

export type OfficialPrincipal = Extract<Principal, { kind: 'official' }>;

const unauthenticated = () => new DomainError('unauthenticated', 'sign_in.required', 'sign in first');
const forbidden = () => new DomainError('forbidden', 'right.missing', 'you may not do this');
const mustChange = () => new DomainError('forbidden', 'password.must_change', 'change the first password first');
const crossSite = () => new DomainError('forbidden', 'request.cross_site', 'the request comes from another site');

/** By what connection a request came, for those who are given the bare request. */
const connections = new WeakMap<Request, Connection>();

export function rememberRemote({ settings }: Pick<WebDeps, 'settings'>): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    connections.set(c.req.raw, connectionOf(c, settings));
    await next();
  };
}

/** Names the principal, refuses nobody: routes do. A bad key or a foreign page is refused here. */
export function principalMiddleware({ credentials }: Pick<WebDeps, 'credentials'>): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const secret = bearerOf(c.req.raw.headers);
    if (secret !== undefined) {
      const key = await credentials.apiKey(secret);
      if (!key) throw new DomainError('unauthenticated', 'api_key.unknown', 'this key is not known or was revoked');
      c.set('principal', key);
    } else {
      const token = tokenOf(c.req.raw);
      const found = token === undefined ? undefined : await credentials.session(token);
      if (found && token !== undefined) {
        if (!mayUseCookie(c.req.raw)) throw crossSite();
        const { mustChange: must, tokenHash, signedInAt, ...principal } = found;
        c.set('principal', principal);
        c.set('session', { token, tokenHash, mustChange: must, signedInAt });
      }
    }
    await next();
  };
}

/** @throws sign_in.required; password.must_change while the first password stands */
export function principalOf(c: WebContext): Principal {
  const principal = c.get('principal');
  if (!principal) throw unauthenticated();
  if (c.get('session')?.mustChange) throw mustChange();
  return principal;
}

/** @throws as principalOf; right.missing for an API key */
export function requireOfficial(c: WebContext): OfficialPrincipal {
  const principal = principalOf(c);
  if (principal.kind !== 'official') throw forbidden();
  return principal;
}

/** The official of a session, also before the first password was changed. */
export function requireSession(c: WebContext): { principal: OfficialPrincipal; session: OpenSession } {
  const [principal, session] = [c.get('principal'), c.get('session')];
  if (principal?.kind !== 'official' || !session) throw unauthenticated();
  return { principal, session };
}

/**
 * Who changes what their name rests on gives the password again, unless they signed in just now.
 * @throws as requireOfficial; password.confirm, password.wrong, sign_in.locked, sign_in.rate_limited
 */
export async function requireConfirmed(
  c: WebContext,
  { credentials, settings }: Pick<WebDeps, 'credentials' | 'settings'>,
  password: string | undefined,
): Promise<OfficialPrincipal> {
  const principal = requireOfficial(c);
  const signedInAt = c.get('session')?.signedInAt ?? 0;
  const { remote } = connectionOf(c, settings);
  await credentials.confirmPassword(principal.officialId, { signedInAt, password, remote });
  return principal;
}

/** An API key must have the scope; what an official may do is the use case's to say. */
export function requireScope(c: WebContext, scope: string): Principal {
  const principal = principalOf(c);
  if (principal.kind === 'api_key' && !principal.scopes.includes(scope)) {
    throw new DomainError('forbidden', 'scope.missing', `the key lacks the scope ${scope}`, { scope });
  }
  return principal;
}

/** The same as middleware, before a route. */
export const withScope =
  (scope: string): MiddlewareHandler<WebEnv> =>
  async (c, next) => {
    requireScope(c, scope);
    await next();
  };

/** For the audit log. */
export function actorOf(principal: Principal): string {
  if (principal.kind === 'official') return `official:${principal.officialId}`;
  return principal.kind === 'api_key' ? `key:${principal.apiKeyId}` : 'system';
}

/**
 * For JMAP, which is given the bare request: the session cookie (own pages only), Basic with a password or app password, or an
 * access token where an issuer is configured (RFC 6750).
 * A first password that must be changed opens nothing. Undefined: nobody we know.
 * @throws sign_in.rate_limited, sign_in.locked, password.must_change, request.cross_site
 */
export function createAuthenticateRequest(
  credentials: Credentials,
): (request: Request) => Promise<OfficialPrincipal | undefined> {
  return async (request) => {
    const basic = basicOf(request.headers);
    const bearer = bearerOf(request.headers);
    const token = tokenOf(request);
    if (basic) return byBasic(credentials, basic, connections.get(request)?.remote ?? 'unknown');
    if (bearer !== undefined) return byToken(credentials, bearer, connections.get(request)?.remote ?? 'unknown');
    const found = token === undefined ? undefined : await credentials.session(token);
    if (!found) return undefined;
    if (!mayUseCookie(request)) throw crossSite();
    if (found.mustChange) throw mustChange();
    const { mustChange: _, tokenHash: __, signedInAt: ___, ...principal } = found;
    return principal;
  };
}

async function byToken({ tokens }: Credentials, token: string, remote: string): Promise<OfficialPrincipal | undefined> {
  if (!tokens) return undefined;
  try {
    const { mustChange: _, ...principal } = await tokens.authenticate({ token, authzid: undefined, remote });
    return principal;
  } catch (error) {
    if (isDomainError(error) && /^sign_in\.(token_invalid|token_scope|disabled)$/.test(error.code)) return undefined;
    throw error;
  }
}

async function byBasic(
  credentials: Credentials,
  basic: { address: string; password: string },
  remote: string,
): Promise<OfficialPrincipal | undefined> {
  try {
    const { mustChange: must, ...principal } = await credentials.authenticate({
      ...basic,
      remote,
      allowAppPassword: true,
    });
    if (must) throw mustChange();
    return principal;
  } catch (error) {
    if (isDomainError(error, 'sign_in.wrong') || isDomainError(error, 'sign_in.disabled')) return undefined;
    throw error;
  }
}

/* ---- the cookie ---- */

// RFC 6265bis §4.1.3.2: __Host- holds a cookie to this host and TLS; a plain loopback cannot have it.
const SECURE_COOKIE = '__Host-congvu';
const PLAIN_COOKIE = 'congvu';

/** Over TLS only the first: a sibling host could plant the other, and its visitor would work in a stranger's session. */
function tokenOf(request: Request): string | undefined {
  const name = connections.get(request)?.secure ? SECURE_COOKIE : PLAIN_COOKIE;
  return new RegExp(`(?:^|;\\s*)${name}=([\\w-]{43})(?:;|$)`).exec(request.headers.get('cookie') ?? '')?.[1];
}

export function setSessionCookie(c: WebContext, token: string, maxAge: number, secure: boolean): void {
  setCookie(c, secure ? SECURE_COOKIE : PLAIN_COOKIE, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure,
    maxAge,
  });
}

export function clearSessionCookie(c: WebContext, secure: boolean): void {
  deleteCookie(c, secure ? SECURE_COOKIE : PLAIN_COOKIE, { path: '/', secure });
}

function bearerOf(headers: Headers): string | undefined {
  return /^Bearer +([\w~+/.=-]+) *$/i.exec(headers.get('authorization') ?? '')?.[1];
}

// RFC 7617: UTF-8, the first colon ends the user-id.
function basicOf(headers: Headers): { address: string; password: string } | undefined {
  const encoded = /^Basic +([\w+/=]+) *$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (encoded === undefined || encoded.length > 2000) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { address: text.slice(0, colon), password: text.slice(colon + 1) };
}

/* ---- administration ---- */

/** What part of the province somebody administers; undefined: none. `units: 'all'`: the whole. */
export interface Reach {
  units: 'all' | ReadonlySet<UnitId>;
  /** Only a system administrator touches other administrators. */
  overAdministrators: boolean;
}

export async function reachOf(
  { directory }: Pick<WebDeps, 'directory'>,
  principal: Principal,
): Promise<Reach | undefined> {
  if (principal.kind === 'system') return { units: 'all', overAdministrators: true };
  if (principal.kind === 'api_key') {
    if (!principal.scopes.includes('directory:write')) return undefined;
    const units = principal.unitId === null ? ('all' as const) : new Set(await directory.unitsBelow(principal.unitId));
    return { units, overAdministrators: false };
  }
  if (principal.roles.some(({ role }) => role === 'system_admin')) return { units: 'all', overAdministrators: true };
  const own = principal.roles.filter(({ role }) => role === 'unit_admin');
  if (own.length === 0) return undefined;
  if (own.some(({ unitId }) => unitId === 0)) return { units: 'all', overAdministrators: false };
  const below = await Promise.all(own.map(({ unitId }) => directory.unitsBelow(unitId)));
  return { units: new Set(below.flat()), overAdministrators: false };
}

/** @throws right.missing */
export async function requireReach(
  c: WebContext,
  deps: Pick<WebDeps, 'directory'>,
): Promise<Reach & { actor: string }> {
  const principal = principalOf(c);
  const reach = await reachOf(deps, principal);
  if (!reach) throw forbidden();
  return { ...reach, actor: actorOf(principal) };
}

/** @throws right.missing */
export function expectWithin(reach: Reach, unitId: UnitId | null): void {
  if (reach.units === 'all') return;
  if (unitId === null || !reach.units.has(unitId)) throw forbidden();
}

/** All posts of the official lie within reach, and no role goes beyond it. @throws right.missing, official.not_found */
export async function expectMayManage(deps: Pick<WebDeps, 'directory'>, reach: Reach, id: OfficialId): Promise<void> {
  const official = await deps.directory.official({ id });
  if (!official) throw new DomainError('notFound', 'official.not_found', 'there is no such official');
  if (official.posts.length === 0) expectWithin(reach, null);
  for (const post of official.posts) expectWithin(reach, post.unitId);
  if (reach.overAdministrators) return;
  for (const grant of await deps.directory.grants(id)) {
    if (grant.role !== 'unit_admin' || grant.unitId === 0) throw forbidden();
    expectWithin(reach, grant.unitId);
  }
}

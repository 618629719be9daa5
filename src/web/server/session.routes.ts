import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';

import type { Session } from '../../base/api-types.ts';
import { DomainError } from '../../base/errors.ts';
import { connectionOf, type WebContext, type WebDeps, type WebEnv } from './env.ts';
import { clearSessionCookie, requireSession, setSessionCookie, type OfficialPrincipal } from './principal.ts';
import { hostOf, originOf } from './same-origin.ts';
import { passwordSchema, sessionSchema, signInSchema } from './schemas.ts';
import { answers, noContent, valid } from './validate.ts';

const tags = ['session'];

export function sessionRoutes(deps: WebDeps): Hono<WebEnv> {
  const { credentials, settings, clock } = deps;
  const app = new Hono<WebEnv>();

  app.post(
    '/session',
    describeRoute({
      tags,
      summary: 'Sign in',
      responses: { 200: answers(sessionSchema, 'The session; its cookie is set') },
    }),
    valid('json', signInSchema),
    async (c) => {
      // Another site must not sign its visitor in under an account of its own. A program sends neither header.
      if (originOf(c.req.raw.headers, hostOf(c.req.raw)) === 'other')
        throw new DomainError('forbidden', 'request.cross_site', 'the request comes from another site');
      const { remote, secure } = connectionOf(c, settings);
      const { mustChange, ...principal } = await credentials.authenticate({
        ...c.req.valid('json'),
        remote,
        allowAppPassword: false,
      });
      // Always a new token: one that was planted before sign-in is worth nothing after it.
      const before = c.get('session');
      if (before) await credentials.endSession(before.token);
      const { token, expiresAt } = await credentials.createSession(principal.officialId, {
        userAgent: c.req.header('user-agent') ?? '',
        ip: remote,
      });
      setSessionCookie(c, token, Math.floor((expiresAt - clock.now()) / 1000), secure);
      return c.json(await sessionView(deps, c, principal, mustChange));
    },
  );

  app.get(
    '/session',
    describeRoute({ tags, summary: 'The own session', responses: { 200: answers(sessionSchema, 'The session') } }),
    async (c) => {
      const { principal, session } = requireSession(c);
      return c.json(await sessionView(deps, c, principal, session.mustChange));
    },
  );

  app.delete('/session', describeRoute({ tags, summary: 'Sign out', responses: { 204: noContent } }), async (c) => {
    const session = c.get('session');
    if (session) await credentials.endSession(session.token);
    clearSessionCookie(c, connectionOf(c, settings).secure);
    // The browser forgets what it kept of us: answers, the cookie, our storage with the worker's.
    c.header('Clear-Site-Data', '"cache", "cookies", "storage"');
    return c.body(null, 204);
  });

  return app;
}

export function passwordRoutes({ credentials, settings }: WebDeps): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.post(
    '/session/password',
    describeRoute({ tags, summary: 'Change the own password; other sessions end', responses: { 204: noContent } }),
    valid('json', passwordSchema),
    async (c) => {
      const { principal, session } = requireSession(c);
      const { current, next, endAppPasswords } = c.req.valid('json');
      await credentials.changePassword(principal.officialId, current, next, {
        keepSession: session.tokenHash,
        endAppPasswords,
        remote: connectionOf(c, settings).remote,
      });
      return c.body(null, 204);
    },
  );
  return app;
}

async function sessionView(
  { directory, signing }: WebDeps,
  c: WebContext,
  principal: OfficialPrincipal,
  mustChangePassword: boolean,
): Promise<Session> {
  const official = await directory.official({ id: principal.officialId });
  if (!official) throw new DomainError('unauthenticated', 'sign_in.required', 'sign in first');
  const [post] = official.posts;
  const accounts = await directory.accessibleAccounts(official.id);
  const key = await signing.ownKey(official.id);
  return {
    official: {
      id: official.id,
      fullName: official.fullName,
      address: official.address,
      title: post?.title ?? null,
      unitName: post?.unitName ?? null,
      unitCode: post?.unitCode ?? null,
    },
    accounts: accounts.map(({ accountId, kind, name, addresses, canSend }) => ({
      accountId: `a${accountId}`,
      kind,
      name,
      addresses,
      canSend,
    })),
    roles: [...new Set(principal.roles.map(({ role }) => role))],
    mustChangePassword,
    signingKey: key ? { fingerprint: key.fingerprint } : null,
    locale: /^\s*en\b/i.test(c.req.header('accept-language') ?? '') ? 'en' : 'vi',
  };
}

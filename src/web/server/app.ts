import { Hono, type MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';
import type { Registry } from 'prom-client';

import { autoconfigRoutes } from './autoconfig.ts';
import { bodyLimit } from './body-limit.ts';
import { directoryRoutes } from './directory.routes.ts';
import { officialAdminRoutes, officialStateRoutes, unitAdminRoutes } from './directory-admin.routes.ts';
import { apiKeyRoutes, delegateRoutes, grantRoutes, importRoutes } from './directory-rights.routes.ts';
import type { WebDeps, WebEnv } from './env.ts';
import { appPasswordRoutes, signingRoutes } from './keys.routes.ts';
import { mailProgramRoutes } from './mail-programs.routes.ts';
import { openApi } from './openapi.ts';
import { officialKeyRoutes } from './official-keys.routes.ts';
import { measure, opsRoutes, type OpsDeps } from './ops.ts';
import { principalMiddleware, rememberRemote } from './principal.ts';
import { problem, problemHandler, respond } from './problems.ts';
import { remoteImageRoutes } from './remote-image.routes.ts';
import { securityHeaders } from './security-headers.ts';
import { passwordRoutes, sessionRoutes } from './session.routes.ts';
import { staticRoutes } from './static.ts';
import { pagesOverTls } from './to-tls.ts';
import { wkdRoutes } from './wkd.ts';

export interface AppDeps extends WebDeps, OpsDeps {
  /** Further routes under /api/v1, behind the same principal and limits (documents). */
  apiRoutes?: readonly Hono<WebEnv>[];
  /** Knows its own paths; is given the bare request and asks `createAuthenticateRequest` who it is. */
  jmap?: Hono;
  /** The built client; absent: only the API. */
  clientDir?: string;
  /** Where browsers find us; over TLS there, pages are not served in clear text. */
  publicUrl?: string;
  /** Undefined: all mail that was taken is in its mailboxes; otherwise it is when this resolves. */
  settled?: () => Promise<void> | undefined;
  registry?: Registry;
}

export function createApp(deps: AppDeps): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.onError(problemHandler(deps.log));
  app.notFound(() => respond(problem(404, 'request.not_found', 'there is nothing here')));
  app.use(rememberRemote(deps));
  if (deps.registry) app.use(measure(deps.registry));
  app.use(securityHeaders(deps.settings));
  app.use('/api/*', compress());
  app.use('/jmap/*', compress());
  const afterIncoming: MiddlewareHandler = async (_, next) => {
    await deps.settled?.();
    await next();
  };
  // The letters that a document came with or left in are everybody's. JMAP waits for the accounts that it is asked about.
  app.use('/api/v1/documents/*', afterIncoming);

  app.route('/', opsRoutes(deps, deps));
  app.route('/', wkdRoutes(deps));
  app.route('/', autoconfigRoutes(deps));
  app.route('/api/v1', api(deps));
  if (deps.jmap) app.route('/', deps.jmap);
  if (deps.publicUrl !== undefined) app.get('*', pagesOverTls(deps.publicUrl, deps.settings));
  if (deps.clientDir !== undefined) app.route('/', staticRoutes(deps.clientDir));
  return app;
}

function api(deps: AppDeps): Hono<WebEnv> {
  const { maxFileBytes, maxJsonBytes } = deps.settings;
  const routes = new Hono<WebEnv>();
  const [files, json] = [bodyLimit(maxFileBytes), bodyLimit(maxJsonBytes)];
  routes.use(principalMiddleware(deps));
  // Bytes are read only of those whom we know; sign-in is small.
  routes.use((c, next) => (takesFile.test(c.req.path) && c.get('principal') ? files : json)(c, next));
  routes.use(async (c, next) => {
    await next();
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  });
  const own = [
    sessionRoutes,
    passwordRoutes,
    directoryRoutes,
    importRoutes,
    delegateRoutes,
    grantRoutes,
    unitAdminRoutes,
    officialAdminRoutes,
    officialStateRoutes,
    signingRoutes,
    appPasswordRoutes,
    mailProgramRoutes,
    apiKeyRoutes,
    officialKeyRoutes,
    remoteImageRoutes,
  ];
  for (const make of own) routes.route('/', make(deps));
  for (const more of deps.apiRoutes ?? []) routes.route('/', more);
  routes.get('/openapi.json', openApi(routes));
  return routes;
}

const takesFile = /\/api\/v1\/(?:documents\/[^/]+\/files|directory\/(?:units|officials)\/import)$/;

/** Keys for everybody (draft-koch-openpgp-webkey-service §3.1): advanced method, direct method, policy. */
import { Hono } from 'hono';

import type { WebDeps, WebEnv } from './env.ts';

// z-base-32 of a SHA-1: 32 characters.
const HASH = '[ybndrfg8ejkmcpqxot1uwisza345h769]{32}';

export function wkdRoutes({ directory, signing }: Pick<WebDeps, 'directory' | 'signing'>): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  const key = async (domain: string, hash: string): Promise<Response> => {
    const found = directory.isLocalDomain(domain) ? await signing.wkd(domain.toLowerCase(), hash) : undefined;
    if (!found) return new Response('not found', { status: 404, headers: open });
    return new Response(new Uint8Array(found), {
      headers: { ...open, 'Content-Type': 'application/octet-stream', 'Cache-Control': 'public, max-age=300' },
    });
  };
  const policy = () => new Response('', { headers: { ...open, 'Content-Type': 'text/plain' } });

  app.get(`/.well-known/openpgpkey/hu/:hash{${HASH}}`, (c) => key(directory.domain, c.req.param('hash')));
  app.get(`/.well-known/openpgpkey/:domain/hu/:hash{${HASH}}`, (c) => key(c.req.param('domain'), c.req.param('hash')));
  app.get('/.well-known/openpgpkey/policy', policy);
  app.get('/.well-known/openpgpkey/:domain/policy', (c) =>
    directory.isLocalDomain(c.req.param('domain')) ? policy() : c.text('not found', 404),
  );
  return app;
}

// Mail programs in a browser fetch keys from other sites.
const open = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };

/** An official who types the bare name comes by plain HTTP: the password must not. */
import type { MiddlewareHandler } from 'hono';

import { connectionOf, type WebContext, type WebEnv } from './env.ts';
import type { WebSettings } from './settings.ts';
import { isPage } from './static.ts';

/** Pages only: mail programs and monitors may ask for their files in clear text. */
export function pagesOverTls(publicUrl: string, settings: WebSettings): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const wanted = publicUrl.startsWith('https:') && (c.req.path === '/' || isPage(c)) && inClearText(c, settings);
    // Not for good: HSTS, once it was answered over TLS, is.
    if (wanted) return c.redirect(`${publicUrl}${c.req.path}${new URL(c.req.url).search}`, 302);
    return next();
  };
}

/** Behind a proxy that we were not told of nobody knows how the browser came; a wrong guess would send it round in circles. */
function inClearText(c: WebContext, settings: WebSettings): boolean {
  const { remote, secure } = connectionOf(c, settings);
  if (secure || /^127\.|^::1$/.test(remote)) return false;
  const stated = c.req.header('x-forwarded-proto');
  if (stated !== undefined) return stated === 'http';
  return !['x-forwarded-for', 'forwarded', 'via'].some((name) => c.req.header(name) !== undefined);
}

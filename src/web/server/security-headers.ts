/** What a browser may do with our pages. */
import type { MiddlewareHandler } from 'hono';

import { connectionOf, type WebEnv } from './env.ts';
import type { WebSettings } from './settings.ts';

// Own scripts only, nothing inline, DOM sinks by Trusted Types. A message body is a sandboxed srcdoc frame without scripts;
// its pictures and its one filtered style sheet are data: (it inherits this policy). blob: frames show PDF files from bytes.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  // No https: what a reader asked for comes through remote-image.routes.ts and enters the frame as data:.
  "img-src 'self' data: blob:",
  "style-src 'self' data:",
  "font-src 'self'",
  "frame-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default dompurify congvu-frame ProseMirrorClipboard',
].join('; ');

/** The worker that holds the signing key reaches no network; OpenPGP's Argon2id is WebAssembly. */
export const signingWorkerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";

export function securityHeaders(settings: WebSettings): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    await next();
    const set = (name: string, value: string) => {
      if (!c.res.headers.has(name)) c.header(name, value);
    };
    set('Content-Security-Policy', policy);
    set('Cross-Origin-Opener-Policy', 'same-origin');
    set('Cross-Origin-Resource-Policy', 'same-origin');
    set('Referrer-Policy', 'no-referrer');
    set('X-Content-Type-Options', 'nosniff');
    set('X-Frame-Options', 'DENY');
    set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
    // RFC 6797 §7.2: never over plain HTTP.
    if (connectionOf(c, settings).secure) set('Strict-Transport-Security', `max-age=${settings.hstsSeconds}`);
  };
}

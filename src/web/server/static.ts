/** The built client. The files are listed once at start: nothing else in the folder, or above it, can be asked for. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

import { Hono, type Context } from 'hono';

import type { WebEnv } from './env.ts';
import { problem, respond } from './problems.ts';
import { signingWorkerPolicy } from './security-headers.ts';

interface Asset {
  body: Uint8Array<ArrayBuffer>;
  type: string;
  etag: string;
  /** Its name holds its hash: it never changes. */
  immutable: boolean;
  encoded: Partial<Record<Encoding, Uint8Array<ArrayBuffer>>>;
}
type Encoding = 'br' | 'gzip';
const suffixes = { br: '.br', gzip: '.gz' } as const;

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.bcmap': 'application/octet-stream',
};

export function staticRoutes(folder: string): Hono<WebEnv> {
  const assets = load(folder);
  const app = new Hono<WebEnv>();
  app.get('*', (c) => {
    const { path } = c.req;
    const asset = assets.get(path === '/' ? '/index.html' : path);
    if (asset) return serve(c, asset);
    // A page of the application: it finds its own way from the address.
    const index = isPage(c) ? assets.get('/index.html') : undefined;
    return index ? serve(c, index) : respond(problem(404, 'request.not_found', 'there is nothing here'));
  });
  return app;
}

function load(folder: string): Map<string, Asset> {
  const names = new Set(list(folder));
  const assets = new Map<string, Asset>();
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
  for (const name of names) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    const body = read(name);
    const encoded: Asset['encoded'] = {};
    for (const encoding of ['br', 'gzip'] as const)
      if (names.has(name + suffixes[encoding])) encoded[encoding] = read(name + suffixes[encoding]);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    assets.set(`/${name}`, { body, type, etag, immutable: /^assets\/.*-[\w-]{8,}\.\w+$/.test(name), encoded });
  }
  return assets;
}

function list(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

function serve(c: Context<WebEnv>, { body, type, etag, immutable, encoded }: Asset): Response {
  c.header('Cache-Control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  c.header('Vary', 'Accept-Encoding');
  c.header('ETag', etag);
  const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag)) return c.body(null, 304);
  c.header('Content-Type', type);
  if (/\/signing[^/]*worker[^/]*\.js$/.test(c.req.path)) c.header('Content-Security-Policy', signingWorkerPolicy);
  const accepted = acceptedEncodings(c.req.header('accept-encoding') ?? '');
  const encoding = (['br', 'gzip'] as const).find((one) => accepted.has(one) && encoded[one] !== undefined);
  if (encoding) c.header('Content-Encoding', encoding);
  return c.body((encoding && encoded[encoding]) ?? body);
}

/** RFC 9110 §12.5.3: a weight of 0 means no. */
function acceptedEncodings(header: string): Set<string> {
  const wanted = header.split(',').map((part) =>
    part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/),
  );
  return new Set(wanted.flatMap(([name = '', weight]) => (/^q=0(\.0*)?$/.test(weight ?? '') ? [] : [name])));
}

const reserved = ['/api/', '/jmap', '/.well-known/', '/metrics', '/healthz', '/readyz'];
export function isPage(c: Context<WebEnv>): boolean {
  const { path } = c.req;
  return (
    !reserved.some((prefix) => path.startsWith(prefix)) &&
    !path.slice(path.lastIndexOf('/')).includes('.') &&
    (c.req.header('accept') ?? '').includes('text/html')
  );
}

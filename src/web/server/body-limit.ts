/**
 * How many octets a request's body may have. Hono's own limit builds a new global Request from ours, which the runtime
 * refuses on a real socket (the Node adapter's request is not of that class), and takes a DELETE without a body for one.
 */
import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';

import type { WebEnv } from './env.ts';

const tooLarge = () => new HTTPException(413, { res: new Response('Payload Too Large', { status: 413 }) });

const bodyless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

export function bodyLimit(maxBytes: number): MiddlewareHandler<WebEnv> {
  return createMiddleware<WebEnv>(async (c, next) => {
    const { headers } = c.req.raw;
    const length = headers.get('content-length');
    const chunked = headers.has('transfer-encoding');
    // RFC 9112 §6.3: with both fields the transfer coding counts.
    if (length !== null && !chunked && !(Number(length) <= maxBytes)) throw tooLarge();
    if (chunked || (length === null && !bodyless.has(c.req.method))) {
      const { url, method, body } = c.req.raw;
      const bytes = await readAtMost(body, maxBytes);
      c.req.raw = new Request(url, { method, headers: [...headers], body: bytes });
    }
    await next();
  });
}

async function readAtMost(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  // Not `for await`: leaving it would cancel the stream, and with it the connection that the answer goes by.
  const reader = body?.getReader();
  let size = 0;
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) return Buffer.concat(chunks);
    size += next.value.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(next.value);
  }
}

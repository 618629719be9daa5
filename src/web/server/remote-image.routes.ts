import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import * as v from 'valibot';

import { DomainError } from '../../base/errors.ts';
import type { WebDeps, WebEnv } from './env.ts';
import { requireOfficial, requireSession } from './principal.ts';
import { fetchRemoteImage } from './remote-image.ts';
import { valid } from './validate.ts';

const imageQuery = v.object({ url: v.pipe(v.string(), v.maxLength(4096)) });

export function remoteImageRoutes({ settings, outside }: WebDeps): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  const limiter = new RateLimiterMemory({ points: settings.remoteImagesPerMinute, duration: 60 });
  let running = 0;
  app.get(
    '/remote-image',
    describeRoute({
      tags: ['mail'],
      summary: 'A picture that a message points to, fetched by the server on its reader’s wish',
      responses: { 200: { description: 'The picture', content: { 'image/*': {} } } },
    }),
    valid('query', imageQuery),
    async (c) => {
      const { officialId } = requireOfficial(c);
      // For pages of ours alone: no key and no link from elsewhere makes us fetch.
      requireSession(c);
      if (c.req.header('sec-fetch-mode') === 'navigate') throw notHere();
      if (!settings.remoteImages) throw notHere();
      await take(limiter, officialId);
      if (running >= settings.remoteImagesAtOnce) throw busy(1);
      running++;
      try {
        const { type, bytes } = await fetchRemoteImage(c.req.valid('query').url, {
          ...outside,
          maxBytes: settings.remoteImageMaxBytes,
          timeoutMs: settings.remoteImageTimeout,
        });
        return c.body(new Uint8Array(bytes), 200, {
          'Content-Type': type,
          'Content-Disposition': 'attachment',
          'Content-Security-Policy': "default-src 'none'; sandbox",
          'Cache-Control': 'private, max-age=86400',
        });
      } finally {
        running--;
      }
    },
  );
  return app;
}

const notHere = () => new DomainError('forbidden', 'remote_image.off', 'pictures are not fetched for this request');
const busy = (retryAfter: number) =>
  new DomainError('overLimit', 'remote_image.too_many', 'too many pictures at once', { retryAfter });

async function take(limiter: RateLimiterMemory, officialId: number): Promise<void> {
  try {
    await limiter.consume(officialId);
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) throw busy(Math.ceil(refusal.msBeforeNext / 1000));
    throw refusal;
  }
}

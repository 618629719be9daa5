/** For those who run the server: is it alive, may it get work, what does it measure. */
import { Hono, type MiddlewareHandler } from 'hono';
import { Counter, Histogram, type Registry } from 'prom-client';

import { connectionOf, type WebDeps, type WebEnv } from './env.ts';
import { problem, respond } from './problems.ts';

export interface Check {
  name: string;
  ok: boolean;
  /** A word for the administrator; never an address or a path with secrets. */
  detail?: string;
}
export interface OpsDeps {
  /** What must hold before a load balancer sends work here. */
  checks: () => Promise<Check[]>;
  registry?: Registry;
}

export function opsRoutes(
  { settings, log }: Pick<WebDeps, 'settings' | 'log'>,
  { checks, registry }: OpsDeps,
): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/healthz', (c) => c.text('ok'));
  app.get('/readyz', async (c) => {
    const found = await checks().catch((error: unknown): Check[] => {
      log.error({ err: error }, 'readiness check failed');
      return [{ name: 'checks', ok: false }];
    });
    const ready = found.every(({ ok }) => ok);
    return c.json({ ready, checks: found }, ready ? 200 : 503);
  });
  app.get('/metrics', async (c) => {
    if (!settings.metricsFrom.includes(connectionOf(c, settings).remote))
      return respond(problem(403, 'right.missing', 'not from this address'));
    if (!registry) return respond(problem(404, 'request.not_found', 'nothing is measured'));
    return c.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType });
  });
  return app;
}

/** Requests by method and class of status, never by path: it holds ids. */
export function measure(registry: Registry): MiddlewareHandler<WebEnv> {
  const labelNames = ['method', 'status'] as const;
  const count = new Counter({
    name: 'congvu_http_requests_total',
    help: 'HTTP requests',
    labelNames,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'congvu_http_request_seconds',
    help: 'Time to the answer’s head',
    labelNames: ['method'],
    registers: [registry],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
  });
  return async (c, next) => {
    const stop = seconds.startTimer({ method: c.req.method });
    await next();
    stop();
    count.inc({ method: c.req.method, status: `${Math.floor(c.res.status / 100)}xx` });
  };
}

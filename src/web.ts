/** Puts the HTTP faces together: web client, /api/v1, JMAP, WKD, and what is measured. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Hono } from 'hono';
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';

import { packageRoot } from './base/paths.ts';
import { createJmap } from './jmap/jmap.ts';
import type { Parts } from './parts.ts';
import { createApp } from './web/server/app.ts';
import { documentRoutes } from './web/server/documents.routes.ts';
import type { WebEnv } from './web/server/env.ts';
import type { Check } from './web/server/ops.ts';
import { verdictOf } from './verdict-of.ts';
import { createAuthenticateRequest } from './web/server/principal.ts';

export function createWeb(parts: Parts): Hono<WebEnv> {
  const { config, credentials, documents } = parts;
  const clientDir = join(packageRoot, 'dist/client');
  const jmap = createJmap({
    ...parts,
    settings: {
      ...config.jmap,
      // The name that the MX signs its results with; results of any other name are not believed.
      authservId: config.smtp.hostname || config.hostname,
      publicUrl: config.jmap.publicUrl || config.publicUrl,
    },
    authenticate: createAuthenticateRequest(credentials),
    settled: parts.incoming.settled,
    queueStatus: async (outboundId) => parts.queue.list({ outboundId, limit: 10_000 }),
    verdictOf: async (message, bytes) => verdictOf(parts, message, bytes),
  });
  return createApp({
    ...parts,
    settled: parts.incoming.settled,
    settings: config.web,
    hostname: config.hostname,
    publicUrl: config.publicUrl,
    checks: () => checks(parts),
    registry: metrics(parts),
    jmap,
    apiRoutes: [documentRoutes({ documents, settings: config.web })],
    // Without a build there is still the API.
    ...(existsSync(join(clientDir, 'index.html')) ? { clientDir } : {}),
  });
}

async function checks({ db, signing }: Parts): Promise<Check[]> {
  const database = await db.read
    .select({ id: db.t.facts.name })
    .from(db.t.facts)
    .limit(1)
    .then(
      () => true,
      () => false,
    );
  const keys = await signing.certificationKey().then(
    (key) => key !== undefined,
    () => false,
  );
  return [
    { name: 'database', ok: database },
    { name: 'keys', ok: keys },
  ];
}

function metrics(parts: Parts): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read());
      },
    });
  gauge(
    'congvu_queue_recipients',
    'Recipients that wait in the outbound queue',
    async () => (await parts.queue.stats()).queued,
  );
  gauge('congvu_jobs_waiting', 'Jobs that wait', async () =>
    (await parts.jobs.stats()).reduce((sum, q) => sum + q.waiting, 0),
  );
  gauge('congvu_jobs_failed', 'Jobs that gave up', async () =>
    (await parts.jobs.stats()).reduce((sum, q) => sum + q.failed, 0),
  );
  gauge('congvu_database_bytes', 'Size of the database', async () => Number((await parts.db.describe())['bytes'] ?? 0));
  return registry;
}

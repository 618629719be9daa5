/**
 * Webhooks tell an eOffice system what became of its documents: queued in the unit of work that causes them, tried until
 * they are taken. Form and signature follow the Standard Webhooks specification: headers webhook-id (the same at every try),
 * webhook-timestamp, webhook-signature "v1,<base64 HMAC-SHA256 of id.timestamp.body>".
 */
import { createHmac, randomBytes } from 'node:crypto';

import * as v from 'valibot';

import { inNetworks } from '../base/networks.ts';
import { hostOf, InsideAddress, outsideAddresses, postOutside } from '../base/outside-get.ts';
import type { Tx } from '../db/database.ts';
import type { Principal } from '../directory/types.ts';
import { JobRetryAt, type Job } from '../jobs/types.ts';
import { notAllowed, tooManyWebhooks, webhookInside, webhookNotFound } from './documents.errors.ts';
import type { WebhookEvent } from './documents.schemas.ts';
import { actorOf } from './documents.usecases.ts';
import type { DeliveryRecord, NewLink } from './links.repository.ts';
import type { Parts } from './parts.ts';
import type { Documents } from './types.ts';

export const WEBHOOK_QUEUE = 'webhook';
const SECRET_PREFIX = 'whsec_';
const jobSchema = v.object({ eventId: v.number() });

export function webhookUsecases(parts: Parts): Pick<Documents, 'createWebhook' | 'webhooks' | 'deleteWebhook'> {
  const { db, hooks, box, audit, clock, settings } = parts;
  return {
    async createWebhook(principal, input) {
      const key = webhookKey(principal);
      await expectOutside(parts, input.url);
      const secret = randomBytes(32);
      const id = await db.write(async (tx) => {
        const hook = {
          apiKeyId: key,
          url: input.url,
          events: input.events,
          sealedSecret: box.seal(`webhook:${key}`, secret),
          createdAt: clock.now(),
        };
        const made = await hooks.insert(tx, hook, settings.maxWebhooks);
        if (made === undefined) throw tooManyWebhooks(settings.maxWebhooks);
        await audit.record(tx, {
          actor: actorOf(principal),
          action: 'webhook.created',
          object: `webhook:${made}`,
          details: { host: new URL(input.url).host },
        });
        return made;
      });
      return { id, secret: SECRET_PREFIX + secret.toString('base64') };
    },
    async webhooks(principal) {
      return (await hooks.ofKey(webhookKey(principal))).map(({ id, url, events, active }) => ({
        id,
        url,
        events,
        active,
      }));
    },
    async deleteWebhook(principal, id) {
      const key = webhookKey(principal);
      await db.write(async (tx) => {
        if (!(await hooks.remove(tx, key, id))) throw webhookNotFound();
        await audit.record(tx, { actor: actorOf(principal), action: 'webhook.deleted', object: `webhook:${id}` });
      });
    },
  };
}

const target = ({ settings, resolve }: Parts): Parameters<typeof outsideAddresses>[1] => ({
  allow: inNetworks(settings.webhookNetworks),
  ...(resolve ? { resolve } : {}),
});

/** Told at once; a name that leads nowhere yet is looked up again at each call. @throws webhook.inside_address */
async function expectOutside(parts: Parts, url: string): Promise<void> {
  const host = hostOf(new URL(url));
  await outsideAddresses(host, target(parts)).catch((error: unknown) => {
    if (error instanceof InsideAddress) throw webhookInside(host);
  });
}

function webhookKey(principal: Principal): number {
  if (principal.kind !== 'api_key') throw notAllowed('webhooks belong to an API key');
  if (!principal.scopes.includes('webhooks')) throw notAllowed('the key lacks the scope webhooks');
  return principal.apiKeyId;
}

/** One event for the sending, one for the new receivers of this unit of work, one for a copy that differs. */
export async function queueEvents(
  parts: Parts,
  tx: Tx,
  news: { link: NewLink & { id: number }; isNew: boolean; added: readonly DeliveryRecord[] },
): Promise<void> {
  const { link, isNew, added } = news;
  const events: { event: WebhookEvent; receivedBy?: number }[] = [];
  if (link.match === 'different') {
    if (isNew) events.push({ event: 'document.different' });
  } else {
    if (added.some((d) => d.role === 'sent')) events.push({ event: 'document.sent' });
    const receivers = added.filter((d) => d.role === 'received').length;
    if (receivers > 0) events.push({ event: 'document.received', receivedBy: receivers });
  }
  if (events.length === 0) return;
  const listening = await parts.hooks.listening(tx, link.documentId);
  for (const hook of listening?.hooks ?? []) {
    for (const { event, receivedBy } of events) {
      if (!hook.events.includes(event)) continue;
      const payload = {
        type: event,
        timestamp: new Date(link.at).toISOString(),
        data: {
          document: { id: link.documentId, ...listening?.document },
          message: {
            messageId: link.messageId,
            from: { name: link.fromName, address: link.fromAddress },
            recipientCount: link.recipientCount,
          },
          ...(receivedBy === undefined ? {} : { receivedBy }),
          match: link.match,
        },
      };
      const eventId = await parts.hooks.addEvent(tx, {
        webhookId: hook.id,
        event,
        documentId: link.documentId,
        payload,
        createdAt: parts.clock.now(),
      });
      await parts.jobs.add(tx, WEBHOOK_QUEUE, { eventId });
    }
  }
}

export function handleWebhooks(parts: Parts): void {
  const { jobs, settings } = parts;
  jobs.handle(WEBHOOK_QUEUE, (job, complete) => deliver(parts, job, complete), {
    concurrency: 8,
    lease: settings.webhookTimeout * 3,
  });
}

async function deliver(
  parts: Parts,
  job: Job,
  complete: (unit: (tx: Tx) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { hooks, clock, settings } = parts;
  const { eventId } = v.parse(jobSchema, job.payload);
  const found = await hooks.event(eventId);
  if (!found || found.event.state !== 'waiting') return complete(async () => undefined);
  const { event, hook } = found;
  if (!hook?.active)
    return complete((tx) =>
      hooks.setEvent(tx, eventId, { state: 'failed', lastStatus: 'webhook removed', doneAt: clock.now() }),
    );
  const status = await post(parts, hook, event);
  const attempts = event.attempts + 1;
  const done = { attempts, lastStatus: status, doneAt: clock.now() };
  if (/^2\d\d$/.test(status)) return complete((tx) => hooks.setEvent(tx, eventId, { ...done, state: 'delivered' }));
  // Standard Webhooks: 410 Gone asks us to stop calling.
  if (status === '410') {
    return complete(async (tx) => {
      await hooks.deactivate(tx, hook.id);
      await hooks.setEvent(tx, eventId, { ...done, state: 'failed' });
    });
  }
  const wait = settings.webhookBackoff[attempts - 1];
  if (wait === undefined) return complete((tx) => hooks.setEvent(tx, eventId, { ...done, state: 'failed' }));
  await parts.db.write((tx) => hooks.setEvent(tx, eventId, { attempts, lastStatus: status }));
  throw new JobRetryAt(clock.now() + wait * 1000, status);
}

/** @returns the HTTP status, or a word for what went wrong. */
async function post(
  parts: Parts,
  hook: { apiKeyId: number; url: string; sealedSecret: Uint8Array },
  event: { id: number; payload: unknown },
): Promise<string> {
  const body = JSON.stringify(event.payload);
  const id = `evt_${event.id}`;
  const timestamp = String(Math.floor(parts.clock.now() / 1000));
  const secret = parts.box.open(`webhook:${hook.apiKeyId}`, hook.sealedSecret);
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
    'user-agent': 'congvu-webhook',
  };
  try {
    const url = new URL(hook.url);
    const addresses = await outsideAddresses(hostOf(url), target(parts));
    if (!addresses) return 'failed: ENOTFOUND';
    // A redirect is not followed: it could lead the signed body elsewhere.
    return String(await postOutside(url, { headers, body }, addresses, { timeoutMs: parts.settings.webhookTimeout }));
  } catch (error) {
    if (error instanceof InsideAddress) return 'failed: address inside our network';
    return error instanceof Error && error.name === 'AbortError' ? 'timed out' : `failed: ${codeOf(error)}`;
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'network';
}

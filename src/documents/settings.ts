import * as v from 'valibot';

import { isNetwork } from '../base/networks.ts';
import { waitMs, waitsSeconds } from '../base/setting-kinds.ts';

/** Settings of `[documents]`. */
export const documentsSettings = v.strictObject({
  /** Largest file of a document, bytes. The same file must fit into a mail (delivery.maxMessageBytes). */
  maxFileBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 20 * 1024 * 1024),
  /** Files kept with one document, all versions counted. */
  maxFiles: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 100),
  /** How long one call of an eOffice system's webhook may take, ms. */
  webhookTimeout: waitMs(10_000, 100),
  /**
   * Networks of our own ("10.20.0.0/16", "192.168.7.5") in which eOffice systems may be called. Others inside (loopback, private,
   * link-local) are refused: a webhook would let who has a key reach our machines through this server.
   */
  webhookNetworks: v.optional(v.array(v.pipe(v.string(), v.check(isNetwork, 'not a network like 10.20.0.0/16'))), []),
  /** Waits between tries of a webhook, seconds; after the last the event stays as failed. About three days in all. */
  webhookBackoff: waitsSeconds([5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 86400]),
  /** Webhooks that one key may have. */
  maxWebhooks: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 20),
});
export type DocumentsSettings = v.InferOutput<typeof documentsSettings>;

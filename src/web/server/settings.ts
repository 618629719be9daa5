import * as v from 'valibot';

import { address, waitMs } from '../../base/setting-kinds.ts';

const count = (byDefault: number, least = 1) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(least)), byDefault);

/** [web] in the configuration. */
export const webSettings = v.strictObject({
  /** Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  trustedProxies: v.optional(v.array(address), []),
  /** Addresses that may read /metrics. */
  metricsFrom: v.optional(v.array(address), ['127.0.0.1', '::1']),
  /** Octets of one JSON request to /api/v1. */
  maxJsonBytes: count(1024 * 1024),
  /** Octets of one file sent to /api/v1 (documents, staff lists). */
  maxFileBytes: count(100 * 1024 * 1024),
  /** Browsers keep to TLS for so long after one visit over TLS, seconds; 0 takes it back (RFC 6797 §6.1.1). */
  hstsSeconds: count(365 * 86_400, 0),
  /** Fetches the pictures of a message when its reader asks for them; false: they stay hidden. */
  remoteImages: v.optional(v.boolean(), true),
  /** Octets of one such picture. */
  remoteImageMaxBytes: count(5 * 1024 * 1024),
  /** It must be here within, ms. */
  remoteImageTimeout: waitMs(10_000),
  /** Pictures that one official may have fetched in a minute. */
  remoteImagesPerMinute: count(120),
  /** Pictures that are fetched at the same time, for everybody together. */
  remoteImagesAtOnce: count(32),
  /** Mail programs are told to reach IMAP by TLS here; 0, here and below: not offered. As the world sees it, behind any port mapping. */
  imapsPort: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), 993),
  /** IMAP by STARTTLS. */
  imapPort: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), 0),
  /** Submission by TLS. */
  submissionsPort: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), 465),
  /** Submission by STARTTLS. */
  submissionPort: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), 587),
});
export type WebSettings = v.InferOutput<typeof webSettings>;

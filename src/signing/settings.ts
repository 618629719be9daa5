import * as v from 'valibot';

import { waitMs, waitsSeconds } from '../base/setting-kinds.ts';

const count = (fallback: number, least = 1) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(least)), fallback);

/** Settings of `[signing]`. */
export const signingSettings = v.strictObject({
  /** Name in the user id of the provincial certification key. */
  certificationName: v.optional(v.pipe(v.string(), v.regex(/^[^<>@()\p{Cc}]{1,100}$/u)), 'Khóa chứng thực thư công vụ'),
  /** Its address, before the @ of the main domain; WKD serves the key there. */
  certificationLocalPart: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9.-]{1,64}$/)), 'chungthuc'),
  /** A signature may be older than its arrival by so much, ms: mail waits in queues up to five days (RFC 5321 §4.5.4.1). */
  signatureMaxAge: count(5 * 24 * 3600_000),
  /** A signature may lie ahead of our clock by so much, ms. */
  signatureMaxAhead: count(10 * 60_000, 0),
  /** Threads that check signatures. */
  workers: count(2),
  /** One message may take so long, ms; longer is "altered", check "unreadable". */
  workerTaskMs: waitMs(20_000, 100),
  /** JavaScript heap of a thread, MB. */
  workerHeapMb: count(256, 32),
  /** Messages that may wait for a thread. */
  workerQueue: count(1000),
  /** Larger messages are not checked: they count as unreadable. Bytes. */
  maxMessageBytes: count(100 * 1024 * 1024),
  /** A key from outside that fits is asked for again after, ms: its owner may have revoked it. */
  outsideKeyFresh: count(7 * 24 * 3600_000),
  /** "No key there" is believed so long, ms; so is a key that another one should have been. */
  outsideKeyAbsent: count(6 * 3600_000),
  /** Largest answer of a key directory elsewhere, bytes. */
  wkdMaxBytes: count(256 * 1024),
  /** A key directory must answer within, ms. */
  wkdTimeout: waitMs(10_000, 100),
  /** Waits between tries of a key directory that does not answer, seconds. */
  wkdBackoff: waitsSeconds([30, 300, 3600]),
});
export type SigningSettings = v.InferOutput<typeof signingSettings>;

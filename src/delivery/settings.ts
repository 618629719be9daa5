import * as v from 'valibot';

import { hostName } from '../base/setting-kinds.ts';

const minute = 60_000;
const hour = 60 * minute;
const whole = (low: number, high: number) => v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));

/** What is accepted, how long the queue tries, what is reported. */
export const deliverySettings = v.strictObject({
  /** Name of this server in delivery reports; empty: "mail." and the directory's domain. */
  hostname: hostName,
  /** Local part of the sender of delivery reports. */
  reportLocalPart: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9.-]{1,64}$/)), 'mailer-daemon'),
  /** RFC 5321 §6.3: with more Received fields than this a message is taken to go round in circles. */
  hopLimit: v.optional(whole(10, 500), 50),
  /**
   * A message that comes again within this time (same Message-ID, envelope sender and octets: the sender lost our answer) is taken
   * and not stored twice; ms, 0 stores it.
   */
  redeliveryWindow: v.optional(whole(0, 30 * 24 * hour), 24 * hour),
  /**
   * Mail from outside up to this many bytes is taken into a journal and delivered a moment later, with what else comes meanwhile;
   * larger mail is delivered before it is taken. 0: all of it.
   */
  journalMessageBytes: v.optional(whole(0, 16 * 1024 * 1024), 1024 * 1024),
  /** Largest message our own people may send, bytes. */
  maxMessageBytes: v.optional(whole(64 * 1024, 1024 ** 3), 50 * 1024 * 1024),
  /** Recipients of one message of our own people; RFC 5321 §4.5.3.1.8 wants at least 100. */
  maxRecipients: v.optional(whole(100, 10_000), 1000),
  /** Waits between attempts, ms; the last one repeats. RFC 5321 §4.5.4.1. */
  retryAfter: v.optional(v.pipe(v.array(whole(1, 24 * hour)), v.minLength(1)), [
    minute,
    5 * minute,
    15 * minute,
    30 * minute,
    hour,
    2 * hour,
    4 * hour,
  ]),
  /** Given up after this long, ms (5 days). */
  queueLifetime: v.optional(whole(minute, 30 * 24 * hour), 5 * 24 * hour),
  /** The sender is told once that a message still waits, ms (4 hours). */
  delayReportAfter: v.optional(whole(minute, 30 * 24 * hour), 4 * hour),
  /** Of larger messages a report returns the header only, bytes. */
  reportOriginalBytes: v.optional(whole(0, 100 * 1024 * 1024), 1024 * 1024),
  /** Outside recipients in one SMTP transaction. */
  recipientsPerTransaction: v.optional(whole(1, 1000), 100),
});
export type DeliverySettings = v.InferOutput<typeof deliverySettings>;

import * as v from 'valibot';

import { waitMs } from '../base/setting-kinds.ts';

const positive = (byDefault: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), byDefault);

/** `[jmap]`: what a JMAP client may ask for (RFC 8620 §2, RFC 8621 §1.3). */
export const jmapSettings = v.strictObject({
  /** Where clients reach us, e.g. "https://mail.caoson.gov.vn"; empty: as the request named us. */
  publicUrl: v.optional(v.pipe(v.string(), v.regex(/^$|^https?:\/\/[^/]+$/)), ''),
  /** Octets of one API request. */
  maxSizeRequest: positive(10_000_000),
  /** API requests of one official at the same time; more get a limit problem. */
  maxConcurrentRequests: positive(8),
  /** Method calls in one API request. */
  maxCallsInRequest: positive(32),
  /** Objects that one Foo/get may ask for. */
  maxObjectsInGet: positive(1000),
  /** Objects that one Foo/set may create, change and destroy together. */
  maxObjectsInSet: positive(500),
  /** Octets of one uploaded file or message. */
  maxSizeUpload: positive(52_428_800),
  /** Uploads of one official at the same time. */
  maxConcurrentUpload: positive(4),
  /** How long an upload that no email took is kept, ms. */
  uploadLifetime: positive(24 * 3_600_000),
  /** Ids that one Foo/query gives at most. */
  maxQueryResults: positive(5000),
  /** Conditions in one filter, counted over all levels. */
  maxFilterConditions: positive(100),
  /** Octets of one body value; longer ones are cut and say so (isTruncated). */
  maxBodyValueBytes: positive(5_000_000),
  /** Octets of body values and header texts that one Email/get or Email/parse gives at most. */
  maxTotalBodyValueBytes: positive(25_000_000),
  /** Octets of stored messages that one call may have to read and decode. */
  maxBytesReadPerCall: positive(500_000_000),
  /** Mailboxes in which one email may lie. */
  maxMailboxesPerEmail: positive(50),
  /** Keywords that one email may have. */
  maxKeywordsPerEmail: positive(100),
  /** Levels of mailboxes. */
  maxMailboxDepth: positive(10),
  /** Octets of a mailbox name. */
  maxSizeMailboxName: positive(255),
  /** Octets of an email's attachments as sent, encoding included. */
  maxSizeAttachmentsPerEmail: positive(52_428_800),
  /** Recipients of one email that is submitted. */
  maxRecipients: positive(1000),
  /** Changes that one Foo/queryChanges computes before it answers tooManyChanges. */
  maxQueryChanges: positive(20_000),
  /** Open event streams of one official. */
  maxEventSources: positive(10),
  /** How long changes are gathered before they are pushed, ms. */
  pushDelay: waitMs(100, 0),
  /** How often an open event stream asks whether its official may still listen, ms. */
  eventSourceRecheck: waitMs(60_000),
  /** authserv-id that our own Authentication-Results carry; others are not believed (RFC 8601 §5). */
  authservId: v.optional(v.string(), 'localhost'),
});
export type JmapSettings = v.InferOutput<typeof jmapSettings>;

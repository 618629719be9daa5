import * as v from 'valibot';

import { isNetwork } from '../base/networks.ts';
import { address, addressAndPort, hostName, waitMs } from '../base/setting-kinds.ts';

const second = 1000;
const minute = 60 * second;
const whole = (fallback: number, low = 1, high = Number.MAX_SAFE_INTEGER) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high)), fallback);
const flag = (fallback: boolean) => v.optional(v.boolean(), fallback);

/** What one remote address (IPv6: one /64) may do. What the file leaves out has the default of its own server. */
const perAddress = (connections: number, connectionsPerMinute: number, messagesPerHour: number) =>
  v.optional(
    v.strictObject({
      /** Connections at the same time. */
      connections: whole(connections),
      /** New connections a minute. */
      connectionsPerMinute: whole(connectionsPerMinute),
      /** Messages an hour. */
      messagesPerHour: whole(messagesPerHour),
    }),
    {},
  );

/** Mail from outside. */
export const mxSettings = v.strictObject({
  /** Connections at the same time, all addresses together. */
  maxClients: whole(200),
  perAddress: perAddress(20, 120, 2000),
  /**
   * Networks ("10.20.0.0/16", "2001:db8::/32") of relays of our own, such as a filter in front of us: greeted at once, without limits per
   * address, and since theirs is not the sender's address, neither SPF nor a DMARC that fails counts; DKIM does.
   */
  trustedNetworks: v.optional(v.array(v.pipe(v.string(), v.check(isNetwork, 'not a network like 10.20.0.0/16'))), []),
  /** The greeting waits so long: who talks before it is no mail server. RFC 5321 §3.1, ms. */
  bannerDelay: waitMs(500, 0),
  /** Silence after which a connection ends. RFC 5321 §4.5.3.2.7, ms. */
  idleTimeout: waitMs(5 * minute),
  /** A message that takes longer to come is cut off, ms. */
  dataTimeout: waitMs(15 * minute),
  /** Largest message, bytes; announced by SIZE (RFC 1870). */
  maxMessageBytes: whole(25 * 1024 * 1024, 64 * 1024),
  /** Recipients of one message. RFC 5321 §4.5.3.1.8: at least 100. */
  maxRecipients: whole(200, 1),
  /** Refused commands after which a connection is ended. */
  maxErrors: whole(20),
  /** Bytes of messages on their way in, all connections together: beyond it a sender is asked to come again (452). */
  maxBytesInFlight: whole(512 * 1024 * 1024, 1024 * 1024),
  /** Refuse mail that the domain in From asks to refuse (DMARC p=reject); otherwise it goes to Junk. */
  dmarcReject: flag(true),
  /** Mail from outside with our own domain in From that nobody vouches for goes to Junk, whatever DNS says. */
  protectOwnDomain: flag(true),
  /** DNS for SPF, DKIM, DMARC and ARC together may take so long, ms; then they are "temperror". */
  authenticationTimeout: waitMs(20 * second),
});

/** Mail of our own people. */
export const submissionSettings = v.strictObject({
  maxClients: whole(1000),
  perAddress: perAddress(200, 600, 5000),
  idleTimeout: waitMs(5 * minute),
  dataTimeout: waitMs(30 * minute),
  maxMessageBytes: whole(50 * 1024 * 1024, 64 * 1024),
  maxRecipients: whole(1000, 100),
  maxErrors: whole(20),
  maxBytesInFlight: whole(1024 * 1024 * 1024, 1024 * 1024),
  /** Messages that one official may send in an hour: a stolen password must not make a spam source. */
  messagesPerOfficialPerHour: whole(500),
  /** AUTH without TLS, from loopback addresses only: for a proxy on the same machine and for tests. */
  allowPlainOnLoopback: flag(false),
  /** Keep a copy in Sent; most clients do that by themselves. What a delegate sends for a unit is always kept in the unit's Sent. */
  keepSentCopy: flag(false),
  /** Write the sender's network address into the Received field. */
  traceClientAddress: flag(false),
});

/** Mail to others. */
export const outboundSettings = v.strictObject({
  /** Messages on their way at the same time, those that take long not counted. */
  concurrency: whole(20),
  /** To one domain, only one as long as it has not answered promptly; to the hosts that several domains share, as long as they have not. */
  concurrencyPerDomain: whole(5),
  /** What takes longer makes room for others, ms. */
  slowAfter: waitMs(20 * second),
  /** So many at most may take long beside the others, half of them at the same host. */
  slowConcurrency: whole(60, 0),
  /** All mail goes to this host instead of the MX of its domain; empty: MX. */
  relayHost: v.optional(v.union([hostName, address], 'neither a host name nor an address'), ''),
  /** RFC 5321 §4.5.4.2: mail servers listen on 25; another only for a relay or a test. */
  port: whole(25, 1, 65_535),
  /** May private and loopback addresses be connected to? Only inside a closed network or in a test. */
  allowLocalAddresses: flag(false),
  /** May addresses of that kind be asked for and connected to? */
  ipv6: flag(true),
  /** STARTTLS is used whenever offered. When it then fails, try once more in clear text (RFC 7435)? */
  clearTextAfterTlsFailure: flag(true),
  /** A connection to one address must stand within, ms. */
  connectTimeout: waitMs(30 * second),
  /** The greeting must be here within, ms. RFC 5321 §4.5.3.2.1. */
  greetingTimeout: waitMs(5 * minute),
  /** Silence after which a peer is given up. RFC 5321 §4.5.3.2, ms; the answer to the final dot may take 10 minutes. */
  replyTimeout: waitMs(10 * minute),
  /** One attempt may take no longer, all servers of the domain together, whatever they do, ms. */
  attemptTimeout: waitMs(30 * minute),
  /** Addresses of a domain's servers asked in one attempt, each once, whether they answer or not. */
  maxHosts: whole(5, 1, 20),
});

export const smtpSettings = v.strictObject({
  /** Our name in greetings, HELO, Received and Authentication-Results; empty: "mail." and the directory's domain. */
  hostname: hostName,
  /** DNS servers, "address" or "address:port"; empty: the system's. */
  dnsServers: v.optional(v.array(addressAndPort), []),
  /** One DNS question, ms. */
  dnsTimeout: waitMs(5 * second),
  /** Answers for SPF, DKIM and DMARC are remembered so long, ms. */
  dnsKeep: whole(minute, 0),
  mx: v.optional(mxSettings, {}),
  submission: v.optional(submissionSettings, {}),
  outbound: v.optional(outboundSettings, {}),
});
export type SmtpSettings = v.InferOutput<typeof smtpSettings>;
export type MxSettings = SmtpSettings['mx'];
export type SubmissionSettings = SmtpSettings['submission'];
export type OutboundSettings = SmtpSettings['outbound'];

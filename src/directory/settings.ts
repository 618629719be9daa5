import * as v from 'valibot';

import { waitMinutes } from '../base/setting-kinds.ts';

const count = (fallback: number, min = 1, max = Number.MAX_SAFE_INTEGER) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max)), fallback);
const domainName = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/, 'not a domain name'),
);

/** [directory] in the configuration. */
export const directorySettings = v.strictObject({
  /** The domain of all addresses. */
  domain: v.optional(domainName, 'caoson.gov.vn'),
  /** Further domains that mean the same mailboxes: hungnv@ of any of them is hungnv@ of `domain`. */
  aliasDomains: v.optional(v.array(domainName), []),
  /** What a new mailbox of a person may hold, MiB: 1 to 5 GiB are usual. */
  personQuotaMiB: count(5 * 1024),
  /** Of a unit: 5 to 20 GiB. */
  unitQuotaMiB: count(20 * 1024),
  /** Of a title (Chủ tịch …), MiB. */
  titleQuotaMiB: count(10 * 1024),
  /** Addresses kept in memory, and as many accounts. */
  cacheEntries: count(20_000),
  /** For so long, seconds: what the command line changes beside a running server on SQLite is seen after it. */
  cacheSeconds: count(10),
  /** Octets of an import file; a workbook may have ten times as many unpacked. */
  importMaxBytes: count(10 * 1024 * 1024),
  /** Lines of an import file. A province has 8,000 to 60,000 officials: several files are fine. */
  importMaxRows: count(20_000),
  /** What reading a workbook may take of memory, MiB: a small file may hold a cell in the last of 16,384 columns of each row. */
  importHeapMb: count(512, 32),
});
export type DirectorySettings = v.InferOutput<typeof directorySettings>;

/** [credentials.oauth]: access tokens of the province's own identity provider, in IMAP, submission and JMAP. */
const oauthSettings = v.strictObject({
  /** `iss` of its tokens, exactly; empty: tokens are no way in, and nobody is offered it. */
  issuer: v.optional(v.string(), ''),
  /** What `aud` of a token must hold: the name under which the provider knows us. */
  audience: v.optional(v.string(), 'congvu'),
  /** Its public keys: a JWK Set (JSON) or one PEM file; relative to the data folder, read again when it changed. */
  keysFile: v.optional(v.string(), 'oauth-keys.json'),
  /** The algorithm of a key in PEM; in a JWK Set each key names its own. */
  pemAlgorithm: v.optional(v.picklist(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']), 'RS256'),
  /** The claim with the official's address. */
  addressClaim: v.optional(v.pipe(v.string(), v.minLength(1)), 'email'),
  /** What `scope` of a token must hold; empty: nothing in particular. */
  scope: v.optional(v.string(), ''),
  /** Told to refused clients: the provider's discovery document. */
  openidConfiguration: v.optional(v.pipe(v.string(), v.regex(/^$|^https:\/\//, 'must begin with https://')), ''),
  /** How far the clocks may differ, seconds. */
  clockSkewSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600)), 60),
});
export type OAuthSettings = v.InferOutput<typeof oauthSettings>;

/** [credentials] in the configuration. */
export const credentialsSettings = v.strictObject({
  /** Shortest password. Level 3 (TCVN 14423:2026) suggests 14 with 4 classes where there is no second factor. */
  passwordMinLength: count(10, 8, 128),
  /** How many of lower case, upper case, digits, other characters a password must have. */
  passwordClasses: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4)), 1),
  /** Wrong passwords in a row after which an account is locked. */
  lockAfterFailures: count(5),
  /** For how long, minutes. Level 3 suggests 12 hours: 720. */
  lockMinutes: waitMinutes(15),
  /** Wrong sign-ins that one remote address (IPv6: one /64) has in `remoteMinutes`; offices share one address. */
  remoteFailures: count(60),
  /** How long they count, minutes. */
  remoteMinutes: waitMinutes(10),
  /** Sign-ins of one account in a minute, right or wrong, of which the password must be hashed. */
  accountAttemptsPerMinute: count(30),
  /** A session that nobody used for so long ends, minutes. */
  sessionIdleMinutes: count(12 * 60),
  /** A session ends so long after sign-in, used or not, days. */
  sessionDays: count(7),
  /** So long after sign-in, minutes, the signing key may be set or revoked without the password again. */
  confirmMinutes: count(10, 0),
  /** Sessions of one official at the same time; the one that was used longest ago gives way. */
  maxSessions: count(50),
  /** App passwords of one official. */
  maxAppPasswords: count(50),
  /**
   * A mail program that signs in again from the same address within so many minutes, with the password that was right, is
   * neither hashed nor written to the audit log again; 0: it always is.
   */
  rememberMinutes: count(10, 0),
  /** Argon2id's memory for one password, KiB; with two passes OWASP's first choice of the frugal ones. */
  argon2MemoryKiB: count(19_456, 8, 4 * 1024 * 1024),
  /** Argon2id's passes over it. */
  argon2Passes: count(2, 1, 1000),
  oauth: v.optional(oauthSettings, {}),
});
export type CredentialsSettings = v.InferOutput<typeof credentialsSettings>;

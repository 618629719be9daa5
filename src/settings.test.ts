/** Which test shows what each setting does, at its border where it has one. A new setting needs a line here, and the test. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'smol-toml';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';

import { packageRoot } from './base/paths.ts';
import { configSchema } from './config.ts';

/** Section: test file below src: the settings that it shows, by name. */
const shown: Record<string, Record<string, string>> = {
  '': { 'web/server/public.test.ts': 'hostname', 'web/server/to-tls.test.ts': 'publicUrl' },
  log: { 'operation.test.ts': 'level' },
  database: { 'config.test.ts': 'url', 'operation.test.ts': 'poolSize' },
  tls: { 'tls-renewal.test.ts': 'key cert', 'operation.test.ts': 'checkSeconds' },
  maintenance: { 'operation.test.ts': 'sweepMinutes blobGraceHours queueDays', 'maintenance.test.ts': 'changesKept' },
  listen: { 'tls-renewal.test.ts': 'host http https smtp submission submissions imap imaps' },
  directory: {
    'directory/limits.test.ts':
      'personQuotaMiB unitQuotaMiB titleQuotaMiB cacheEntries cacheSeconds importMaxBytes importMaxRows importHeapMb',
    'directory/roles.test.ts': 'aliasDomains',
    'cli/commands.test.ts': 'domain',
  },
  credentials: {
    'directory/password-rules.test.ts': 'passwordMinLength passwordClasses',
    'directory/limits.test.ts':
      'lockAfterFailures lockMinutes remoteFailures accountAttemptsPerMinute sessionIdleMinutes sessionDays ' +
      'confirmMinutes maxSessions maxAppPasswords rememberMinutes argon2MemoryKiB argon2Passes',
    'directory/sign-in-limits.test.ts': 'remoteMinutes',
  },
  'credentials.oauth': {
    'directory/access-tokens.test.ts':
      'issuer audience keysFile pemAlgorithm addressClaim scope openidConfiguration clockSkewSeconds',
  },
  signing: {
    'signing/limits.test.ts':
      'certificationName certificationLocalPart signatureMaxAge signatureMaxAhead workers workerHeapMb workerQueue ' +
      'maxMessageBytes outsideKeyFresh outsideKeyAbsent wkdBackoff',
    'signing/tricks.test.ts': 'workerTaskMs',
    'signing/wkd-fetch.test.ts': 'wkdMaxBytes wkdTimeout',
  },
  documents: {
    'documents/limits.test.ts': 'maxFileBytes maxFiles webhookTimeout webhookBackoff maxWebhooks',
    'documents/correspondence.test.ts': 'webhookNetworks',
  },
  delivery: {
    'smtp/outbound/limits.test.ts':
      'hostname reportLocalPart retryAfter queueLifetime delayReportAfter reportOriginalBytes',
    'delivery/limits.test.ts': 'hopLimit maxMessageBytes maxRecipients',
    'delivery/delivery.test.ts': 'redeliveryWindow',
    'operation.test.ts': 'journalMessageBytes',
    'smtp/outbound/outbound.test.ts': 'recipientsPerTransaction',
  },
  smtp: { 'smtp/settings.test.ts': 'dnsTimeout dnsKeep', 'smtp/authentication.test.ts': 'hostname dnsServers' },
  'smtp.mx': {
    'smtp/settings.test.ts':
      'maxClients maxMessageBytes maxErrors maxBytesInFlight dmarcReject protectOwnDomain authenticationTimeout',
    'smtp/mx-limits.test.ts': 'bannerDelay idleTimeout dataTimeout maxRecipients',
    'smtp/trusted.test.ts': 'trustedNetworks',
  },
  'smtp.mx.perAddress': { 'smtp/mx-limits.test.ts': 'connections connectionsPerMinute messagesPerHour' },
  'smtp.submission': {
    'smtp/settings.test.ts':
      'maxClients idleTimeout dataTimeout maxMessageBytes maxRecipients maxErrors maxBytesInFlight keepSentCopy traceClientAddress',
    'smtp/submission-server.test.ts': 'messagesPerOfficialPerHour allowPlainOnLoopback',
  },
  'smtp.submission.perAddress': { 'smtp/settings.test.ts': 'connections connectionsPerMinute messagesPerHour' },
  'smtp.outbound': {
    'smtp/outbound/limits.test.ts': 'ipv6 connectTimeout attemptTimeout maxHosts',
    'smtp/outbound/stalls.test.ts': 'concurrency greetingTimeout replyTimeout',
    'smtp/outbound/places.test.ts': 'concurrencyPerDomain slowAfter slowConcurrency',
    'smtp/outbound/route.test.ts': 'relayHost port allowLocalAddresses clearTextAfterTlsFailure',
  },
  imap: {
    'imap-lite/limits.test.ts':
      'lineBytes literalBytes appendBytes preLoginLiteralBytes preLoginLineBytes preLoginSeconds preLoginCommands ' +
      'idleSeconds stallSeconds connectionsPerAddress connectionsPerUser connections badCommands wrongPasswords ' +
      'wrongPasswordDelayMs acrossAccounts searchTexts accessSeconds',
    'imap-lite/connection.test.ts': 'allowPlainOnLoopback',
    'imap-lite/commands/append.test.ts': 'appendMessages',
    'imap-lite/commands/compress.test.ts': 'compressFromMs',
    'imap-lite/commands/sort.test.ts': 'sortMessages',
  },
  jmap: {
    'jmap/limits.test.ts':
      'uploadLifetime maxFilterConditions maxTotalBodyValueBytes maxBytesReadPerCall maxMailboxesPerEmail ' +
      'maxKeywordsPerEmail maxSizeMailboxName maxSizeAttachmentsPerEmail maxQueryChanges',
    'jmap/more-limits.test.ts':
      'publicUrl maxSizeRequest maxCallsInRequest maxObjectsInGet maxObjectsInSet maxSizeUpload maxQueryResults ' +
      'maxBodyValueBytes maxMailboxDepth maxRecipients',
    'jmap/request.test.ts': 'maxConcurrentRequests',
    'jmap/blob/blob.test.ts': 'maxConcurrentUpload',
    'jmap/push/push.test.ts': 'maxEventSources pushDelay eventSourceRecheck',
  },
  web: {
    'web/server/limits.test.ts':
      'trustedProxies metricsFrom maxJsonBytes maxFileBytes hstsSeconds remoteImageMaxBytes remoteImagesAtOnce',
    'web/server/remote-image.test.ts': 'remoteImages remoteImageTimeout remoteImagesPerMinute',
    'web/server/mail-programs.test.ts': 'imapsPort imapPort submissionsPort submissionPort',
  },
};
const kept = Object.entries(shown).flatMap(([section, files]) =>
  Object.entries(files).flatMap(([file, names]) => names.split(' ').map((name) => ({ section, file, name }))),
);
const pathOf = ({ section, name }: { section: string; name: string }) => [section, name].filter(Boolean).join('.');

/** Of everything below. */
const paths = (table: object, above: string[] = []): string[] =>
  Object.entries(table).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? paths(value, [...above, key])
      : [[...above, key].join('.')],
  );

describe('every setting', () => {
  it('has a test, and no test stands for one that is gone', () => {
    expect(kept.map(pathOf).sort()).toEqual(paths(v.parse(configSchema, {})).sort());
  });

  it('is named by its test', () => {
    const texts = new Map<string, string>();
    const text = (file: string): string => {
      const path = join(packageRoot, 'src', file);
      const known = texts.get(file) ?? (existsSync(path) ? readFileSync(path, 'utf8') : '');
      texts.set(file, known);
      return known;
    };
    const silent = kept.filter(({ file, name }) => !new RegExp(`(?:\\b|\\\\n)${name}\\b`).test(text(file)));
    expect(silent.map((one) => `${pathOf(one)}: ${one.file}`)).toEqual([]);
  });

  it('is explained in the example, each by words of its own', () => {
    const lines = readFileSync(join(packageRoot, 'config/congvu.example.toml'), 'utf8').split('\n');
    const bare = lines.filter((line, i) => /^#\w+ = /.test(line) && !/^# \S/.test(lines[i - 1] ?? ''));
    expect(bare).toEqual([]);
    expect(paths(parse(lines.join('\n').replace(/^#(?=\w+ = )/gm, '')))).toHaveLength(kept.length);
  });
});

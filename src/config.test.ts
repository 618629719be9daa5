import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'smol-toml';
import * as v from 'valibot';
import { afterEach, describe, expect, it } from 'vitest';

import { packageRoot } from './base/paths.ts';
import { configSchema, loadConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'congvu-config-'));
afterEach(() => rmSync(join(folder, 'congvu.toml'), { force: true }));
const load = (toml: string | undefined, env: Record<string, string> = {}) => {
  if (toml !== undefined) writeFileSync(join(folder, 'congvu.toml'), toml);
  return loadConfig({ env: { CONGVU_DATA: folder, ...env } });
};

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(load(undefined)).toMatchObject({ data: folder, file: undefined, listen: { http: 8000, smtp: 8025 } });
  });
  it('is read from the data folder, and the environment moves the ports', () => {
    expect(load('hostname = "mail.caoson.gov.vn"\n[listen]\nhttp = 80\n', { CONGVU_PORT_BASE: '9000' })).toMatchObject({
      hostname: 'mail.caoson.gov.vn',
      listen: { http: 9000, imaps: 9093 },
    });
  });
  it.each([
    ['a name that is none', 'listen_port = 1', /listen_port/],
    ['a value of another kind', '[listen]\nhttp = "80"', /listen\.http/],
    ['a value out of range', '[listen]\nhttp = 70000', /listen\.http/],
    ['TOML that is none', '[listen', /congvu\.toml/],
    ['a mistyped name deep inside', '[smtp.mx]\nmaxClient = 5', /smtp\.mx\.maxClient/],
    ['a database of another kind', '[database]\nurl = "mysql://x"', /database\.url: must begin with postgres/],
  ])('says where %s stands', (_, toml, message) => {
    expect(() => load(toml)).toThrow(message);
  });
  /** [path, value] of everything below. */
  const leaves = (table: object, path: string[] = []): [string[], unknown][] =>
    Object.entries(table).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? leaves(value, [...path, key])
        : [[[...path, key], value] as [string[], unknown]],
    );
  const written = (path: readonly string[], value: string) =>
    path.length === 1 ? `${path[0]} = ${value}` : `[${path.slice(0, -1).join('.')}]\n${path.at(-1)} = ${value}`;
  const defaults = leaves(v.parse(configSchema, {}));
  const numbers = defaults.filter(([, value]) => typeof value === 'number').map(([path]) => path);

  it('takes no number that means nothing, whichever setting it is for', () => {
    const taken = numbers.flatMap((path) =>
      ['-1', 'inf', 'nan', '"10"', 'true'].flatMap((value) => {
        try {
          load(written(path, value));
        } catch (error) {
          if (String(error).includes(`${path.join('.')}: `)) return [];
        }
        return [`${path.join('.')} = ${value}`];
      }),
    );
    expect(numbers.length).toBeGreaterThan(100);
    expect(taken).toEqual([]);
  });
  it('takes no list of waits with one that never ends', () => {
    for (const path of [
      ['signing', 'wkdBackoff'],
      ['documents', 'webhookBackoff'],
    ])
      for (const value of ['[1, inf]', '[nan]', '[-1]', '["1"]'])
        expect(() => load(written(path, value)), value).toThrow(path.join('.'));
  });
  it.each([
    ...['preLoginSeconds', 'idleSeconds', 'stallSeconds'].map((name) => [`imap.${name}`, 1000] as const),
    ['imap.wrongPasswordDelayMs', 1],
    ...['bannerDelay', 'idleTimeout', 'dataTimeout', 'authenticationTimeout'].map((n) => [`smtp.mx.${n}`, 1] as const),
    ...['idleTimeout', 'dataTimeout'].map((name) => [`smtp.submission.${name}`, 1] as const),
    ...['slowAfter', 'connectTimeout', 'greetingTimeout', 'replyTimeout', 'attemptTimeout'].map(
      (name) => [`smtp.outbound.${name}`, 1] as const,
    ),
    ['smtp.dnsTimeout', 1],
    ['signing.workerTaskMs', 1],
    ['signing.wkdTimeout', 1],
    ['documents.webhookTimeout', 1],
    ['web.remoteImageTimeout', 1],
    ['jmap.pushDelay', 1],
    ['jmap.eventSourceRecheck', 1],
    ...['maintenance.sweepMinutes', 'credentials.lockMinutes', 'credentials.remoteMinutes'].map(
      (name) => [name, 60_000] as const,
    ),
  ] as const)('%s is no longer than a timer can wait', (name, unit) => {
    const path = name.split('.');
    const most = Math.floor((2 ** 31 - 1) / unit);
    expect(() => load(written(path, String(most)))).not.toThrow();
    expect(() => load(written(path, String(most + 1)))).toThrow(`${name}: `);
  });
  it.each([
    ['web', 'trustedProxies', '["10.0.0.0/8"]', 'web.trustedProxies.0: not an address'],
    ['web', 'metricsFrom', '["localhost"]', 'web.metricsFrom.0: not an address'],
    ['smtp', 'dnsServers', '["ns1.example"]', 'smtp.dnsServers.0: not an address'],
    ['smtp', 'dnsServers', '["10.0.0.1:70000"]', 'smtp.dnsServers.0: not an address'],
    ['smtp', 'hostname', '"mail server"', 'smtp.hostname: not a host name'],
    ['smtp.outbound', 'relayHost', '"relay:25"', 'smtp.outbound.relayHost: neither'],
    ['delivery', 'hostname', '"-"', 'delivery.hostname: not a host name'],
    ['delivery', 'reportLocalPart', '"a b"', 'delivery.reportLocalPart: '],
    ['jmap', 'authservId', '"x"', 'jmap.authservId: '],
  ])('[%s] %s takes no %s', (table, key, value, message) => {
    expect(() => load(written([...table.split('.'), key], value))).toThrow(message);
  });
  it.each([
    ['smtp', 'dnsServers', '["10.0.0.1", "10.0.0.1:5353", "::1", "[::1]:5353"]'],
    ['smtp.outbound', 'relayHost', '"relay.caoson.gov.vn"'],
    ['smtp.outbound', 'relayHost', '"2001:db8::1"'],
    ['web', 'trustedProxies', '["10.0.0.1", "::1"]'],
  ])('[%s] %s takes %s', (table, key, value) => {
    expect(() => load(written([...table.split('.'), key], value))).not.toThrow();
  });
  it('gives what a section leaves out the default that stands in the example', () => {
    const { mx, submission } = load(
      '[smtp.mx.perAddress]\nconnections = 30\n[smtp.submission.perAddress]\nconnections = 40',
    ).smtp;
    expect(mx.perAddress).toEqual({ connections: 30, connectionsPerMinute: 120, messagesPerHour: 2000 });
    expect(submission.perAddress).toEqual({ connections: 40, connectionsPerMinute: 600, messagesPerHour: 5000 });
  });
  /** The first and the last value of each number that has a last one, and its neighbours outside. */
  it.each([
    ['database.poolSize', 2, 500],
    ['tls.checkSeconds', 1, 86_400],
    ['credentials.passwordMinLength', 8, 128],
    ['credentials.passwordClasses', 1, 4],
    ['credentials.argon2MemoryKiB', 8, 4_194_304],
    ['credentials.argon2Passes', 1, 1000],
    ['credentials.oauth.clockSkewSeconds', 0, 600],
    ['delivery.hopLimit', 10, 500],
    ['delivery.recipientsPerTransaction', 1, 1000],
    ['smtp.outbound.maxHosts', 1, 20],
    ['smtp.outbound.port', 1, 65_535],
    ...['http', 'https', 'smtp', 'submission', 'submissions', 'imap', 'imaps'].map(
      (name) => [`listen.${name}`, 0, 65_535] as const,
    ),
    ...['imapsPort', 'imapPort', 'submissionsPort', 'submissionPort'].map(
      (name) => [`web.${name}`, 0, 65_535] as const,
    ),
  ] as const)('%s is from %i to %i', (name, least, most) => {
    const path = name.split('.');
    for (const inside of [least, most]) expect(() => load(written(path, String(inside)))).not.toThrow();
    for (const outside of [least - 1, most + 1])
      expect(() => load(written(path, String(outside)))).toThrow(`${name}: `);
  });
  it('says that a named file is missing', () => {
    expect(() => loadConfig({ env: {}, file: '/nonexistent/x.toml' })).toThrow(/does not exist/);
  });
  it('is described whole by the example, with the defaults that hold', () => {
    const example = readFileSync(join(packageRoot, 'config/congvu.example.toml'), 'utf8');
    expect(v.parse(configSchema, parse(example.replace(/^#(?=\w+ = )/gm, '')))).toEqual(v.parse(configSchema, {}));
    const fresh = execFileSync(process.execPath, ['--import', 'tsx', 'scripts/example-config.ts', '--print'], {
      cwd: packageRoot,
      encoding: 'utf8',
    });
    expect(example).toBe(fresh);
  });
});

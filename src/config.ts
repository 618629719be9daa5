/**
 * Every setting, read once: config/congvu.example.toml says what each means. Order: defaults, the file, the environment.
 * Each module declares its own part (src/<module>/settings.ts); nobody else reads the environment.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { parse as parseToml } from 'smol-toml';
import * as v from 'valibot';

import { waitMinutes } from './base/setting-kinds.ts';
import { deliverySettings } from './delivery/settings.ts';
import { credentialsSettings, directorySettings } from './directory/settings.ts';
import { documentsSettings } from './documents/settings.ts';
import { imapSettings } from './imap-lite/settings.ts';
import { jmapSettings } from './jmap/settings.ts';
import { signingSettings } from './signing/settings.ts';
import { smtpSettings } from './smtp/settings.ts';
import { webSettings } from './web/server/settings.ts';

/** 0 turns a listener off. */
const port = (byDefault: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), byDefault);

const listenSettings = v.strictObject({
  /** Address to listen on; "::" is every address, IPv4 too. */
  host: v.optional(v.string(), '::'),
  /** Port of the web client, the API and JMAP in clear text; 0, here and below: nothing listens. */
  http: port(8000),
  /** The same by TLS. */
  https: port(8001),
  /** Mail from outside. */
  smtp: port(8025),
  /** Mail of our own people, by STARTTLS. */
  submission: port(8087),
  /** The same by TLS from the first octet. */
  submissions: port(8065),
  /** IMAP, by STARTTLS. */
  imap: port(8043),
  /** IMAP by TLS from the first octet. */
  imaps: port(8093),
});

const section = <S extends v.GenericSchema>(schema: S) => v.optional(schema, {} as never);

export const configSchema = v.strictObject({
  /** Name of this server as others know it: in the greeting, in Received, in the certificate. */
  hostname: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'not a host name')),
    'localhost',
  ),
  /** Where clients reach the web client, without a final slash; empty: http://localhost:PORT. */
  publicUrl: v.optional(v.pipe(v.string(), v.regex(/^$|^https?:\/\/[^/]+$/)), ''),
  log: section(
    v.strictObject({
      /** What is written down, this and graver: debug, info, warn, error, fatal; or silent. */
      level: v.optional(v.picklist(['debug', 'info', 'warn', 'error', 'fatal', 'silent']), 'info'),
    }),
  ),
  database: section(
    v.strictObject({
      /** postgres://user:password@host/database; empty: SQLite, congvu.db in the data folder. */
      url: v.optional(v.pipe(v.string(), v.regex(/^$|^postgres(ql)?:\/\//, 'must begin with postgres://')), ''),
      /** Connections to PostgreSQL at the same time; one more listens. */
      poolSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(500)), 20),
    }),
  ),
  tls: section(
    v.strictObject({
      /** PEM file of the private key; empty: the self-signed pair in the data folder. */
      key: v.optional(v.string(), ''),
      /** PEM file of the certificate with its chain. */
      cert: v.optional(v.string(), ''),
      /** How often the files are looked at, seconds: a renewed certificate serves new connections without a restart. SIGHUP looks at once. */
      checkSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(86_400)), 60),
    }),
  ),
  maintenance: section(
    v.strictObject({
      /** How often content that nothing refers to is swept, minutes. */
      sweepMinutes: waitMinutes(60),
      /** Content that nothing refers to is kept this long, hours: an upload may be half-way into a message. */
      blobGraceHours: v.optional(v.pipe(v.number(), v.finite(), v.minValue(1)), 48),
      /**
       * Changes that the log of an account remembers. A client that was away for more of them (years for most, months for a busy
       * mailbox) compares everything anew, which costs it time and traffic; 100,000 cost some 5 MB of the database.
       */
      changesKept: v.optional(v.pipe(v.number(), v.integer(), v.minValue(100)), 50_000),
      /** How long the queue keeps what was delivered or given up, days. */
      queueDays: v.optional(v.pipe(v.number(), v.finite(), v.minValue(1)), 30),
    }),
  ),
  listen: section(listenSettings),
  directory: section(directorySettings),
  credentials: section(credentialsSettings),
  signing: section(signingSettings),
  documents: section(documentsSettings),
  delivery: section(deliverySettings),
  smtp: section(smtpSettings),
  imap: section(imapSettings),
  // Whose results are believed follows from `hostname`.
  jmap: section(v.omit(jmapSettings, ['authservId'])),
  web: section(webSettings),
});

export interface Config extends v.InferOutput<typeof configSchema> {
  /** The data folder, absolute. */
  data: string;
  /** The file that was read, if any. */
  file: string | undefined;
}

/** What is wrong with the configuration, in words with the place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface ConfigSource {
  env: Readonly<Record<string, string | undefined>>;
  /** --data and --config of the command line. */
  data?: string | undefined;
  file?: string | undefined;
  /** Laid over the file: the demo's settings. */
  overrides?: Record<string, unknown>;
}

export function loadConfig(source: ConfigSource): Config {
  const data = resolve(source.data ?? source.env['CONGVU_DATA'] ?? 'data');
  const named = source.file ?? source.env['CONGVU_CONFIG'];
  const file = named === undefined ? join(data, 'congvu.toml') : resolve(named);
  const present = existsSync(file);
  if (named !== undefined && !present) throw new ConfigError(`the configuration file ${file} does not exist`);
  const written = present ? readToml(file) : {};
  const merged = merge(merge(source.overrides ?? {}, written), fromEnvironment(source.env));
  const parsed = v.safeParse(configSchema, merged);
  if (!parsed.success) {
    const lines = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? '(top)'}: ${issue.message}`);
    throw new ConfigError(`the configuration ${present ? file : ''} is not right:\n  ${lines.join('\n  ')}`);
  }
  return { ...parsed.output, data, file: present ? file : undefined };
}

function readToml(file: string): Record<string, unknown> {
  try {
    return parseToml(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fromEnvironment(env: ConfigSource['env']): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const base = env['CONGVU_PORT_BASE'];
  if (base !== undefined) {
    const n = Number(base);
    if (!Number.isInteger(n) || n < 1 || n > 65_000)
      throw new ConfigError('CONGVU_PORT_BASE must be a whole number from 1 to 65000');
    out['listen'] = {
      http: n,
      https: n + 1,
      smtp: n + 25,
      submission: n + 87,
      submissions: n + 65,
      imap: n + 43,
      imaps: n + 93,
    };
  }
  if (env['CONGVU_DATABASE_URL'] !== undefined) out['database'] = { url: env['CONGVU_DATABASE_URL'] };
  if (env['CONGVU_LOG_LEVEL'] !== undefined) out['log'] = { level: env['CONGVU_LOG_LEVEL'] };
  return out;
}

function merge(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const out = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = out[key];
    out[key] = isTable(below) && isTable(value) ? merge(below, value) : value;
  }
  return out;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

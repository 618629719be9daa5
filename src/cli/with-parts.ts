/** Opens the parts for one command, closes them after, and turns errors into words and an exit code. */
import { ConfigError, loadConfig, type Config } from '../config.ts';
import { createLog } from '../base/log.ts';
import { DomainError } from '../base/errors.ts';
import { SealError } from '../base/secret-box.ts';
import { InstallationError } from '../installation.ts';
import { openParts, type Parts } from '../parts.ts';

export interface GlobalOptions {
  data?: string;
  config?: string;
}

export function configOf(options: GlobalOptions, overrides: Record<string, unknown> = {}): Config {
  return loadConfig({ env: process.env, data: options.data, file: options.config, overrides });
}

export type WithParts = <T>(work: (parts: Parts) => Promise<T>) => Promise<T>;

export function withPartsOf(options: () => GlobalOptions): WithParts {
  return async (work) => {
    const parts = await openParts(configOf(options()), { log: createLog('warn') });
    try {
      return await work(parts);
    } finally {
      await parts.close();
    }
  };
}

/** Expected errors in one line; anything else with its stack. */
export function fail(error: unknown): never {
  process.stderr.write(`congvu: ${inWords(error)}\n`);
  process.exit(1);
}

export function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof DomainError) return `${error.message} (${error.code})`;
  if (error instanceof ConfigError || error instanceof InstallationError) return error.message;
  if (error instanceof SealError) return `${error.message}: put back your copy of the right one`;
  // Several addresses tried, all in vain: each says the same.
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = one instanceof Error && 'code' in one ? String(one.code) : '';
  const remedy = remedies[code];
  return remedy === undefined ? (error.stack ?? error.message) : `${(one as Error).message}${remedy && `: ${remedy}`}`;
}

/** By the code of the system or of PostgreSQL. */
const remedies: Record<string, string | undefined> = {
  EADDRINUSE: 'another program (or congvu itself) listens there; "congvu doctor" looks at every port',
  EACCES: 'a right is missing: the data folder and ports below 1024, see docs/admin.md',
  ENOENT: '',
  EISDIR: '',
  ENOSPC: 'the disk is full',
  EROFS: '',
  ECONNREFUSED: 'is PostgreSQL running? See [database] url (CONGVU_DATABASE_URL)',
  ENOTFOUND: 'see [database] url (CONGVU_DATABASE_URL)',
  '28P01': 'see [database] url (CONGVU_DATABASE_URL)',
  '28000': 'see [database] url (CONGVU_DATABASE_URL)',
  '3D000': 'create the database first, with the locale C.UTF-8',
  '53300': 'PostgreSQL has too few connections: raise max_connections, or lower [database] poolSize',
};

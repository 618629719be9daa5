/** Our server as `congvu serve` runs it: a data folder of its own with the officials of the bench, ports on loopback. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import * as v from 'valibot';

import { dnsServer } from '../../src/smtp/testing/dns.ts';
import { noLimits } from '../../test/support/limits.ts';
import { install } from './install.ts';
import { settled } from './proc.ts';
import { blocksOf, OFFICIALS, type Side } from './side.ts';
import { checkpoint } from './sqlite.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'bin/congvu.mjs');

export interface OursOptions {
  /** Where the data folder stays, and is taken up again by the next run; otherwise it is removed. */
  keep?: string | undefined;
  /** As a stranger's connections are served: loopback is no trusted network. */
  strangers?: boolean;
  /** How many have a mailbox, when the folder is made. */
  officials?: number;
}

export interface Ours extends Side {
  readonly data: string;
  /** Port of the web client and JMAP. */
  readonly http: number;
  /** Of the empty installation with its officials, bytes. */
  readonly emptyBytes: number;
  /** The official's own password, which is hashed at every sign-in; `official` gives an app password. */
  readonly password: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const notes = v.object({
  domain: v.string(),
  password: v.string(),
  appPasswords: v.array(v.string()),
  emptyBytes: v.number(),
  loaded: v.number(),
});
type Notes = v.InferOutput<typeof notes>;

export function buildServer(): void {
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), 'server'], { stdio: 'inherit' });
}

export async function startOurs(options: OursOptions = {}): Promise<Ours> {
  const data = folderOf(options);
  const remove = () => {
    if (options.keep === undefined) rmSync(data, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const base = await freeBase();
  const dns = await dnsServer({});
  writeFileSync(join(data, 'congvu.toml'), settings(dns.address, options.strangers ?? false));
  const file = join(data, 'bench.json');
  const env = { ...process.env, CONGVU_DATA: data, CONGVU_PORT_BASE: String(base) };
  const known = existsSync(file)
    ? v.parse(notes, JSON.parse(readFileSync(file, 'utf8')))
    : await firstStart(data, env, options.officials ?? OFFICIALS);
  const save = () => writeFileSync(file, JSON.stringify(known));
  save();
  let server = await serve(env, base);
  const ours: Ours = {
    name: 'ours',
    data,
    http: base,
    emptyBytes: known.emptyBytes,
    password: known.password,
    ports: { smtp: base + 25, imap: base + 43, imaps: base + 93 },
    official: (n) => ({
      address: `u${String(n).padStart(3, '0')}@${known.domain}`,
      password: known.appPasswords[n - 1] ?? '',
    }),
    roots: () => [server.pid ?? 0],
    settle: async () => void (await settled(ours.roots())),
    disk: async () => {
      await settled(ours.roots());
      await checkpoint(data);
      return blocksOf(data);
    },
    cold: () => ours.restart(),
    // A kept folder holds one large mailbox: that of the scale at which it was made.
    loaded: () => ({
      get: () => known.loaded,
      set: (count) => {
        known.loaded = count;
        save();
      },
      wipe: () => {
        if (known.loaded > 0) throw new Error(`${data} holds ${known.loaded} messages already: remove the folder`);
      },
    }),
    restart: async () => {
      await ended(server);
      server = await serve(env, base);
    },
    stop: async () => {
      await ended(server);
      await dns.stop();
      process.off('exit', remove);
      remove();
    },
  };
  return ours;
}

function folderOf({ keep }: OursOptions): string {
  if (keep === undefined) return mkdtempSync(join(tmpdir(), 'congvu-bench-'));
  mkdirSync(keep, { recursive: true, mode: 0o700 });
  return keep;
}

async function firstStart(data: string, env: NodeJS.ProcessEnv, officials: number): Promise<Notes> {
  const made = await install(data, env, officials);
  await checkpoint(data);
  return { ...made, emptyBytes: blocksOf(data), loaded: 0 };
}

/**
 * As docs/admin.md has it for mail from one's own machines: loopback is trusted. Limits of connections and rates are raised,
 * since they would measure the limits; durability and everything else is the default.
 */
const settings = (dns: string, strangers: boolean) => `
hostname = "mail.bench.test"
[log]
level = "warn"
[listen]
host = "127.0.0.1"
[directory]
domain = "bench.test"
[smtp]
dnsServers = ["${dns}"]
[smtp.mx]
maxRecipients = 1000
maxClients = 1000
${strangers ? '' : 'trustedNetworks = ["127.0.0.0/8"]'}
${noLimits('mx')}
[imap]
allowPlainOnLoopback = true
connectionsPerAddress = 5000
connectionsPerUser = 200
`;

async function serve(env: NodeJS.ProcessEnv, base: number): Promise<ChildProcess> {
  // BENCH_NODE: options of the served process, such as "--cpu-prof --cpu-prof-dir=/tmp/profile".
  const flags = (process.env['BENCH_NODE'] ?? '').split(' ').filter((flag) => flag !== '');
  const child = spawn(process.execPath, [...flags, program, 'serve'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  // A driver that ends early takes its server along.
  const kill = () => child.kill();
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  for (const port of [base + 25, base + 93]) {
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      await sleep(50);
    }
  }
  return child;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Beside a server that runs already there is room for another. */
async function freeBase(): Promise<number> {
  const first = Number(process.env['BENCH_PORT_BASE'] ?? 25_000);
  for (let base = first; base < first + 1000; base += 100) {
    const taken = await Promise.all([0, 1, 25, 43, 65, 87, 93].map((n) => answers(base + n)));
    if (!taken.includes(true)) return base;
  }
  throw new Error(`no free ports from ${first} on: set BENCH_PORT_BASE`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exit;
}

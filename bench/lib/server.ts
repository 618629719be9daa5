/** The demo as a server of its own for one measurement: fresh data folder, own ports, rate limits out of the way. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { dnsServer } from '../../src/smtp/testing/dns.ts';
import { noLimits } from '../../test/support/limits.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const program = join(root, 'bin/congvu.mjs');

export interface BenchServer {
  data: string;
  /** From the process to the listening server; the first start makes the demo province. */
  startSeconds: number;
  pid: number;
  ports: { http: number; smtp: number; submission: number; imaps: number };
  accounts: { address: string; password: string }[];
  stop(): Promise<void>;
}

/**
 * Limits against strangers would measure the limits, and the DNS of the world would measure the line: ours knows nobody and
 * says so at once. Durability and everything else stays as it is by default.
 */
const settings = (dns: string) => `
[log]
level = "warn"
[directory]
domain = "caoson.gov.vn"
[smtp]
dnsServers = ["${dns}"]
[smtp.mx]
bannerDelay = 0
maxRecipients = 1000
${noLimits('mx')}
[imap]
connectionsPerAddress = 2000
connectionsPerUser = 2000
`;

export async function startServer(): Promise<BenchServer> {
  if (!existsSync(join(root, 'dist/server/congvu.js'))) throw new Error('run "npm run build" first');
  const data = mkdtempSync(join(tmpdir(), 'congvu-bench-'));
  const dns = await dnsServer({});
  writeFileSync(join(data, 'congvu.toml'), settings(dns.address));
  const base = Number(process.env['BENCH_PORT_BASE'] ?? 25_000);
  const env = { ...process.env, CONGVU_DATA: data, CONGVU_PORT_BASE: String(base) };
  // BENCH_NODE: options of the served process, such as "--cpu-prof --cpu-prof-dir=/tmp/profile".
  const flags = (process.env['BENCH_NODE'] ?? '').split(' ').filter((flag) => flag !== '');
  const begun = performance.now();
  const child = spawn(process.execPath, [...flags, program, 'demo', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // A driver that ends early takes its server along.
  process.once('exit', () => child.kill());
  const started = await firstLine(child);
  return {
    ...started,
    startSeconds: (performance.now() - begun) / 1000,
    data,
    pid: child.pid ?? 0,
    ports: { http: base, smtp: base + 25, submission: base + 87, imaps: base + 93 },
    stop: () => Promise.all([stop(child, data), dns.stop()]).then(() => undefined),
  };
}

function firstLine(child: ChildProcess): Promise<Pick<BenchServer, 'accounts'>> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    if (child.stdout)
      createInterface({ input: child.stdout }).once('line', (line) =>
        resolve(JSON.parse(line) as Pick<BenchServer, 'accounts'>),
      );
  });
}

async function stop(child: ChildProcess, data: string): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  rmSync(data, { recursive: true, force: true });
}

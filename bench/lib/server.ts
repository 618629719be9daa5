/** A server of our own for one measurement: fresh data folder, own ports, rate limits out of the way. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const program = join(root, 'bin/congvu.mjs');

export interface BenchServer {
  data: string;
  pid: number;
  ports: { http: number; smtp: number; submission: number; imaps: number };
  accounts: { address: string; password: string }[];
  stop(): Promise<void>;
}

export interface BenchOptions {
  /** Officials beside the 40 of the demo: bench001 … */
  officials?: number;
  portBase?: number;
  database?: string;
}

/** Limits against strangers would measure the limits. Durability and everything else stays as it is by default. */
const SETTINGS = `
[log]
level = "warn"
[smtp.mx]
bannerDelay = 0
maxRecipients = 1000
[smtp.mx.perAddress]
connections = 1000
connectionsPerMinute = 10000000
messagesPerHour = 100000000
[imap]
connectionsPerAddress = 2000
connectionsPerUser = 2000
`;

export async function startServer(options: BenchOptions = {}): Promise<BenchServer> {
  if (!existsSync(join(root, 'dist/server/congvu.js'))) throw new Error('run "npm run build" first');
  const data = mkdtempSync(join(tmpdir(), 'congvu-bench-'));
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'congvu.toml'), SETTINGS);
  const base = options.portBase ?? 21_000;
  const env = {
    ...process.env,
    CONGVU_DATA: data,
    CONGVU_PORT_BASE: String(base),
    ...(options.database ? { CONGVU_DATABASE_URL: options.database } : {}),
  };
  if (options.officials) {
    execFileSync(process.execPath, [program, 'demo', '--prepare-only'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    importOfficials(data, options.officials, env);
  }
  const child = spawn(process.execPath, [program, 'demo', '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const started = await firstLine(child);
  return {
    ...started,
    data,
    pid: child.pid ?? 0,
    ports: { http: base, smtp: base + 25, submission: base + 87, imaps: base + 93 },
    stop: () => stop(child, data),
  };
}

function importOfficials(data: string, count: number, env: NodeJS.ProcessEnv): void {
  const rows = Array.from({ length: count }, (_, i) => {
    const n = String(i + 1).padStart(3, '0');
    return `Cán Bộ Số ${n},Chuyên viên,H99.02,bench${n}@caoson.gov.vn`;
  });
  const file = join(data, 'bench.csv');
  writeFileSync(file, `full_name,title,unit_code,desired_address\n${rows.join('\n')}\n`);
  execFileSync(process.execPath, [program, 'official', 'import', file], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
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

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CommanderError, type Command } from 'commander';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { freshPostgres } from '../../test/support/databases.ts';
import { selfSigned } from '../base/self-signed.ts';
import { loadConfig } from '../config.ts';
import { examine, type ExamineOptions, type Finding } from '../doctor/doctor.ts';
import { start } from '../main.ts';
import { openParts } from '../parts.ts';
import { packageRoot } from '../base/paths.ts';
import { createLog } from '../base/log.ts';
import { createProgram } from './program.ts';
import { inWords } from './with-parts.ts';

const GIB = 1024 ** 3;
const folder = mkdtempSync(join(tmpdir(), 'congvu-commands-'));
const data = join(folder, 'made');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Done {
  code: number;
  out: string;
  err: string;
}

/** As an administrator runs it, but in this process. */
async function congvu(args: string[], env: Record<string, string> = {}): Promise<Done> {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line = '') => void out.push(String(line)));
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const program = createProgram();
  const quiet = (command: Command) => {
    command.exitOverride().configureOutput({ writeErr: (text) => void err.push(text) });
    command.commands.forEach(quiet);
  };
  quiet(program);
  process.exitCode = 0;
  await program.parseAsync(['node', 'congvu', ...args]).catch((error: unknown) => {
    if (!(error instanceof CommanderError)) err.push(inWords(error));
    process.exitCode = 1;
  });
  const code = Number(process.exitCode);
  process.exitCode = 0;
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  return { code, out: out.join('\n'), err: err.join('') };
}

async function doctor(env: Record<string, string>, options: Partial<ExamineOptions> = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const one of examine(() => loadConfig({ env }), { dns: false, ...options })) found.push(one);
  return found;
}
const bad = (findings: Finding[]) => findings.filter((f) => f.level !== 'ok');

/** Another installation to spoil, with ports that are surely free. */
function copy(name: string, settings = ''): string {
  const to = join(folder, name);
  mkdirSync(to, { mode: 0o700 });
  for (const file of readdirSync(data).filter((name) => /^(master\.key|congvu\.db.*)$/.test(name)))
    copyFileSync(join(data, file), join(to, file));
  writeFileSync(
    join(to, 'congvu.toml'),
    `hostname = "mail.x.gov.vn"\n${settings}[listen]\nhost = "127.0.0.1"\n${off()}[directory]\ndomain = "x.gov.vn"\n`,
  );
  return to;
}
const off = (http = 0) =>
  ['https', 'smtp', 'submission', 'submissions', 'imap', 'imaps'].map((name) => `${name} = 0\n`).join('') +
  `http = ${http}\n`;

beforeAll(async () => {
  const { code, err, out } = await congvu(['--data', data, 'init', '--domain', 'x.gov.vn']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('x.gov.vn.  IN MX 10 mail.x.gov.vn.');
});

describe('congvu init', () => {
  it('makes a folder for its own user only, and settings for the ports of a mail server', () => {
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, 'master.key')).mode & 0o777).toBe(0o600);
    expect(loadConfig({ env: {}, data })).toMatchObject({
      hostname: 'mail.x.gov.vn',
      listen: { smtp: 25, imaps: 993 },
    });
  });

  it('is done once', async () => {
    const again = await congvu(['--data', data, 'init', '--domain', 'x.gov.vn']);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('already holds an installation') as string });
  });

  it.each(['foo bar', 'localhost', 'x".gov.vn'])('refuses the domain %s and leaves nothing behind', async (domain) => {
    const to = join(folder, 'refused');
    expect((await congvu(['--data', to, 'init', '--domain', domain])).err).toMatch(/not a domain name/);
    expect(existsSync(to)).toBe(false);
  });

  it('leaves no master key behind when the database is not there, and says where it is named', async () => {
    const to = join(folder, 'no-database');
    const env = { CONGVU_DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' };
    expect((await congvu(['--data', to, 'init', '--domain', 'x.gov.vn'], env)).err).toMatch(
      /ECONNREFUSED.*CONGVU_DATABASE_URL/,
    );
    expect(existsSync(join(to, 'master.key'))).toBe(false);
  });

  it('makes no second master key beside a database that an earlier one sealed', async () => {
    const to = copy('lost-key');
    rmSync(join(to, 'master.key'));
    expect((await congvu(['--data', to, 'init', '--domain', 'x.gov.vn'])).err).toMatch(/put back your copy/);
    expect(existsSync(join(to, 'master.key'))).toBe(false);
    expect(bad(await doctor({ CONGVU_DATA: to }))).toMatchObject([
      { level: 'fail', area: 'keys', what: /missing/ },
      { area: 'tls' },
    ]);
  });

  it('works on PostgreSQL and keeps the address for the commands after it', async () => {
    const { url, drop } = await freshPostgres(inject('pgUrl'));
    const to = join(folder, 'postgres');
    expect(await congvu(['--data', to, 'init', '--domain', 'y.gov.vn'], { CONGVU_DATABASE_URL: url })).toMatchObject({
      code: 0,
    });
    expect(await congvu(['--data', to, 'unit', 'add', 'H99', 'UBND tỉnh'])).toMatchObject({
      code: 0,
      out: 'added H99 UBND tỉnh',
    });
    expect((await doctor({ CONGVU_DATA: to })).find((f) => f.area === 'database')?.what).toMatch(/^PostgreSQL/);
    await drop();
  });
});

describe('congvu doctor', () => {
  it('says that nothing is installed, and makes nothing', async () => {
    const to = join(folder, 'nothing');
    const found = bad(await doctor({ CONGVU_DATA: to, CONGVU_PORT_BASE: '42000' }));
    expect(found[0]).toMatchObject({ area: 'configuration', remedy: expect.stringContaining('congvu init') as string });
    expect(existsSync(to)).toBe(false);
  });

  it('finds only the missing certificate and backup in a new installation', async () => {
    expect(bad(await doctor({ CONGVU_DATA: copy('new') }))).toMatchObject([
      { level: 'warn', area: 'backup' },
      { level: 'warn', area: 'tls' },
    ]);
  });

  it('prints a line with its remedy for each, and ends with 1 when one fails', async () => {
    const { code, out } = await congvu(['--data', join(folder, 'none'), 'doctor', '--no-dns']);
    expect(code).toBe(1);
    expect(out).toMatch(/\[ FAIL \] .*holds no installation\n {9}→ "congvu init/);
    const json = JSON.parse((await congvu(['--data', join(folder, 'none'), 'doctor', '--json'])).out) as Finding[];
    expect(json).toContainEqual(expect.objectContaining({ level: 'fail', area: 'configuration' }));
  });

  it('names the wrong line of the configuration', async () => {
    const to = copy('typo', 'hostnam = "x"\n');
    expect(await doctor({ CONGVU_DATA: to })).toMatchObject([
      { level: 'fail', area: 'configuration', what: /hostnam/ },
    ]);
  });

  it('minds a master key that others may read, that is none, and that is another', async () => {
    const to = copy('keys');
    const key = join(to, 'master.key');
    const finding = async () =>
      (await doctor({ CONGVU_DATA: to })).find((f) => f.area === 'keys' && f.level === 'fail')?.what;
    chmodSync(key, 0o644);
    expect(await finding()).toMatch(/run chmod 600/);
    chmodSync(key, 0o600);
    writeFileSync(key, 'short\n');
    expect(await finding()).toMatch(/not a master key/);
    writeFileSync(key, `${Buffer.alloc(32, 1).toString('base64')}\n`);
    expect(await finding()).toMatch(/not the one it was sealed with/);
    expect((await congvu(['--data', to, 'serve'])).err).toMatch(/^a sealed secret does not open.*put back your copy/);
  });

  it.each([
    [0.5, 100, 'fail'],
    [5, 100, 'warn'],
    [50, 100, 'ok'],
  ])('judges %d of %d GiB free: %s', async (free, size, level) => {
    const room = async () => ({ free: free * GIB, size: size * GIB });
    const found = await doctor({ CONGVU_DATA: data }, { room });
    expect(found.find((f) => f.area === 'disk')).toMatchObject({ level });
  });

  it('judges the certificate: expired, soon expired, for another name, self-signed, of another key, unreadable', async () => {
    const to = copy('certificate', `[tls]\nkey = "${join(folder, 'k.pem')}"\ncert = "${join(folder, 'c.pem')}"\n`);
    // A table ends the top of the file: the rest follows it.
    const made = Date.parse('2026-01-01T00:00:00Z');
    const good = await selfSigned(['mail.x.gov.vn'], made);
    const judged = async (key: string, cert: string, now = made) => {
      writeFileSync(join(folder, 'k.pem'), key);
      writeFileSync(join(folder, 'c.pem'), cert);
      return bad(await doctor({ CONGVU_DATA: to }, { clock: { now: () => now } }))
        .filter((f) => f.area === 'tls')
        .map((f) => f.what);
    };
    const self = expect.stringContaining('self-signed') as string;
    expect(await judged(good.key, good.cert)).toEqual([self]);
    expect(await judged(good.key, good.cert, made + 3645 * 86_400_000)).toEqual([
      'the certificate ends in 5 day(s)',
      self,
    ]);
    expect(await judged(good.key, good.cert, made + 3651 * 86_400_000)).toEqual([
      expect.stringMatching(/ended on/),
      self,
    ]);
    const other = await selfSigned(['mail.y.gov.vn'], made);
    expect(await judged(other.key, other.cert)).toEqual(['the certificate is not for mail.x.gov.vn', self]);
    expect(await judged(other.key, good.cert)).toEqual(['the TLS key does not belong to the certificate', self]);
    expect(await judged('x', 'y')).toEqual([expect.stringContaining('cannot be read')]);
  });

  it('names the port that another program has', async () => {
    const taken: Server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const to = copy('taken');
    writeFileSync(
      join(to, 'congvu.toml'),
      `[directory]\ndomain = "x.gov.vn"\n[listen]\nhost = "127.0.0.1"\n${off()}`.replace('smtp = 0', `smtp = ${port}`),
    );
    expect(bad(await doctor({ CONGVU_DATA: to }))).toContainEqual({
      level: 'fail',
      area: 'ports',
      what: `port ${port} (smtp) cannot be opened: EADDRINUSE`,
      remedy: 'stop the other program, or choose another port in [listen]',
    });
    const refused = await congvu(['--data', to, 'serve'], { CONGVU_LOG_LEVEL: 'silent' });
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^listen EADDRINUSE.*"congvu doctor"/) as string,
    });
    taken.close();
  });

  it('sees the running server, and a port on which it does not listen yet', async () => {
    const to = copy('running');
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    writeFileSync(
      join(to, 'congvu.toml'),
      `[directory]\ndomain = "x.gov.vn"\n[listen]\nhost = "127.0.0.1"\n${off(port)}`,
    );
    const running = await start(await openParts(loadConfig({ env: {}, data: to }), { log: createLog('silent') }));
    const about = async () => (await doctor({ CONGVU_DATA: to })).filter((f) => f.area === 'ports').map((f) => f.what);
    expect(await about()).toEqual([`congvu answers on port ${port} (http)`]);
    writeFileSync(
      join(to, 'congvu.toml'),
      readFileSync(join(to, 'congvu.toml'), 'utf8').replace('imaps = 0', 'imaps = 1'),
    );
    expect(await about()).toContain('congvu runs, but not on port 1 (imaps)');
    await running.stop();
    expect(await about()).toContain(`port ${port} (http) is free`);
  });

  it('says what DNS lacks, or that it could not be asked', async () => {
    const to = copy('dns', '[smtp]\ndnsServers = ["127.0.0.1:1"]\ndnsTimeout = 100\n');
    const found = (await doctor({ CONGVU_DATA: to }, { dns: true })).filter((f) => f.area === 'dns');
    expect(found.map((f) => f.level)).toEqual(found.map(() => 'warn'));
    expect(found.length).toBe(6);
  });
});

describe('the program', () => {
  it('is content when nobody reads its output to the end', async () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'src/cli/congvu.ts', '--data', data, 'doctor', '--no-dns'],
      {
        cwd: packageRoot,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    await new Promise((resolve) => child.once('exit', resolve));
    expect(err).toBe('');
    expect(child.exitCode).toBe(0);
  });
});

describe('the commands about the store and the queue', () => {
  it('prove a new store whole, find nothing to mend and an empty queue', async () => {
    expect(await congvu(['--data', data, 'check', '--deep'])).toMatchObject({ code: 0, out: 'The store is whole.' });
    expect(await congvu(['--data', data, 'repair'])).toMatchObject({ code: 0, out: 'There was nothing to mend.' });
    expect(await congvu(['--data', data, 'queue'])).toMatchObject({ code: 0, out: '0 recipient(s)' });
    expect(await congvu(['--data', data, 'queue', 'retry'])).toMatchObject({
      code: 0,
      out: '0 delivery attempt(s) are due now',
    });
    expect((await congvu(['--data', data, 'queue', 'cancel', 'x'])).err).toMatch(/a number is wanted/);
  });
});

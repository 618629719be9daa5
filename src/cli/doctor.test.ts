import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { selfSigned } from '../base/self-signed.ts';
import { loadConfig } from '../config.ts';
import type { Finding } from '../doctor/doctor.ts';
import { start } from '../main.ts';
import { openParts } from '../parts.ts';
import { createLog } from '../base/log.ts';
import { bad, doctor } from './testing/findings.ts';
import { congvu, off, TestInstallation } from './testing/installation.ts';

const GIB = 1024 ** 3;
const made = new TestInstallation();
beforeAll(() => made.init());
afterAll(() => made.dispose());

describe('congvu doctor', () => {
  it('says that nothing is installed, and makes nothing', async () => {
    const to = join(made.folder, 'nothing');
    const found = bad(await doctor({ CONGVU_DATA: to, CONGVU_PORT_BASE: '42000' }));
    expect(found[0]).toMatchObject({ area: 'configuration', remedy: expect.stringContaining('congvu init') as string });
    expect(existsSync(to)).toBe(false);
  });

  it('finds only the missing certificate and backup in a new installation', async () => {
    expect(bad(await doctor({ CONGVU_DATA: made.copy('new') }))).toMatchObject([
      { level: 'warn', area: 'backup' },
      { level: 'warn', area: 'tls' },
    ]);
  });

  it('prints a line with its remedy for each, and ends with 1 when one fails', async () => {
    const { code, out } = await congvu(['--data', join(made.folder, 'none'), 'doctor', '--no-dns']);
    expect(code).toBe(1);
    expect(out).toMatch(/\[ FAIL \] .*holds no installation\n {9}→ "congvu init/);
    const json = JSON.parse((await congvu(['--data', join(made.folder, 'none'), 'doctor', '--json'])).out) as Finding[];
    expect(json).toContainEqual(expect.objectContaining({ level: 'fail', area: 'configuration' }));
  });

  it('names the wrong line of the configuration', async () => {
    const to = made.copy('typo', 'hostnam = "x"\n');
    expect(await doctor({ CONGVU_DATA: to })).toMatchObject([
      { level: 'fail', area: 'configuration', what: /hostnam/ },
    ]);
  });

  it('minds a master key that others may read, that is none, and that is another', async () => {
    const to = made.copy('keys');
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
    const found = await doctor({ CONGVU_DATA: made.data }, { room });
    expect(found.find((f) => f.area === 'disk')).toMatchObject({ level });
  });

  it('judges the certificate: expired, soon expired, for another name, self-signed, of another key, unreadable', async () => {
    const to = made.copy(
      'certificate',
      `[tls]\nkey = "${join(made.folder, 'k.pem')}"\ncert = "${join(made.folder, 'c.pem')}"\n`,
    );
    // A table ends the top of the file: the rest follows it.
    const then = Date.parse('2026-01-01T00:00:00Z');
    const good = await selfSigned(['mail.x.gov.vn'], then);
    const judged = async (key: string, cert: string, now = then) => {
      writeFileSync(join(made.folder, 'k.pem'), key);
      writeFileSync(join(made.folder, 'c.pem'), cert);
      return bad(await doctor({ CONGVU_DATA: to }, { clock: { now: () => now } }))
        .filter((f) => f.area === 'tls')
        .map((f) => f.what);
    };
    const self = expect.stringContaining('self-signed') as string;
    expect(await judged(good.key, good.cert)).toEqual([self]);
    expect(await judged(good.key, good.cert, then + 3645 * 86_400_000)).toEqual([
      'the certificate ends in 5 day(s)',
      self,
    ]);
    expect(await judged(good.key, good.cert, then + 3651 * 86_400_000)).toEqual([
      expect.stringMatching(/ended on/),
      self,
    ]);
    const other = await selfSigned(['mail.y.gov.vn'], then);
    expect(await judged(other.key, other.cert)).toEqual(['the certificate is not for mail.x.gov.vn', self]);
    expect(await judged(other.key, good.cert)).toEqual(['the TLS key does not belong to the certificate', self]);
    expect(await judged('x', 'y')).toEqual([expect.stringContaining('cannot be read')]);
  });

  it('names the port that another program has', async () => {
    const taken: Server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const to = made.copy('taken');
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
    const to = made.copy('running');
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
    const to = made.copy('dns', '[smtp]\ndnsServers = ["127.0.0.1:1"]\ndnsTimeout = 100\n');
    const found = (await doctor({ CONGVU_DATA: to }, { dns: true })).filter((f) => f.area === 'dns');
    expect(found.map((f) => f.level)).toEqual(found.map(() => 'warn'));
    expect(found.length).toBe(6);
  });
});

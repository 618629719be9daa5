import { existsSync, rmSync, statSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { freshPostgres } from '../../test/support/databases.ts';
import { loadConfig } from '../config.ts';
import { packageRoot } from '../base/paths.ts';
import { bad, doctor } from './testing/findings.ts';
import { congvu, TestInstallation } from './testing/installation.ts';

const made = new TestInstallation();
beforeAll(() => made.init());
afterAll(() => made.dispose());

describe('congvu init', () => {
  it('makes a folder for its own user only, and settings for the ports of a mail server', () => {
    expect(statSync(made.data).mode & 0o777).toBe(0o700);
    expect(statSync(join(made.data, 'master.key')).mode & 0o777).toBe(0o600);
    expect(loadConfig({ env: {}, data: made.data })).toMatchObject({
      hostname: 'mail.x.gov.vn',
      listen: { smtp: 25, imaps: 993 },
    });
  });

  it('is done once', async () => {
    const again = await congvu(['--data', made.data, 'init', '--domain', 'x.gov.vn']);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('already holds an installation') as string });
  });

  it.each(['foo bar', 'localhost', 'x".gov.vn'])('refuses the domain %s and leaves nothing behind', async (domain) => {
    const to = join(made.folder, 'refused');
    expect((await congvu(['--data', to, 'init', '--domain', domain])).err).toMatch(/not a domain name/);
    expect(existsSync(to)).toBe(false);
  });

  it('leaves no master key behind when the database is not there, and says where it is named', async () => {
    const to = join(made.folder, 'no-database');
    const env = { CONGVU_DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' };
    expect((await congvu(['--data', to, 'init', '--domain', 'x.gov.vn'], env)).err).toMatch(
      /ECONNREFUSED.*CONGVU_DATABASE_URL/,
    );
    expect(existsSync(join(to, 'master.key'))).toBe(false);
  });

  it('makes no second master key beside a database that an earlier one sealed', async () => {
    const to = made.copy('lost-key');
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
    const to = join(made.folder, 'postgres');
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

describe('the program', () => {
  it('is content when nobody reads its output to the end', async () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'src/cli/congvu.ts', '--data', made.data, 'doctor', '--no-dns'],
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
    expect(await congvu(['--data', made.data, 'check', '--deep'])).toMatchObject({
      code: 0,
      out: 'The store is whole.',
    });
    expect(await congvu(['--data', made.data, 'repair'])).toMatchObject({ code: 0, out: 'There was nothing to mend.' });
    expect(await congvu(['--data', made.data, 'queue'])).toMatchObject({ code: 0, out: '0 recipient(s)' });
    expect(await congvu(['--data', made.data, 'queue', 'retry'])).toMatchObject({
      code: 0,
      out: '0 delivery attempt(s) are due now',
    });
    expect((await congvu(['--data', made.data, 'queue', 'cancel', 'x'])).err).toMatch(/a number is wanted/);
  });
});

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { freshPostgres, MIGRATED } from '../../test/support/databases.ts';
import { spoilTables } from '../backup/testing/damage.ts';
import { ROW_BYTES } from '../blobs/blob-store.ts';
import { noiseText } from '../blobs/testing/noise.ts';
import { createLog } from '../base/log.ts';
import { loadConfig } from '../config.ts';
import { openParts, type Parts } from '../parts.ts';
import { congvu } from './testing/installation.ts';

const PASSPHRASE = 'một câu dài để mở bản sao lưu';
const ADDRESS = 'ubnd@y.gov.vn';

describe('congvu restore on PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'congvu-restore-'));
  const [data, backups, words] = ['living', 'backups', 'words'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  let living: { url: string; drop(): Promise<void> };
  let other: { url: string; drop(): Promise<void> };
  /** Beyond what fits into a row: part of it lies in the folder, the rest in the database. */
  const letter = Buffer.from(
    `From: a@example.org\r\nSubject: Báo cáo\r\nMIME-Version: 1.0\r\n\r\n${noiseText(2 * ROW_BYTES)}\r\n`,
  );

  beforeAll(async () => {
    const server = inject('pgUrl');
    [living, other] = await Promise.all([freshPostgres(server, { template: MIGRATED }), freshPostgres(server)]);
    await told(['--data', data, 'init', '--domain', 'y.gov.vn'], { CONGVU_DATABASE_URL: living.url });
    await told(['--data', data, 'unit', 'add', 'H99', 'UBND tỉnh', '--email', ADDRESS]);
    await within(data, {}, async ({ mailstore, directory }) => {
      const account = await directory.resolve(ADDRESS);
      const message = await mailstore.prepare(letter);
      await mailstore.write(account!.accountId, async (w) =>
        w.append(message, { mailboxIds: [(await w.mailboxByRole('inbox'))!.id], keywords: ['$seen'] }),
      );
    });
    writeFileSync(words, `${PASSPHRASE}\n`, { mode: 0o600 });
    expect(await told(['--data', data, 'backup', backups, '--passphrase-file', words])).toMatch(/^snapshot \S+: /);
  });
  afterAll(async () => {
    await Promise.all([living.drop(), other.drop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const told = async (args: string[], env: Record<string, string> = {}): Promise<string> => {
    const { code, out, err } = await congvu(args, env);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return out;
  };
  async function within<T>(of: string, env: Record<string, string>, work: (parts: Parts) => Promise<T>): Promise<T> {
    const parts = await openParts(loadConfig({ env, data: of }), { log: createLog('fatal') });
    try {
      return await work(parts);
    } finally {
      await parts.close();
    }
  }
  const inbox = (of: string, env: Record<string, string>) =>
    within(of, env, async ({ mailstore, directory, blobs }) => {
      const account = await directory.resolve(ADDRESS);
      const reader = mailstore.read(account!.accountId);
      const placed = await reader.placed((await reader.mailboxByRole('inbox'))!.id);
      return Promise.all(
        placed.map(async ({ keywords, blobHash }) => ({ keywords, bytes: Buffer.from(await blobs.read(blobHash)) })),
      );
    });

  it('never writes into the database that lives', async () => {
    const restored = await congvu(['restore', backups, '--to', join(folder, 'over'), '--passphrase-file', words]);
    expect(restored).toMatchObject({
      code: 1,
      err: expect.stringContaining('the database of the settings is not empty') as string,
    });
    expect(await inbox(data, {})).toHaveLength(1);
  });

  it('brings everything back into another database and an empty folder', async () => {
    const to = join(folder, 'back');
    const env = { CONGVU_DATABASE_URL: other.url };
    const out = await told(['restore', backups, '--to', to, '--passphrase-file', words, '--deep'], env);
    expect(out).toContain('The store is whole: rows, counters, audit chain, and every byte against its hash.');
    expect(await inbox(to, env)).toEqual([{ keywords: ['$seen'], bytes: letter }]);
    expect(await told(['--data', to, 'check', '--deep'], env)).toBe('The store is whole.');
  });

  it('names the damaged piece of the backup before it makes anything, and leaves it out when told to', async () => {
    const right = await spoilTables(backups, ['mailboxes']);
    const to = join(folder, 'damaged');
    const refused = await congvu(['restore', backups, '--to', to]);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/piece 1 of 1 of table mailboxes is damaged .*row\(s\) of mailboxes are missing by it/);
    expect(existsSync(to)).toBe(false);
    // Of one mailbox the same; the newest backup that can be read is not asked for by itself.
    const asked = await congvu(['--data', data, 'restore', backups, '--mailbox', ADDRESS]);
    expect(asked).toMatchObject({ code: 1, err: expect.stringContaining('backup.table_damaged') as string });
    const database = await freshPostgres(inject('pgUrl'));
    const env = { CONGVU_DATABASE_URL: database.url };
    const given = ['restore', backups, '--to', to, '--passphrase-file', words, '--leave-out-damaged'];
    const { code, out } = await congvu(given, env);
    // It is all there, but not what was asked for.
    expect(code).toBe(1);
    expect(out).toContain('left out: piece 1 of 1 of table mailboxes is damaged');
    expect(out).toMatch(/^\d+ mailbox\(es\) were made anew/m);
    expect(out).toContain('The store is whole');
    expect(await inbox(to, env)).toEqual([{ keywords: ['$seen'], bytes: letter }]);
    expect(await told(['--data', to, 'check', '--deep'], env)).toBe('The store is whole.');
    await database.drop();
    right();
  });

  it('mends what changed in the living store, and says what it found', async () => {
    const ask = ['--data', data, 'restore', backups, '--mend'];
    expect(await told(ask)).toBe('All stored content can be read, every byte against its hash.');
    const [path] = readdirSync(join(data, 'blobs'), { recursive: true }).filter((name) => String(name).length > 60);
    rmSync(join(data, 'blobs', String(path)));
    expect((await congvu(['--data', data, 'check'])).out).toContain('congvu restore <backup> --mend');
    expect(await told(ask)).toMatch(/^whole again: [0-9a-f]{64}\n/);
    expect(await told(['--data', data, 'check', '--deep'])).toBe('The store is whole.');
    const { code, err } = await congvu(['--data', data, 'restore', backups]);
    expect([code, err]).toEqual([1, expect.stringContaining('--mend, or --list')]);
  });

  it('brings one mailbox back beside the living mail, once', async () => {
    const ask = ['--data', data, 'restore', backups, '--mailbox', ADDRESS, '--into', 'Khôi phục'];
    expect(await told(ask)).toMatch(/^1 message\(s\) of \S+ are in "Khôi phục" of ubnd@y\.gov\.vn; 0 were there/);
    expect(await told(ask)).toMatch(/^0 message\(s\) .*; 1 were there already/);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { packageRoot } from '../base/paths.ts';
import { directoryParts, type DirectoryParts } from '../directory/testing/parts.ts';
import { apiKeyCommands } from './api-key.ts';
import { officialCommands } from './official.ts';
import { unitCommands } from './unit.ts';

describe('congvu', () => {
  let parts: DirectoryParts;
  /** Whose signing keys were revoked, and by whom. */
  const retired: string[] = [];
  const signing = {
    retireKeysOf: async (officialId: number, actor: string) => void retired.push(`${officialId} ${actor}`),
  };
  let dispose: () => Promise<void>;
  let run: (...args: string[]) => Promise<{ out: string; err: string; failed: boolean }>;
  const folder = mkdtempSync(join(tmpdir(), 'congvu-cli-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  beforeAll(async () => {
    const test = await sqliteDatabase();
    dispose = test.dispose;
    parts = directoryParts(test.db);
    run = async (...args) => {
      const out: string[] = [];
      const err: string[] = [];
      vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line));
      vi.spyOn(console, 'error').mockImplementation((line: string) => void err.push(line));
      const program = new Command('congvu').exitOverride();
      for (const commands of [unitCommands, officialCommands, apiKeyCommands])
        commands(program, (work) => work({ ...parts, signing }));
      program.commands.forEach((command) =>
        [command, ...command.commands].forEach((c) =>
          c.exitOverride().configureOutput({ writeErr: (text) => void err.push(text) }),
        ),
      );
      process.exitCode = 0;
      await program.parseAsync(['node', 'congvu', ...args]);
      const failed = process.exitCode !== 0;
      process.exitCode = 0;
      return { out: out.join('\n'), err: err.join('\n'), failed };
    };
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await dispose();
    rmSync(folder, { recursive: true });
  });

  it('adds, lists and closes units', async () => {
    expect((await run('unit', 'add', 'H99', 'UBND tỉnh', '--email', 'ubnd@caoson.gov.vn', '--seal')).out).toBe(
      'added H99 UBND tỉnh <ubnd@caoson.gov.vn>',
    );
    expect(
      JSON.parse(
        (await run('unit', 'add', 'H99.90', 'Huyện cũ', '--parent', 'H99', '--from', '2020-01-01', '--json')).out,
      ),
    ).toMatchObject({ code: 'H99.90', validFrom: '2020-01-01' });
    expect((await run('unit', 'close', 'H99.90', '2025-07-01')).out).toBe('H99.90 closes on 2025-07-01');
    expect((await run('unit', 'list')).out).toBe(
      'H99\tUBND tỉnh\tubnd@caoson.gov.vn\nH99.90\tHuyện cũ\t\tclosed 2025-07-01',
    );
    await expect(run('unit', 'add', 'H9', 'x')).rejects.toMatchObject({ code: 'unit.invalid' });
    await expect(run('unit', 'add', 'H99.91', 'x', '--tier', 'huyen')).rejects.toMatchObject({ code: 'unit.invalid' });
  });

  it('adds an official, gives a new password, disables and enables', async () => {
    const added = await run('official', 'add', 'Nguyễn Văn Hùng', '--title', 'Chuyên viên', '--unit', 'H99');
    expect(added.out).toMatch(/^added Nguyễn Văn Hùng <hungnv@caoson\.gov\.vn>\nfirst password: [a-z2-9-]{19}$/);
    const { password } = JSON.parse((await run('official', 'password', 'hungnv@caoson.gov.vn', '--json')).out) as {
      password: string;
    };
    expect(
      await parts.credentials.authenticate({
        address: 'hungnv@caoson.gov.vn',
        password,
        remote: 'x',
        allowAppPassword: false,
      }),
    ).toMatchObject({ mustChange: true });
    await run('official', 'grant', 'hungnv@caoson.gov.vn', 'unit_admin', '--unit', 'H99');
    expect(await parts.directory.grants(1 as never)).toMatchObject([{ role: 'unit_admin' }]);
    await run('official', 'revoke', 'hungnv@caoson.gov.vn', 'unit_admin', '--unit', 'H99');
    expect(await parts.directory.grants(1 as never)).toEqual([]);
    expect((await run('unit', 'delegate', 'ubnd@caoson.gov.vn', 'hungnv@caoson.gov.vn')).out).toBe(
      'hungnv@caoson.gov.vn opens ubnd@caoson.gov.vn',
    );
    expect((await run('official', 'disable', 'hungnv@caoson.gov.vn')).out).toBe('disabled hungnv@caoson.gov.vn');
    expect(retired).toEqual(['1 cli']);
    expect((await run('official', 'list', 'hung')).out).toBe(
      'hungnv@caoson.gov.vn\tNguyễn Văn Hùng\tChuyên viên, UBND tỉnh\tdisabled\n1 official(s)',
    );
    await run('official', 'enable', 'hungnv@caoson.gov.vn');
    expect(JSON.parse((await run('official', 'list', '--unit', 'H99', '--json')).out)).toMatchObject([
      { address: 'hungnv@caoson.gov.vn', status: 'active' },
    ]);
    await expect(run('official', 'disable', 'x@caoson.gov.vn')).rejects.toMatchObject({ code: 'official.not_found' });
    await expect(run('official', 'grant', 'hungnv@caoson.gov.vn', 'king')).rejects.toMatchObject({
      code: 'role.unknown',
    });
    await expect(run('official', 'add', 'Ai Đó')).rejects.toThrow("required option '--title <text>'");
  });

  it('imports: shows first, then does it, then has nothing to do', async () => {
    const list = file('can-bo.csv', 'Họ và tên;Chức vụ;Mã đơn vị\r\nHà Mạnh Trường;Chuyên viên;H99\r\n');
    expect((await run('official', 'import', list, '--dry-run')).out).toBe(
      'line 2\tcreate\ttruonghm@caoson.gov.vn\tHà Mạnh Trường\nwould be: 1 created, 0 updated, 0 unchanged',
    );
    expect((await run('official', 'import', list)).out).toMatch(
      /^line 2\tcreate\ttruonghm@caoson\.gov\.vn\tHà Mạnh Trường\t\t[a-z2-9-]{19}\n1 created, 0 updated, 0 unchanged$/,
    );
    expect(await run('official', 'import', list)).toMatchObject({
      out: '0 created, 0 updated, 1 unchanged',
      failed: false,
    });
  });

  it('names the bad rows and fails', async () => {
    const list = file('sai.csv', 'Họ và tên,Chức vụ,Mã đơn vị\nA B,,H99\n');
    for (const flags of [[], ['--dry-run']]) {
      expect(await run('official', 'import', list, ...flags)).toMatchObject({
        err: 'line 2: Chức vụ: thiếu dữ liệu\n1 error(s): nothing is imported as long as one row is wrong',
        failed: true,
      });
    }
    const json = await run('official', 'import', list, '--json', '--language', 'en');
    expect(json.failed).toBe(true);
    expect(JSON.parse(json.out)).toMatchObject({
      errors: [{ line: 2, field: 'title', code: 'row.missing', message: 'title: is missing' }],
    });
    await expect(run('official', 'import', join(folder, 'gone.csv'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('imports the sample units', async () => {
    const units = await run('unit', 'import', join(packageRoot, 'src/demo/sample/sample-units.json'), '--json');
    expect(JSON.parse(units.out)).toMatchObject({ created: 29, updated: 1 });
  });

  it('makes, lists and revokes keys of other systems', async () => {
    const { id, secret } = JSON.parse(
      (
        await run(
          'api-key',
          'add',
          'eOffice',
          '--scope',
          'documents:read,documents:write',
          'webhooks',
          '--unit',
          'H99',
          '--json',
        )
      ).out,
    ) as { id: number; secret: string };
    expect(await parts.credentials.apiKey(secret)).toMatchObject({
      scopes: ['documents:read', 'documents:write', 'webhooks'],
    });
    expect((await run('api-key', 'list')).out).toMatch(
      new RegExp(`^${id}\teOffice\tdocuments:read documents:write webhooks\tused 2026-`),
    );
    expect((await run('api-key', 'list')).out).not.toContain(secret);
    expect((await run('api-key', 'revoke', String(id))).out).toBe(`revoked key ${id}`);
    await expect(run('api-key', 'revoke', String(id))).rejects.toMatchObject({ code: 'api_key.not_found' });
    await expect(run('api-key', 'add', 'x', '--scope', 'all')).rejects.toMatchObject({ code: 'api_key.invalid' });
  });
});

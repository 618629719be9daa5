import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Problem } from '../../base/api-types.ts';
import type { UnitId } from '../../base/ids.ts';
import { webParts, type Web } from './testing/web.ts';

const problem = async (response: Response) => (await response.json()) as Problem;

describe('administration', () => {
  let web: Web;
  const cookies: Record<string, string> = {};
  let unitAdmin: UnitId;
  beforeAll(async () => {
    web = await webParts();
    unitAdmin = (await web.directory.unit({ code: 'H99.02' }))!.id;
    await web.person('Tôn Nữ Hạ Vy', 'H99', { grants: [{ role: 'system_admin', unitId: 0 as UnitId }] });
    await web.person('Tạ Vĩnh Kỳ', 'H99.02', { grants: [{ role: 'unit_admin', unitId: unitAdmin }] });
    await web.person('Mạc Thị Xuân', 'H99.02');
    await web.person('Quách Minh Tuệ', 'H99.03');
    await web.person('Lý Quốc Thịnh', 'H99.02', { grants: [{ role: 'security_officer', unitId: 0 as UnitId }] });
    for (const [name, address] of [
      ['system', 'vytnh'],
      ['unit', 'kytv'],
      ['nobody', 'xuanmt'],
    ] as const)
      cookies[name] = await web.signIn(`${address}@caoson.gov.vn`);
  });
  afterAll(() => web.dispose());
  const ask = (who: string, method: string, path: string, body?: unknown) =>
    web.request(method, `/api/v1/directory${path}`, { cookie: cookies[who]!, ...(body ? { body } : {}) });
  const official = (fullName: string, unitCode: string, more = {}) => ({
    fullName,
    title: 'Chuyên viên',
    unitCode,
    ...more,
  });
  const unit = (code: string, parentCode: string | null) => ({
    code,
    parentCode,
    name: 'Phòng',
    shortName: 'P',
    adminTier: 'tinh',
    validFrom: '2026-01-01',
  });

  it.each([
    ['system', 'H99.03', 201],
    ['unit', 'H99.02', 201],
    ['unit', 'H99.03', 403],
    ['unit', 'H99', 403],
    ['nobody', 'H99.02', 403],
  ])('%s adds an official in %s: %i', async (who, unitCode, status) => {
    const response = await ask(who, 'POST', '/officials', official('Người Mới', unitCode));
    expect(response.status).toBe(status);
    if (status === 201)
      expect(await response.json()).toMatchObject({
        official: { fullName: 'Người Mới' },
        password: expect.stringMatching(/^[a-z2-9-]{19}$/) as string,
      });
  });

  it.each([
    ['system', 'Z99', null, 201],
    ['unit', 'H99.02.01', 'H99.02', 201],
    ['unit', 'H99.02.01.1', 'H99.02.01', 201],
    ['unit', 'H99.03.01', 'H99.03', 403],
    ['unit', 'Y99', null, 403],
    ['nobody', 'H99.02.09', 'H99.02', 403],
  ])('%s adds unit %s below %s: %i', async (who, code, parent, status) => {
    expect((await ask(who, 'POST', '/units', unit(code, parent))).status).toBe(status);
  });

  it('lets a unit administrator manage own people only, and never other administrators', async () => {
    const id = async (address: string) => (await web.directory.official({ address: `${address}@caoson.gov.vn` }))!.id;
    expect((await ask('unit', 'POST', `/officials/${await id('tueqm')}/disable`)).status).toBe(403);
    expect((await ask('unit', 'POST', `/officials/${await id('thinhlq')}/password`)).status).toBe(403);
    expect((await ask('unit', 'POST', `/officials/${await id('vytnh')}/password`)).status).toBe(403);
    const reset = (await (await ask('unit', 'POST', `/officials/${await id('xuanmt')}/password`)).json()) as {
      password: string;
    };
    cookies['nobody'] = await web.signIn('xuanmt@caoson.gov.vn', reset.password);
    const leaving = await id('xuanmt');
    await web.deps.signing.enrol(leaving, { publicKey: 'x', privateKey: 'y', revocation: 'z' });
    expect((await ask('unit', 'POST', `/officials/${leaving}/disable`)).status).toBe(204);
    // The key of a person who leaves is revoked.
    expect(await web.deps.signing.ownKey(leaving)).toBeUndefined();
    expect(await web.directory.resolve('xuanmt@caoson.gov.vn')).toBeUndefined();
    expect((await ask('unit', 'POST', `/officials/${await id('xuanmt')}/enable`)).status).toBe(204);
    expect((await ask('unit', 'POST', '/officials/9999/disable')).status).toBe(404);
  });

  it('does not let a unit administrator take a mailbox or a role of others', async () => {
    await ask(
      'system',
      'POST',
      '/officials',
      official('Lâm Thạch Nguyên', 'H99', { title: 'Chủ tịch', titleMailbox: 'chutich.ubnd@caoson.gov.vn' }),
    );
    expect(
      (
        await ask(
          'unit',
          'POST',
          '/officials',
          official('Kẻ Gian', 'H99.02', { titleMailbox: 'chutich.ubnd@caoson.gov.vn' }),
        )
      ).status,
    ).toBe(403);
    expect(
      (await ask('unit', 'POST', '/officials', official('Kẻ Gian', 'H99.02', { address: 'postmaster@caoson.gov.vn' })))
        .status,
    ).toBe(403);
    expect((await ask('unit', 'PUT', '/officials/2/roles', { role: 'system_admin' })).status).toBe(403);
    expect((await ask('unit', 'PUT', '/mailboxes/stc@caoson.gov.vn/delegates/3', { canSend: true })).status).toBe(403);
    expect((await ask('unit', 'PUT', '/mailboxes/snv@caoson.gov.vn/delegates/2', { canSend: true })).status).toBe(403);
    expect((await ask('unit', 'PUT', '/mailboxes/xuanmt@caoson.gov.vn/delegates/3', { canSend: true })).status).toBe(
      400,
    );
  });

  it('names delegates of the own unit’s mailbox', async () => {
    expect((await ask('unit', 'PUT', '/mailboxes/snv@caoson.gov.vn/delegates/3', { canSend: true })).status).toBe(204);
    expect(await (await ask('unit', 'GET', '/mailboxes/snv@caoson.gov.vn/delegates')).json()).toEqual({
      delegates: [{ officialId: 3, fullName: 'Mạc Thị Xuân', address: 'xuanmt@caoson.gov.vn', canSend: true }],
    });
    expect((await ask('unit', 'DELETE', '/mailboxes/snv@caoson.gov.vn/delegates/3')).status).toBe(204);
    expect(await (await ask('unit', 'GET', '/mailboxes/snv@caoson.gov.vn/delegates')).json()).toEqual({
      delegates: [],
    });
  });

  it('gives roles and keys by a system administrator', async () => {
    expect((await ask('system', 'PUT', '/officials/4/roles', { role: 'unit_admin', unitCode: 'H99.03' })).status).toBe(
      204,
    );
    expect(await (await ask('system', 'GET', '/officials/4/roles')).json()).toEqual({
      grants: [{ role: 'unit_admin', unitCode: 'H99.03' }],
    });
    expect(
      (await ask('system', 'DELETE', '/officials/4/roles', { role: 'unit_admin', unitCode: 'H99.03' })).status,
    ).toBe(204);
    const keys = (method: string, path: string, who: string, body?: unknown) =>
      web.request(method, `/api/v1/api-keys${path}`, { cookie: cookies[who]!, ...(body ? { body } : {}) });
    expect((await keys('POST', '', 'unit', { name: 'x', scopes: ['webhooks'] })).status).toBe(403);
    const made = (await (
      await keys('POST', '', 'system', { name: 'eOffice', scopes: ['webhooks'], unitCode: 'H99.02' })
    ).json()) as { id: number; secret: string };
    expect(await web.credentials.apiKey(made.secret)).toMatchObject({ name: 'eOffice', unitId: unitAdmin });
    expect(await (await keys('GET', '', 'system')).json()).toMatchObject({
      apiKeys: [{ name: 'eOffice', unitCode: 'H99.02', revokedAt: null }],
    });
    expect((await keys('DELETE', `/${made.id}`, 'system')).status).toBe(204);
    expect((await keys('DELETE', `/${made.id}`, 'system')).status).toBe(404);
  });

  it('imports with a dry run first, and reports bad rows by line and field', async () => {
    const list = 'Họ và tên,Chức vụ,Mã đơn vị\nHà Văn Nhập,Chuyên viên,H99.02\n';
    const send = (who: string, query: string, raw: string) =>
      web.request('POST', `/api/v1/directory/officials/import?${query}`, {
        cookie: cookies[who]!,
        raw,
        headers: { 'content-type': 'text/csv' },
      });
    expect(await (await send('unit', 'dryRun=true', list)).json()).toMatchObject({
      dryRun: true,
      created: 1,
      rows: [{ line: 2, action: 'create', key: 'nhaphv@caoson.gov.vn' }],
    });
    const bad = await send('unit', 'language=en', list.replace('H99.02', 'H99.03'));
    expect(bad.status).toBe(400);
    expect(await problem(bad)).toMatchObject({
      code: 'import.rejected',
      errors: [
        {
          line: 2,
          field: 'unitCode',
          code: 'unit.outside',
          message: 'unitCode: is a unit outside of what you administer',
        },
      ],
    });
    expect(await (await send('unit', '', list)).json()).toMatchObject({
      dryRun: false,
      created: 1,
      rows: [{ password: expect.any(String) as string }],
    });
    cookies['other'] = await web.signIn('tueqm@caoson.gov.vn');
    expect((await send('other', 'dryRun=true', list)).status).toBe(403);
  });

  it('lists officials of the own unit', async () => {
    expect((await ask('unit', 'GET', '/officials')).status).toBe(403);
    const listed = (await (await ask('unit', 'GET', '/officials?unit=H99.02&limit=2')).json()) as {
      officials: unknown[];
      nextAfter: number;
    };
    expect(listed.officials).toHaveLength(2);
    expect((await ask('unit', 'GET', `/officials?unit=H99.02&limit=2&after=${listed.nextAfter}`)).status).toBe(200);
    expect((await ask('system', 'GET', '/officials?q=nguyen')).status).toBe(200);
  });

  it('closes a unit', async () => {
    expect((await ask('unit', 'POST', '/units/H99.02.01/close', { validTo: '2026-12-31' })).status).toBe(204);
    expect((await ask('unit', 'POST', '/units/H99.03/close', { validTo: '2026-12-31' })).status).toBe(403);
  });

  it('shows everybody the directory', async () => {
    cookies['someone'] = await web.signIn('tueqm@caoson.gov.vn');
    expect(await (await ask('someone', 'GET', '/entries?q=noi%20vu')).json()).toEqual({
      entries: [
        {
          kind: 'unit',
          address: 'snv@caoson.gov.vn',
          name: 'Sở Nội vụ',
          title: null,
          unitCode: 'H99.02',
          unitName: 'Sở Nội vụ',
        },
      ],
    });
    expect(await (await ask('someone', 'GET', '/entries/KYTV@caoson.gov.vn')).json()).toMatchObject({
      kind: 'person',
      name: 'Tạ Vĩnh Kỳ',
      unitCode: 'H99.02',
    });
    expect((await ask('someone', 'GET', '/entries/x@y.vn')).status).toBe(404);
    expect((await ask('someone', 'GET', '/entries?limit=0')).status).toBe(400);
    const { units } = (await (await ask('someone', 'GET', '/units')).json()) as {
      units: { code: string; parentCode: string | null }[];
    };
    expect(units.find(({ code }) => code === 'H99.02')).toMatchObject({ parentCode: 'H99' });
  });
});

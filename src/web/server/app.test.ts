import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Problem } from '../../base/api-types.ts';
import type { UnitId } from '../../base/ids.ts';
import { createAuthenticateRequest } from './principal.ts';
import { HOST, PASSWORD, recordingLog, webParts, type Web } from './testing/web.ts';

const problem = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as Problem;
};

describe('signing in', () => {
  let web: Web;
  beforeAll(async () => {
    web = await webParts();
    await web.person('Nguyễn Văn Hùng', 'H99.02');
    await web.person('Phạm Thị Mới', 'H99.02', { mustChange: true });
  });
  afterAll(() => web.dispose());
  const post = (body: unknown, headers = {}) => web.request('POST', '/api/v1/session', { body, headers });

  it('sets a cookie that scripts and other sites do not get, and tells who one is', async () => {
    const response = await post({ address: 'hungnv@caoson.gov.vn', password: PASSWORD });
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toMatch(
      /^congvu=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      official: {
        id: 1,
        fullName: 'Nguyễn Văn Hùng',
        address: 'hungnv@caoson.gov.vn',
        title: 'Chuyên viên',
        unitName: 'Sở Nội vụ',
        unitCode: 'H99.02',
      },
      accounts: [
        {
          accountId: 'a4',
          kind: 'person',
          name: 'Nguyễn Văn Hùng',
          addresses: ['hungnv@caoson.gov.vn'],
          canSend: true,
        },
      ],
      roles: [],
      mustChangePassword: false,
      signingKey: null,
      locale: 'vi',
    });
  });

  it('behind TLS the cookie is Secure and bound to the host', async () => {
    const behind = await webParts({ web: { trustedProxies: ['127.0.0.1'] } });
    await behind.person('Nguyễn Văn Hùng', 'H99.02');
    const response = await behind.request('POST', '/api/v1/session', {
      body: { address: 'hungnv@caoson.gov.vn', password: PASSWORD },
      headers: { 'x-forwarded-proto': 'https' },
    });
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-congvu=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(response.headers.get('strict-transport-security')).toBe('max-age=31536000');
    await behind.dispose();
  });

  it('never repeats what was typed', async () => {
    for (const body of [
      { address: 'hungnv@caoson.gov.vn', password: { secret: 'bí mật 1' } },
      { address: 1, password: 'bí mật 1' },
      'bí mật 1',
      null,
      { password: 'bí mật 1' },
    ]) {
      const response = await post(body);
      expect(response.status).toBe(400);
      const text = await response.text();
      expect(text).not.toContain('bí mật');
      expect(JSON.parse(text)).toMatchObject({
        type: 'urn:congvu:problem:request.invalid',
        code: 'request.invalid',
        status: 400,
      });
    }
    const malformed = await web.request('POST', '/api/v1/session', {
      raw: '{"password":"bí mật',
      headers: { 'content-type': 'application/json' },
    });
    expect(malformed.status).toBe(400);
    expect(await malformed.text()).not.toContain('bí mật');
  });

  it('answers a wrong password and an unknown address alike', async () => {
    const texts = await Promise.all(
      ['hungnv@caoson.gov.vn', 'khongco@caoson.gov.vn'].map(async (address) => {
        const response = await post({ address, password: 'sai' });
        expect(response.status).toBe(401);
        return response.text();
      }),
    );
    expect(texts[0]).toBe(texts[1]);
  });

  it('says when to come back after a lock', async () => {
    for (let i = 0; i < 5; i++) await post({ address: 'khoa@caoson.gov.vn', password: 'sai' });
    const response = await post({ address: 'khoa@caoson.gov.vn', password: 'sai' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '900']);
    expect(await problem(response)).toMatchObject({ code: 'sign_in.locked', retryAfter: 900 });
  });

  it('opens nothing but the change of the password while the first one stands', async () => {
    const cookie = await web.signIn('moipt@caoson.gov.vn');
    expect(await (await web.request('GET', '/api/v1/session', { cookie })).json()).toMatchObject({
      mustChangePassword: true,
    });
    const refused = await web.request('GET', '/api/v1/directory/units', { cookie });
    expect([refused.status, (await problem(refused)).code]).toEqual([403, 'password.must_change']);
    const weak = await web.request('POST', '/api/v1/session/password', {
      cookie,
      body: { current: PASSWORD, next: 'moipt' },
    });
    expect(await problem(weak)).toMatchObject({
      code: 'password.too_weak',
      errors: [
        { field: 'next', code: 'password.length' },
        { field: 'next', code: 'password.own_name' },
      ],
    });
    expect(
      (
        await web.request('POST', '/api/v1/session/password', {
          cookie,
          body: { current: PASSWORD, next: 'đàn gà đi bộ' },
        })
      ).status,
    ).toBe(204);
    expect((await web.request('GET', '/api/v1/directory/units', { cookie })).status).toBe(200);
  });

  it('makes a new session each time, so that a planted one is worth nothing', async () => {
    const planted = await web.signIn('hungnv@caoson.gov.vn');
    const response = await web.request('POST', '/api/v1/session', {
      cookie: planted,
      body: { address: 'hungnv@caoson.gov.vn', password: PASSWORD },
    });
    expect(response.headers.get('set-cookie')?.split(';')[0]).not.toBe(planted);
    expect((await web.request('GET', '/api/v1/session', { cookie: planted })).status).toBe(401);
    expect((await web.request('GET', '/api/v1/session', { cookie: `congvu=${'x'.repeat(43)}` })).status).toBe(401);
  });

  it('ends with the session: signed out, or unused for too long', async () => {
    const cookie = await web.signIn('hungnv@caoson.gov.vn');
    const out = await web.request('DELETE', '/api/v1/session', { cookie });
    expect([out.status, out.headers.get('clear-site-data')]).toEqual([204, '"cache", "cookies", "storage"']);
    expect(out.headers.get('set-cookie')).toMatch(/^congvu=; Max-Age=0/);
    expect((await web.request('GET', '/api/v1/session', { cookie })).status).toBe(401);
    const idle = await web.signIn('hungnv@caoson.gov.vn');
    web.clock.advance(12 * 3_600_000);
    expect((await web.request('GET', '/api/v1/session', { cookie: idle })).status).toBe(401);
  });
});

describe('a page of another site', () => {
  let web: Web;
  let cookie: string;
  beforeAll(async () => {
    web = await webParts();
    await web.person('Nguyễn Văn Hùng', 'H99.02');
    cookie = await web.signIn('hungnv@caoson.gov.vn');
  });
  afterAll(() => web.dispose());

  it.each([
    ['a JSON POST with its own origin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['an old browser that sends Origin only', { origin: 'https://evil.example', 'sec-fetch-site': '' }],
    ['a sibling host', { origin: 'http://blog.caoson.gov.vn', 'sec-fetch-site': 'same-site' }],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['headers that contradict each other', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
    ['neither header', { origin: '', 'sec-fetch-site': '' }],
  ])('cannot act with the cookie: %s', async (_, headers) => {
    const response = await web.request('POST', '/api/v1/app-passwords', { cookie, body: { label: 'x' }, headers });
    expect([response.status, (await problem(response)).code]).toEqual([403, 'request.cross_site']);
    expect(await web.credentials.appPasswords(1 as never)).toEqual([]);
  });
  it('cannot read with it either', async () => {
    expect(
      (
        await web.request('GET', '/api/v1/session', {
          cookie,
          headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
        })
      ).status,
    ).toBe(403);
  });
  it('cannot sign its visitor in', async () => {
    const body = { address: 'hungnv@caoson.gov.vn', password: PASSWORD };
    expect(
      (
        await web.request('POST', '/api/v1/session', {
          body,
          headers: { origin: 'https://evil.example', 'sec-fetch-site': '' },
        })
      ).status,
    ).toBe(403);
  });
  it('cannot smuggle JSON in a form', async () => {
    const response = await web.request('POST', '/api/v1/app-passwords', {
      cookie,
      raw: '{"label":"x"}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(response.status).toBe(400);
  });
  it('is told apart from our own', async () => {
    expect(
      (await web.request('POST', '/api/v1/app-passwords', { cookie, body: { label: 'Thunderbird' } })).status,
    ).toBe(201);
  });
});

describe('every answer', () => {
  it('carries the headers that hold the browser to our own pages', async () => {
    const web = await webParts();
    for (const path of ['/healthz', '/api/v1/session', '/khong/co', '/.well-known/openpgpkey/policy']) {
      const { headers } = await web.request('GET', path);
      const policy = headers.get('content-security-policy') ?? '';
      for (const part of [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
      ])
        expect(policy).toContain(part);
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('strict-transport-security')).toBeNull();
    }
    await web.dispose();
  });

  it('of a failure names a log entry and nothing else', async () => {
    const { log, lines } = recordingLog();
    const web = await webParts({
      log,
      signing: { ownKey: () => Promise.reject(new Error('mật: /etc/khoa')) } as never,
    });
    await web.person('Nguyễn Văn Hùng', 'H99.02');
    const response = await web.request('POST', '/api/v1/session', {
      body: { address: 'hungnv@caoson.gov.vn', password: PASSWORD },
    });
    const body = await problem(response);
    expect(body).toMatchObject({ status: 500, code: 'server.failed' });
    expect(JSON.stringify(body)).not.toContain('mật');
    expect(lines).toMatchObject([{ logId: body.detail?.replace('log id ', ''), path: '/api/v1/session' }]);
    await web.dispose();
  });

  it('refuses what is too large before reading it', async () => {
    const web = await webParts({ web: { maxJsonBytes: 1000, maxFileBytes: 5000 } });
    const large = await web.request('POST', '/api/v1/session', { body: { address: 'x', password: 'x'.repeat(2000) } });
    expect([large.status, (await problem(large)).code]).toEqual([413, 'request.too_large']);
    // A stranger gets the small limit for files too.
    expect((await web.request('POST', '/api/v1/directory/units/import', { raw: 'x'.repeat(2000) })).status).toBe(413);
    await web.dispose();
  });
});

describe('keys of other systems', () => {
  let web: Web;
  beforeAll(async () => {
    web = await webParts();
  });
  afterAll(() => web.dispose());
  const keyWith = async (...scopes: string[]) =>
    (await web.db.write((tx) => web.credentials.createApiKey(tx, { name: 'x', scopes }))).secret;

  it('do what their scopes say, without a cookie or an origin', async () => {
    const key = await keyWith('directory:read');
    const headers = { origin: '', 'sec-fetch-site': '' };
    expect((await web.request('GET', '/api/v1/directory/units', { key, headers })).status).toBe(200);
    const missing = await web.request('GET', '/api/v1/directory/units', { key: await keyWith('webhooks'), headers });
    expect([missing.status, (await problem(missing)).code]).toEqual([403, 'scope.missing']);
    expect((await web.request('POST', '/api/v1/directory/units', { key, headers, body: {} })).status).toBe(400);
    expect((await web.request('GET', '/api/v1/app-passwords', { key })).status).toBe(403);
    const unknown = await web.request('GET', '/api/v1/directory/units', { key: 'cv_unknown' });
    expect([unknown.status, unknown.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect((await web.request('GET', '/api/v1/directory/units')).status).toBe(401);
  });
});

describe('the own keys', () => {
  it('are enrolled, read and revoked; app passwords are made and deleted', async () => {
    const web = await webParts();
    await web.person('Nguyễn Văn Hùng', 'H99.02');
    const cookie = await web.signIn('hungnv@caoson.gov.vn');
    const ask = (method: string, path: string, body?: unknown) =>
      web.request(method, `/api/v1${path}`, { cookie, ...(body ? { body } : {}) });
    expect((await ask('GET', '/signing/key')).status).toBe(404);
    const put = await ask('PUT', '/signing/key', { publicKey: 'P', privateKey: 'K', revocation: 'R' });
    expect(await put.json()).toEqual({
      fingerprint: 'A'.repeat(40),
      createdAt: '1970-01-01T00:00:00.000Z',
      publicKey: 'P',
      privateKey: 'K',
    });
    expect(await (await ask('GET', '/session')).json()).toMatchObject({ signingKey: { fingerprint: 'A'.repeat(40) } });
    expect((await ask('POST', '/signing/key/revoke', { reason: 'compromised' })).status).toBe(204);
    const made = (await (await ask('POST', '/app-passwords', { label: 'Thunderbird' })).json()) as {
      id: number;
      password: string;
    };
    expect(await (await ask('GET', '/app-passwords')).json()).toEqual({
      appPasswords: [
        { id: made.id, label: 'Thunderbird', createdAt: new Date(web.clock.now()).toISOString(), lastUsedAt: null },
      ],
    });

    const authenticate = createAuthenticateRequest(web.credentials);
    const basic = (text: string) =>
      new Request(`${HOST}/jmap/api`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` },
      });
    expect(await authenticate(basic(`hungnv@caoson.gov.vn:${made.password}`))).toMatchObject({
      kind: 'official',
      via: 'app_password',
    });
    expect(await authenticate(basic('hungnv@caoson.gov.vn:sai'))).toBeUndefined();
    expect(await authenticate(basic('nothing'))).toBeUndefined();
    const byCookie = (headers: Record<string, string>) =>
      authenticate(
        new Request(`${HOST}/jmap/api`, { method: 'POST', headers: { cookie: `x=1; ${cookie}`, ...headers } }),
      );
    expect(await byCookie({ origin: HOST, 'sec-fetch-site': 'same-origin' })).toMatchObject({ via: 'session' });
    await expect(byCookie({ origin: 'https://evil.example' })).rejects.toMatchObject({ code: 'request.cross_site' });

    expect((await ask('DELETE', `/app-passwords/${made.id}`)).status).toBe(204);
    expect((await ask('DELETE', `/app-passwords/${made.id}`)).status).toBe(404);
    expect((await ask('DELETE', '/app-passwords/x')).status).toBe(400);
    await web.dispose();
  });
});

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
    expect((await ask('unit', 'POST', `/officials/${await id('xuanmt')}/disable`)).status).toBe(204);
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

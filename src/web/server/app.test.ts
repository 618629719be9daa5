import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Problem } from '../../base/api-types.ts';
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
    const token = /=([\w-]{43});/.exec(response.headers.get('set-cookie') ?? '')?.[1] ?? '';
    const status = async (cookie: string) =>
      (await behind.request('GET', '/api/v1/session', { cookie, headers: { 'x-forwarded-proto': 'https' } })).status;
    expect(await status(`__Host-congvu=${token}`)).toBe(200);
    // Any sibling host may plant this one.
    expect(await status(`congvu=${token}`)).toBe(401);
    expect(await status(`congvu=${'x'.repeat(43)}; __Host-congvu=${token}`)).toBe(200);
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
  it('are set and revoked only by who knows the password, a while after signing in', async () => {
    const web = await webParts();
    await web.person('Nguyễn Văn Hùng', 'H99.02');
    const cookie = await web.signIn('hungnv@caoson.gov.vn');
    const key = { publicKey: 'P', privateKey: 'K', revocation: 'R' };
    const code = async (method: string, path: string, body: unknown) => {
      const response = await web.request(method, `/api/v1${path}`, { cookie, body });
      return response.ok ? 'ok' : ((await response.json()) as { code: string }).code;
    };
    web.clock.advance(11 * 60_000);
    expect(await code('PUT', '/signing/key', key)).toBe('password.confirm');
    expect(await code('PUT', '/signing/key', { ...key, password: 'sai' })).toBe('password.wrong');
    expect(await code('PUT', '/signing/key', { ...key, password: PASSWORD })).toBe('ok');
    expect(await code('POST', '/signing/key/revoke', { reason: 'superseded' })).toBe('password.confirm');
    expect(await code('POST', '/signing/key/revoke', { reason: 'superseded', password: PASSWORD })).toBe('ok');
    await web.dispose();
  });
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

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PASSWORD, problem, webParts, type Web } from './testing/web.ts';

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

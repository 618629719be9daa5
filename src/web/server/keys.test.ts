import { describe, expect, it } from 'vitest';

import { createAuthenticateRequest } from './principal.ts';
import { HOST, PASSWORD, webParts } from './testing/web.ts';

describe('the own keys', () => {
  it('are set and revoked, and app passwords made, only by who knows the password, a while after signing in', async () => {
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
    expect(await code('POST', '/app-passwords', { label: 'Điện thoại' })).toBe('password.confirm');
    expect(await code('POST', '/app-passwords', { label: 'Điện thoại', password: 'sai' })).toBe('password.wrong');
    expect(await code('POST', '/app-passwords', { label: 'Điện thoại', password: PASSWORD })).toBe('ok');
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

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PASSWORD, problem, recordingLog, webParts, type Web } from './testing/web.ts';

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

describe('mail that was taken a moment ago', () => {
  it('is waited for by who asks for the letters of a document, not by a page that opens', async () => {
    let waited = 0;
    const web = await webParts({ settled: async () => void waited++ });
    await web.request('GET', '/api/v1/session');
    await web.request('GET', '/api/v1/directory/units');
    expect(waited).toBe(0);
    await web.request('GET', '/api/v1/documents/1/correspondence');
    await web.request('GET', '/api/v1/documents');
    expect(waited).toBe(2);
    await web.dispose();
  });
});

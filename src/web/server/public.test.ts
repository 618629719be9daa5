import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { Counter, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { listen, type Listening } from './listen.ts';
import { PASSWORD, webParts, type Web } from './testing/web.ts';

describe('keys for everybody', () => {
  let web: Web;
  beforeAll(async () => {
    web = await webParts();
  });
  afterAll(() => web.dispose());
  const HASH = 'iy9q119eutrkn8s1mk4r39qejnbu3n5q';

  it.each([
    `/.well-known/openpgpkey/hu/${HASH}?l=Joe.Doe`,
    `/.well-known/openpgpkey/caoson.gov.vn/hu/${HASH}?l=joe.doe`,
    `/.well-known/openpgpkey/CaoSon.gov.vn/hu/${HASH}`,
  ])('%s', async (path) => {
    const response = await web.request('GET', path);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0x98, 0x33]);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect((await web.request('HEAD', path)).status).toBe(200);
  });
  it.each([
    `/.well-known/openpgpkey/hu/${'y'.repeat(32)}`,
    '/.well-known/openpgpkey/hu/short',
    `/.well-known/openpgpkey/example.org/hu/${HASH}`,
    '/.well-known/openpgpkey/example.org/policy',
    '/.well-known/openpgpkey/hu/..%2f..%2fetc',
  ])('has nothing at %s', async (path) => {
    expect((await web.request('GET', path)).status).toBe(404);
  });
  it('has a policy, which is empty', async () => {
    for (const path of ['policy', 'caoson.gov.vn/policy']) {
      const response = await web.request('GET', `/.well-known/openpgpkey/${path}`);
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
  });
});

describe('mail programs', () => {
  let web: Web;
  beforeAll(async () => {
    web = await webParts({ hostname: 'thu.caoson.gov.vn', web: { submissionPort: 0 } });
  });
  afterAll(() => web.dispose());
  const wellFormed = (xml: string) =>
    execFileSync(process.execPath, ['-e', WELL_FORMED], { input: xml, encoding: 'utf8' });

  it('like Thunderbird learn where to read and send', async () => {
    for (const path of [
      '/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=x%22%3E@caoson.gov.vn',
      '/mail/config-v1.1.xml',
    ]) {
      const xml = await (await web.request('GET', path)).text();
      expect(xml).toContain(
        '<incomingServer type="imap"><hostname>thu.caoson.gov.vn</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILADDRESS%</username>',
      );
      expect(xml).toContain('<outgoingServer type="smtp"><hostname>thu.caoson.gov.vn</hostname><port>465</port>');
      expect(xml).not.toContain('587');
      expect(wellFormed(xml)).toBe('ok');
    }
  });
  it('like Outlook too, for addresses of ours', async () => {
    const ask = async (address: string) =>
      (
        await web.request('POST', '/autodiscover/autodiscover.xml', {
          raw: `<Autodiscover><Request><EMailAddress>${address}</EMailAddress></Request></Autodiscover>`,
        })
      ).text();
    const xml = await ask('hungnv@caoson.gov.vn');
    expect(xml).toContain('<Type>IMAP</Type><Server>thu.caoson.gov.vn</Server><Port>993</Port>');
    expect(xml).toContain('<LoginName>hungnv@caoson.gov.vn</LoginName>');
    expect(wellFormed(xml)).toBe('ok');
    const odd = await ask('"&amp;x"@caoson.gov.vn');
    expect(wellFormed(odd)).toBe('ok');
    expect(await ask('x@example.org')).toContain('<ErrorCode>600</ErrorCode>');
    expect((await web.request('POST', '/autodiscover/autodiscover.xml', { raw: 'x'.repeat(20_000) })).status).toBe(413);
  });
});
/** Tags open and close in order, no stray "<" or "&". */
const WELL_FORMED = `
const xml = require('fs').readFileSync(0, 'utf8').replace(/^<\\?xml[^>]*\\?>/, '');
const open = [];
for (const [, close, name, rest] of xml.matchAll(/<(\\/?)([A-Za-z]+)((?:\\s[\\w:]+="[^"<]*")*\\/?)>/g)) {
  if (close) { if (open.pop() !== name) throw new Error('bad nesting at ' + name); }
  else if (!rest.endsWith('/')) open.push(name);
}
const text = xml.replace(/<\\/?[A-Za-z]+(?:\\s[\\w:]+="[^"<]*")*\\/?>/g, '');
if (open.length || /[<>]|&(?!#?\\w+;)/.test(text)) throw new Error('not well-formed');
process.stdout.write('ok');`;

describe('operation', () => {
  it('says whether it lives, is ready, and what it measures, to those who may know', async () => {
    const registry = new Registry();
    new Counter({ name: 'x_total', help: 'x', registers: [registry] }).inc();
    let ready = true;
    const web = await webParts({
      registry,
      checks: async () => [{ name: 'database', ok: ready, detail: 'x' }],
      web: { trustedProxies: ['127.0.0.1'] },
    });
    expect(await (await web.request('GET', '/healthz')).text()).toBe('ok');
    expect((await web.request('GET', '/readyz')).status).toBe(200);
    ready = false;
    const response = await web.request('GET', '/readyz');
    expect([response.status, await response.json()]).toEqual([
      503,
      { ready: false, checks: [{ name: 'database', ok: false, detail: 'x' }] },
    ]);
    const metrics = await (await web.request('GET', '/metrics')).text();
    expect(metrics).toContain('x_total 1');
    expect(metrics).toContain('congvu_http_requests_total{method="GET",status="5xx"} 1');
    expect(
      (await web.request('GET', '/metrics', { headers: { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' } })).status,
    ).toBe(403);
    await web.dispose();
  });
});

describe('the description of the API', () => {
  it('is OpenAPI 3.1 with every route, made from the schemas', async () => {
    const web = await webParts();
    const response = await web.request('GET', '/api/v1/openapi.json');
    expect(response.status).toBe(200);
    const spec = (await response.json()) as {
      openapi: string;
      paths: Record<
        string,
        Record<string, { requestBody?: { content: Record<string, { schema: object }> }; responses: object }>
      >;
    };
    expect(spec.openapi).toBe('3.1.0');
    expect(Object.keys(spec.paths)).toEqual(
      expect.arrayContaining([
        '/session',
        '/session/password',
        '/directory/entries',
        '/directory/units',
        '/directory/officials/import',
        '/signing/key',
        '/app-passwords/{id}',
        '/api-keys',
      ]),
    );
    expect(spec.paths['/session']?.['post']?.requestBody?.content['application/json']?.schema).toMatchObject({
      type: 'object',
      required: ['address', 'password'],
    });
    expect(JSON.stringify(spec.paths['/session']?.['get']?.responses)).toContain('mustChangePassword');
    await web.dispose();
  });
});

describe('the built client', () => {
  const folder = mkdtempSync(join(tmpdir(), 'congvu-client-'));
  const script = `console.log(${JSON.stringify('dài '.repeat(500))})`;
  let web: Web;
  beforeAll(async () => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Công Vụ</title>');
    writeFileSync(join(folder, 'assets/main-Ab12Cd34.js'), script);
    writeFileSync(join(folder, 'assets/main-Ab12Cd34.js.br'), brotliCompressSync(script));
    writeFileSync(join(folder, 'assets/main-Ab12Cd34.js.gz'), gzipSync(script));
    writeFileSync(join(folder, 'assets/signing.worker-Ab12Cd34.js'), 'x');
    writeFileSync(join(folder, '.env'), 'secret');
    web = await webParts({ clientDir: folder });
  });
  afterAll(async () => {
    await web.dispose();
    rmSync(folder, { recursive: true });
  });

  it('is kept by the browser for good where the name holds the hash, and asked for again where not', async () => {
    const asset = await web.request('GET', '/assets/main-Ab12Cd34.js', {
      headers: { 'accept-encoding': 'gzip, deflate, br' },
    });
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect([
      asset.headers.get('content-encoding'),
      asset.headers.get('vary'),
      asset.headers.get('content-type'),
    ]).toEqual(['br', 'Accept-Encoding', 'text/javascript; charset=utf-8']);
    expect(
      (
        await web.request('GET', '/assets/main-Ab12Cd34.js', { headers: { 'accept-encoding': 'gzip, br;q=0' } })
      ).headers.get('content-encoding'),
    ).toBe('gzip');
    expect(await (await web.request('GET', '/assets/main-Ab12Cd34.js')).text()).toBe(script);
    const page = await web.request('GET', '/');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const again = await web.request('GET', '/', { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });
  it('answers every page of the application with its one document', async () => {
    for (const path of ['/thu/hop-thu-den', '/van-ban/12']) {
      const response = await web.request('GET', path, { headers: { accept: 'text/html,*/*' } });
      expect([response.status, await response.text()]).toEqual([200, readFileSync(join(folder, 'index.html'), 'utf8')]);
    }
  });
  it.each([
    '/.env',
    '/assets/../.env',
    '/assets/%2e%2e/.env',
    '/assets/gone-Ab12Cd34.js',
    '/api/v1/nothing',
    '/jmap/nothing',
    '/.well-known/nothing',
  ])('has nothing at %s', async (path) => {
    const response = await web.request('GET', path, { headers: { accept: 'text/html' } });
    expect([404, 401]).toContain(response.status === 200 ? `${path} was served` : response.status);
  });
  it('finds no file outside of its folder', async () => {
    const text = await (await web.request('GET', '/../../etc/passwd', { headers: { accept: 'text/html' } })).text();
    expect(text).toBe(readFileSync(join(folder, 'index.html'), 'utf8'));
  });
  it('gives the worker with the signing key no network', async () => {
    expect(
      (await web.request('GET', '/assets/signing.worker-Ab12Cd34.js')).headers.get('content-security-policy'),
    ).toBe("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'");
  });
});

describe('over a real socket', () => {
  let web: Web;
  let server: Listening;
  beforeAll(async () => {
    web = await webParts({ credentials: { remoteFailures: 3 } });
    await web.person('Nguyễn Văn Hùng', 'H99.02');
    server = await listen(web.app, { host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await server.close();
    await web.dispose();
  });
  const post = (password: string, headers = {}) =>
    fetch(`http://127.0.0.1:${server.port}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ address: 'hungnv@caoson.gov.vn', password }),
    });

  it('takes a request without a body, and one whose length is told only by its chunks, up to the limit', async () => {
    const signedIn = await post(PASSWORD, { origin: `http://127.0.0.1:${server.port}` });
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
    const ask = (method: string, path: string, parts: string[], extra: Record<string, string> = {}) =>
      new Promise<number>((resolve, reject) => {
        const headers = { cookie, origin: `http://127.0.0.1:${server.port}`, ...extra };
        const request = httpRequest(
          { host: '127.0.0.1', port: server.port, method, path: `/api/v1${path}`, headers },
          (response) => (response.resume(), resolve(response.statusCode ?? 0)),
        );
        request.once('error', reject);
        for (const part of parts) request.write(part);
        request.end();
      });
    const json = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    expect(await ask('POST', '/app-passwords', ['{"label":', '"theo khúc"}'], json)).toBe(201);
    const tooMuch = Array.from({ length: 17 }, () => ' '.repeat(65_536));
    expect(await ask('POST', '/app-passwords', ['{"label":"x"', ...tooMuch, '}'], json)).toBe(413);
    const own = await fetch(`http://127.0.0.1:${server.port}/api/v1/app-passwords`, { headers: { cookie } });
    const { appPasswords } = (await own.json()) as { appPasswords: { id: number }[] };
    expect(appPasswords.length).toBeGreaterThan(0);
    for (const { id } of appPasswords) expect(await ask('DELETE', `/app-passwords/${id}`, [])).toBe(204);
    expect(await ask('DELETE', '/session', [])).toBe(204);
  });

  it('signs in, acts from its own origin only, and knows the remote', async () => {
    const response = await post(PASSWORD, { origin: `http://127.0.0.1:${server.port}` });
    expect(response.status).toBe(200);
    const cookie = response.headers.get('set-cookie')!.split(';')[0]!;
    const act = (origin: string) =>
      fetch(`http://127.0.0.1:${server.port}/api/v1/app-passwords`, {
        method: 'POST',
        headers: { cookie, origin, 'content-type': 'application/json' },
        body: '{"label":"x"}',
      });
    expect((await act(`http://127.0.0.1:${server.port}`)).status).toBe(201);
    expect((await act(`http://127.0.0.1:${server.port + 1}`)).status).toBe(403);
    const [row] = await web.db.read.select().from(web.db.t.sessions);
    expect(row?.ip).toBe('127.0.0.1');
    for (let i = 0; i < 3; i++) expect((await post('sai')).status).toBe(401);
    expect((await post('sai', { 'x-forwarded-for': '198.51.100.1' })).status).toBe(429);
  });

  it('answers a peer that speaks no HTTP with 400 and closes', async () => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write('EHLO thu.caoson.gov.vn\r\n\r\n'));
    const heard: Buffer[] = [];
    for await (const chunk of socket) heard.push(chunk as Buffer);
    expect(Buffer.concat(heard).toString()).toMatch(/^HTTP\/1\.1 400 /);
  });
});

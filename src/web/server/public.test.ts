import { execFileSync } from 'node:child_process';

import { Counter, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { webParts, type Web } from './testing/web.ts';

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

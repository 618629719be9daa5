import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { webParts, type Web } from './testing/web.ts';

const PUBLIC = 'https://thu.caoson.gov.vn';
const PROXY = '10.1.1.1';
const folder = mkdtempSync(join(tmpdir(), 'congvu-to-tls-'));
let web: Web;

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Công Vụ</title>');
  writeFileSync(join(folder, 'emblem.svg'), '<svg/>');
  web = await webParts({ clientDir: folder, publicUrl: PUBLIC, web: { trustedProxies: [PROXY] } });
});
afterAll(async () => {
  await web.dispose();
  rmSync(folder, { recursive: true });
});

interface Asking {
  from?: string;
  encrypted?: boolean;
  headers?: Record<string, string>;
}
/** Where the answer sends the browser; else its status. */
async function answer(path: string, { from = '192.0.2.7', encrypted = false, headers = {} }: Asking = {}) {
  const request = new Request(`http://thu.caoson.gov.vn${path}`, { headers: { accept: 'text/html,*/*', ...headers } });
  const incoming = { socket: { remoteAddress: from, encrypted } };
  const response = await web.app.fetch(request, { incoming });
  return response.headers.get('location') ?? response.status;
}

describe('a page that is asked for in clear text', () => {
  it('is asked for again over TLS, with all of its address', async () => {
    expect(await answer('/')).toBe(`${PUBLIC}/`);
    expect(await answer('/mail/a1/m2?q=th%C6%B0&f=unread')).toBe(`${PUBLIC}/mail/a1/m2?q=th%C6%B0&f=unread`);
    expect(await answer('/', { headers: { accept: '*/*' } })).toBe(`${PUBLIC}/`);
  });
  it('goes nowhere else: the name that was asked for counts for nothing', async () => {
    expect(await answer('//example.org/x')).toBe(`${PUBLIC}//example.org/x`);
    expect(await answer('/', { headers: { host: 'example.org' } })).toBe(`${PUBLIC}/`);
  });
  it('is served to who came over TLS, also through a proxy, and on the machine itself', async () => {
    expect(await answer('/', { encrypted: true })).toBe(200);
    expect(await answer('/', { from: PROXY, headers: { 'x-forwarded-proto': 'https' } })).toBe(200);
    expect(await answer('/', { from: '127.0.0.1' })).toBe(200);
    expect(await answer('/', { from: '::ffff:127.0.0.1' })).toBe(200);
  });
  it('is sent on by a proxy that took it in clear text, and never round in circles by one that we do not know', async () => {
    expect(await answer('/', { from: PROXY, headers: { 'x-forwarded-proto': 'http' } })).toBe(`${PUBLIC}/`);
    for (const [name, value] of [
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-for', '192.0.2.9'],
      ['via', '1.1 proxy'],
    ] as const)
      expect(await answer('/', { headers: { [name]: value } })).toBe(200);
  });
  it('leaves alone what mail programs and monitors ask for', async () => {
    for (const path of ['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml', '/healthz'])
      expect(await answer(path)).toBe(200);
    expect(await answer('/emblem.svg')).toBe(200);
  });
  it('is served where the public address is not one of TLS', async () => {
    const plain = await webParts({ clientDir: folder, publicUrl: 'http://localhost:8000' });
    const incoming = { socket: { remoteAddress: '192.0.2.7' } };
    const request = new Request('http://localhost:8000/', { headers: { accept: 'text/html' } });
    expect((await plain.app.fetch(request, { incoming })).status).toBe(200);
    await plain.dispose();
  });
});

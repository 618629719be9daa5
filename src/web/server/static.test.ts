import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { webParts, type Web } from './testing/web.ts';

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

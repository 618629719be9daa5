import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { rasterType } from './remote-image.ts';
import { HOST, webParts, type RequestOptions, type Web } from './testing/web.ts';

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
let web: Web;
/** The same, as it runs: nothing inside our own network. */
let strict: Web;
let other: Server;
let asked: { host: string; url: string; headers: IncomingMessage['headers'] }[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let cookie: string;
let resolved: string[];
let leadsTo: string;

beforeAll(async () => {
  other = createServer((request, response) => {
    asked.push({ host: request.headers.host ?? '', url: request.url ?? '', headers: request.headers });
    answer(request, response);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const resolve = (host: string) => {
    resolved.push(host);
    return host === 'gone.example'
      ? Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
      : Promise.resolve([{ address: leadsTo, family: leadsTo.includes(':') ? 6 : 4 }]);
  };
  const limits = { remoteImageMaxBytes: 1000, remoteImageTimeout: 300 };
  web = await webParts({
    outside: { resolve, port, allowPrivate: true },
    web: { ...limits, remoteImagesPerMinute: 60 },
  });
  strict = await webParts({ outside: { resolve, port }, web: { ...limits, remoteImagesPerMinute: 60 } });
  for (const one of [web, strict]) cookie = await one.signIn((await one.person('Nguyễn Văn Hùng', 'H99')).address);
  cookie = await web.signIn('hungnv@caoson.gov.vn');
});
afterAll(async () => {
  other.closeAllConnections();
  other.close();
  await Promise.all([web.dispose(), strict.dispose()]);
});
beforeEach(() => {
  [asked, resolved, leadsTo] = [[], [], '127.0.0.1'];
  answer = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(png);
});

const sameOrigin = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
const path = (url: string) => `/api/v1/remote-image?url=${encodeURIComponent(url)}`;
const get = (url: string, options: RequestOptions = {}, of = web) =>
  of.request('GET', path(url), { cookie, ...options, headers: { ...sameOrigin, ...options.headers } });
const code = async (response: Response) => `${response.status} ${((await response.json()) as { code: string }).code}`;

describe('a picture from elsewhere', () => {
  it('comes as the image that it is, kept by this browser alone, and the other server learns nothing of the reader', async () => {
    const response = await get('http://tin.example/a/b.png?c=d', {
      headers: { 'user-agent': 'Firefox', referer: HOST },
    });
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(png);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': 'attachment',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=86400',
    });
    expect(asked[0]?.url).toBe('/a/b.png?c=d');
    expect(Object.keys(asked[0]!.headers).sort()).toEqual(['accept', 'connection', 'host']);
  });

  it('is fetched for officials on our own pages only', async () => {
    expect(await code(await get('http://tin.example/', { cookie: '' }))).toBe('401 sign_in.required');
    expect(await code(await get('http://tin.example/', { headers: { 'sec-fetch-site': 'cross-site' } }))).toBe(
      '403 request.cross_site',
    );
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect(await code(await get('http://tin.example/', { headers: link }))).toBe('403 remote_image.off');
    const { secret } = await web.db.write((tx) =>
      web.credentials.createApiKey(tx, { name: 'eOffice', scopes: ['directory:read'] }),
    );
    const byKey = await get('http://tin.example/', { cookie: '', key: secret });
    expect(byKey.status).toBe(403);
    expect(asked).toEqual([]);
  });

  it.each([
    'ftp://tin.example/a.png',
    'file:///etc/passwd',
    'data:image/png;base64,AAAA',
    'http://tin.example:8025/',
    'https://tin.example:22/',
    'http://user:pass@tin.example/',
    '//tin.example/a.png',
    'tin.example/a.png',
    'http://',
    '',
  ])('is not asked of %s', async (url) => {
    expect(await code(await get(url))).toBe('400 remote_image.refused');
    expect([asked, resolved]).toEqual([[], []]);
  });

  it.each(['127.0.0.1', '10.0.0.5', '169.254.169.254', '192.168.1.1', '::1', 'fd00::1', '::ffff:127.0.0.1'])(
    'is not fetched from %s inside, by name or number',
    async (address) => {
      leadsTo = address;
      const host = address.includes(':') ? `[${address}]` : address;
      const own = await strict.signIn('hungnv@caoson.gov.vn');
      for (const url of [`http://tin.example/`, `http://${host}/`])
        expect(await code(await get(url, { cookie: own }, strict))).toBe('400 remote_image.refused');
      expect(asked).toEqual([]);
    },
  );

  it('is looked up once: the connection goes to the address that was looked at', async () => {
    await get('http://tin.example/');
    expect(resolved).toEqual(['tin.example']);
    expect(asked.map(({ host }) => host.split(':')[0])).toEqual(['tin.example']);
  });

  it('may be redirected a little, and every hop is looked at anew', async () => {
    answer = (request, response) =>
      request.url === '/1' ? response.writeHead(302, { location: 'http://cdn.example/2' }).end() : response.end(png);
    expect((await get('http://tin.example/1')).status).toBe(200);
    expect(resolved).toEqual(['tin.example', 'cdn.example']);
    answer = (_, response) => response.writeHead(302, { location: 'http://tin.example:25/' }).end();
    expect(await code(await get('http://tin.example/1'))).toBe('400 remote_image.refused');
    answer = (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    expect(await code(await get('http://tin.example/1'))).toBe('400 remote_image.refused');
    asked = [];
    answer = (_, response) => response.writeHead(302, { location: '/round' }).end();
    expect(await code(await get('http://tin.example/1'))).toBe('503 remote_image.failed');
    expect(asked.length).toBe(4);
  });

  it('is no page, no SVG and nothing else, whatever the other server calls it', async () => {
    const bodies = ['<svg xmlns="http://www.w3.org/2000/svg"/>', '<html>', '{"secret":1}', '', '%PDF-1.7', 'BM'];
    for (const body of bodies) {
      answer = (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(body);
      expect(await code(await get('http://tin.example/'))).toBe('404 remote_image.none');
    }
    answer = (_, response) => response.writeHead(404).end(png);
    expect(await code(await get('http://tin.example/'))).toBe('404 remote_image.none');
    expect(await code(await get('http://gone.example/'))).toBe('404 remote_image.none');
    answer = (_, response) => response.writeHead(500).end(png);
    expect(await code(await get('http://tin.example/'))).toBe('503 remote_image.failed');
  });

  it('is small and comes soon', async () => {
    answer = (_, response) => response.end(Buffer.concat([png, Buffer.alloc(2000)]));
    expect(await code(await get('http://tin.example/'))).toBe('413 remote_image.too_large');
    answer = (_, response) => void response.write(png);
    expect(await code(await get('http://tin.example/'))).toBe('503 remote_image.failed');
  });

  it('is not fetched without end for one official, nor where the province says no', async () => {
    const busy = await webParts({ outside: web.deps.outside!, web: { remoteImagesPerMinute: 2 } });
    const off = await webParts({ outside: web.deps.outside!, web: { remoteImages: false } });
    for (const one of [busy, off]) await one.person('Nguyễn Văn Hùng', 'H99');
    const own = await busy.signIn('hungnv@caoson.gov.vn');
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await get('http://tin.example/', { cookie: own }, busy)).status);
    expect(statuses).toEqual([200, 200, 429]);
    const there = await off.signIn('hungnv@caoson.gov.vn');
    expect(await code(await get('http://tin.example/', { cookie: there }, off))).toBe('403 remote_image.off');
    await Promise.all([busy.dispose(), off.dispose()]);
  });
});

it.each<[string, string | undefined]>([
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ffe0', 'image/jpeg'],
  [Buffer.from('GIF89a').toString('hex'), 'image/gif'],
  [Buffer.from('RIFF\n\0\0\0WEBPVP8 ').toString('hex'), 'image/webp'],
  [Buffer.from('RIFF\n\0\0\0WAVE').toString('hex'), undefined],
  [Buffer.from('GIF89').toString('hex'), undefined],
  ['', undefined],
])('bytes %s are %s', (hex, type) => expect(rasterType(Buffer.from(hex, 'hex'))).toBe(type));

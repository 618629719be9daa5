/** The limits of [web] at their border. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { UnitId } from '../../base/ids.ts';
import { webParts, type RequestOptions, type Web } from './testing/web.ts';

const png = Buffer.from('89504e470d0a1a0a', 'hex');

describe('limits of the web server', () => {
  let web: Web;
  let other: Server;
  let cookie: string;
  const waiting: ServerResponse[] = [];
  let answer: (response: ServerResponse) => void;
  beforeAll(async () => {
    other = createServer((_, response) => answer(response));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    web = await webParts({
      outside: { resolve: async () => [{ address: '127.0.0.1', family: 4 }], port, allowPrivate: true },
      web: {
        ...{ maxJsonBytes: 1000, maxFileBytes: 3000, hstsSeconds: 77, trustedProxies: ['127.0.0.1'] },
        ...{
          metricsFrom: ['203.0.113.7'],
          remoteImageMaxBytes: 100,
          remoteImagesAtOnce: 2,
          remoteImageTimeout: 60_000,
        },
      },
    });
    await web.person('Nguyễn Văn Hùng', 'H99', { grants: [{ role: 'system_admin', unitId: 0 as UnitId }] });
    cookie = await web.signIn('hungnv@caoson.gov.vn');
  });
  afterAll(async () => {
    other.closeAllConnections();
    other.close();
    await web.dispose();
  });
  const picture = (more: RequestOptions = {}) =>
    web.request('GET', `/api/v1/remote-image?url=${encodeURIComponent('http://tin.example/a.png')}`, {
      cookie,
      ...more,
      headers: { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
    });

  it('maxJsonBytes: the last octet that is read and the first that is not', async () => {
    const status = async (octets: number): Promise<number> => {
      const body = '{"address":"x","password":"x"}'.padEnd(octets);
      const headers = { 'content-type': 'application/json', 'content-length': String(octets) };
      return (await web.request('POST', '/api/v1/session', { raw: body, headers })).status;
    };
    expect([await status(1000), await status(1001)]).toEqual([401, 413]);
  });

  it('maxFileBytes: of a file, of who is signed in', async () => {
    const status = async (octets: number, who?: string): Promise<number> => {
      const raw = 'code,name\n'.padEnd(octets, '\n');
      const headers = { 'content-type': 'text/csv', 'content-length': String(octets) };
      const sent = { raw, headers, ...(who === undefined ? {} : { cookie: who }) };
      return (await web.request('POST', '/api/v1/directory/units/import?dryRun=true', sent)).status;
    };
    expect([await status(3000, cookie), await status(3001, cookie)]).toEqual([200, 413]);
    expect([await status(1000), await status(1001)]).toEqual([401, 413]);
  });

  it('remoteImageMaxBytes: the last octet that is taken and the first that is not', async () => {
    const status = async (octets: number): Promise<number> => {
      answer = (response) => response.end(Buffer.concat([png], octets));
      return (await picture()).status;
    };
    expect([await status(100), await status(101)]).toEqual([200, 413]);
  });

  it('remoteImagesAtOnce: the next is told to come again in a second, and let in when one came', async () => {
    let came = (): void => undefined;
    const both = new Promise<void>((resolve) => (came = resolve));
    answer = (response) => {
      waiting.push(response);
      if (waiting.length === 2) came();
    };
    const running = [picture(), picture()];
    await both;
    const refused = await picture();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    for (const response of waiting) response.end(png);
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
    answer = (response) => response.end(png);
    expect((await picture()).status).toBe(200);
  });

  it('hstsSeconds: told to who came over TLS', async () => {
    const told = async (headers: Record<string, string>, of = web): Promise<string | null> =>
      (await of.request('GET', '/healthz', { headers })).headers.get('strict-transport-security');
    expect(await told({ 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' })).toBe('max-age=77');
    expect(await told({})).toBeNull();
    // RFC 6797 §6.1.1: takes back what was told before.
    const off = await webParts({ web: { hstsSeconds: 0, trustedProxies: ['127.0.0.1'] } });
    expect(await told({ 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' }, off)).toBe('max-age=0');
    await off.dispose();
  });

  it('metricsFrom and trustedProxies: by the address that a proxy of ours tells', async () => {
    const status = async (from: string, of = web): Promise<number> =>
      (await of.request('GET', '/metrics', { headers: { 'x-forwarded-for': from } })).status;
    expect([await status('203.0.113.7'), await status('203.0.113.8')]).toEqual([200, 403]);
    // A stranger's word counts for nothing.
    const bare = await webParts({ web: { metricsFrom: ['203.0.113.7'] } });
    expect(await status('203.0.113.7', bare)).toBe(403);
    await bare.dispose();
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createFetchKey } from './wkd-fetch.ts';
import { wkdHash } from './wkd-name.ts';

let server: Server;
let ca: string;
let folder: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: string[];
const notFound = (host: string) => Promise.reject(Object.assign(new Error(`ENOTFOUND ${host}`), { code: 'ENOTFOUND' }));
const loopback = [{ address: '127.0.0.1', family: 4 }];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'congvu-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = 'subjectAltName=DNS:openpgpkey.bo.example,DNS:bo.example';
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
      '-subj',
      '/CN=bo.example',
      '-addext',
      names,
    ],
    { stdio: 'ignore' },
  );
  ca = readFileSync(cert, 'utf8');
  server = createServer({ key: readFileSync(key), cert: ca }, (request, response) => {
    asked.push(`${request.headers.host ?? ''}${request.url ?? ''}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  answer = (_, response) => response.end(Buffer.from([1, 2, 3]));
});
const port = () => (server.address() as AddressInfo).port;
const fetchKey = (more: Partial<Parameters<typeof createFetchKey>[0]> = {}) =>
  createFetchKey({
    wkdMaxBytes: 1000,
    wkdTimeout: 2000,
    ca,
    port: port(),
    allowPrivate: true,
    resolve: async () => loopback,
    ...more,
  });
const hash = wkdHash('thu');

describe('asking another domain for a key', () => {
  it('uses the advanced method where its name exists', async () => {
    expect([...(await fetchKey()('Thu@bo.example'))!]).toEqual([1, 2, 3]);
    expect(asked).toEqual([`openpgpkey.bo.example:${port()}/.well-known/openpgpkey/bo.example/hu/${hash}?l=Thu`]);
  });

  it('uses the direct method only where it does not', async () => {
    const resolve = (host: string) => (host.startsWith('openpgpkey.') ? notFound(host) : Promise.resolve(loopback));
    expect(await fetchKey({ resolve })('thu@bo.example')).toBeDefined();
    expect(asked).toEqual([`bo.example:${port()}/.well-known/openpgpkey/hu/${hash}?l=thu`]);
    expect(await fetchKey({ resolve: notFound })('thu@bo.example')).toBeUndefined();
  });

  it('takes 404 as "no key", and everything else that is not 200 as a failure to be tried again', async () => {
    answer = (_, response) => response.writeHead(404).end();
    expect(await fetchKey()('thu@bo.example')).toBeUndefined();
    answer = (_, response) => response.writeHead(503).end();
    await expect(fetchKey()('thu@bo.example')).rejects.toThrow('503');
  });

  it('follows no redirect', async () => {
    answer = (_, response) => response.writeHead(302, { location: 'https://127.0.0.1/secret' }).end();
    await expect(fetchKey()('thu@bo.example')).rejects.toThrow('302');
    expect(asked).toHaveLength(1);
  });

  it('wkdMaxBytes: reads no more than the limit', async () => {
    answer = (_, response) => response.end(Buffer.alloc(1000));
    expect(await fetchKey()('thu@bo.example')).toHaveLength(1000);
    answer = (_, response) => response.end(Buffer.alloc(1001));
    await expect(fetchKey()('thu@bo.example')).rejects.toThrow('too large');
  });

  it('wkdTimeout: waits no longer than the limit, even for a server that drips', async () => {
    answer = (_, response) => void response.write('x');
    await expect(fetchKey({ wkdTimeout: 150 })('thu@bo.example')).rejects.toThrow();
  });

  it('demands a certificate that is good for the name', async () => {
    await expect(
      createFetchKey({
        wkdMaxBytes: 1000,
        wkdTimeout: 2000,
        port: port(),
        allowPrivate: true,
        resolve: async () => loopback,
      })('thu@bo.example'),
    ).rejects.toThrow(/certificate/);
    await expect(fetchKey()('thu@khac.example')).rejects.toThrow(/altnames/);
  });

  it('goes to no address inside, whatever DNS says', async () => {
    await expect(fetchKey({ allowPrivate: false })('thu@bo.example')).rejects.toThrow('private');
    expect(asked).toEqual([]);
  });

  it.each([
    'thu@localhost',
    'thu@127.0.0.1',
    'thu@[::1]',
    'thu@a b.example',
    'thu@',
    'thu',
    'thu@x.example/../y',
    'thu@10.0.0.1.',
  ])('asks nobody about %s', async (address) => {
    expect(await fetchKey()(address)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { listen, type Listening } from './listen.ts';
import { PASSWORD, webParts, type Web } from './testing/web.ts';

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

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { capabilities } from './capabilities.ts';
import { openJmap, type Client, type JmapWorld } from './testing/server.ts';

describe('the JMAP API over HTTP', () => {
  let jmap: JmapWorld;
  let hung: Client;
  let waited: (readonly number[])[] = [];
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase, {
      settings: { maxCallsInRequest: 5, maxSizeRequest: 20_000, maxObjectsInGet: 10 },
      parts: { settled: async (accounts) => void waited.push(accounts) },
    });
    hung = jmap.as(jmap.world.people.hung);
  });
  afterAll(() => jmap.dispose());

  const echo = (n: number) =>
    JSON.stringify({
      using: [capabilities.core],
      methodCalls: Array.from({ length: n }, (_, i) => ['Core/echo', { n: i }, `c${i}`]),
    });
  const problem = async (response: Response) => ({
    status: response.status,
    type: response.headers.get('Content-Type'),
    body: (await response.json()) as Record<string, unknown>,
  });

  it('waits for mail that was taken for the accounts that it asks about, and for no other', async () => {
    const nhung = jmap.as(jmap.world.people.nhung);
    const [own, unit] = [nhung.person.accountId, jmap.world.people.unit.accountId];
    const about = async (...calls: Record<string, unknown>[]): Promise<unknown> => {
      waited = [];
      await nhung.request(calls.map((args, i) => ['Mailbox/get', args, `c${i}`]));
      return waited;
    };
    expect(await about({ accountId: nhung.accountId })).toEqual([[own]]);
    expect(await about({ accountId: `a${unit}` })).toEqual([[unit]]);
    expect(await about({ accountId: nhung.accountId }, { accountId: `a${unit}` })).toEqual([[own, unit]]);
    expect(await about({ '#accountId': { resultOf: 'c', name: 'x', path: '/x' } })).toEqual([[own, unit]]);
    // Another's: no word of whether mail came there.
    expect(await about({ accountId: hung.accountId })).toEqual([[]]);
  });

  it('nobody is let in without a name', async () => {
    for (const path of [
      '/.well-known/jmap',
      '/jmap/session',
      '/jmap/eventsource',
      `/jmap/download/${hung.accountId}/b0/x`,
    ]) {
      const response = await fetch(jmap.origin + path);
      expect(response.status).toBe(401);
      expect(response.headers.get('WWW-Authenticate')).toContain('Basic');
    }
    expect((await fetch(`${jmap.origin}/jmap/api`, { method: 'POST', body: '{}' })).status).toBe(401);
    const fromPage = await fetch(`${jmap.origin}/jmap/session`, { headers: { 'Sec-Fetch-Site': 'same-origin' } });
    expect(fromPage.headers.get('WWW-Authenticate')).toBeNull();
  });

  it('the session says accounts, limits and where to go', async () => {
    const nhung = jmap.as(jmap.world.people.nhung);
    const response = await fetch(`${jmap.origin}/.well-known/jmap`, { headers: nhung.headers });
    expect(response.headers.get('Cache-Control')).toBe('no-cache, no-store, must-revalidate');
    const session = (await response.json()) as Record<string, Record<string, Record<string, unknown>>>;
    expect(session['capabilities']?.[capabilities.core]).toMatchObject({
      maxCallsInRequest: 5,
      maxSizeRequest: 20_000,
      maxObjectsInGet: 10,
    });
    const unit = `a${jmap.world.people.unit.accountId}`;
    expect(Object.keys(session['accounts']!)).toEqual([nhung.accountId, unit]);
    expect(session['accounts']?.[nhung.accountId]).toMatchObject({
      isPersonal: true,
      isReadOnly: false,
      name: nhung.person.address,
    });
    expect(session['accounts']?.[unit]).toMatchObject({ isPersonal: false });
    expect(session['accounts']?.[unit]?.['accountCapabilities']).toHaveProperty([capabilities.submission]);
    expect(session['primaryAccounts']?.[capabilities.mail]).toBe(nhung.accountId);
    expect(session['username']).toBe(nhung.person.address);
    expect(session['apiUrl']).toBe(`${jmap.origin}/jmap/api`);
  });

  it('Core/echo gives back what it got (RFC 8620 §4)', async () => {
    expect(await hung.request([['Core/echo', { hello: true, high: 5 }, 'b3ff']])).toEqual([
      ['Core/echo', { hello: true, high: 5 }, 'b3ff'],
    ]);
  });

  it.each([
    ['not JSON', '{"using":', 'notJSON'],
    ['a name twice', '{"using":[],"using":[],"methodCalls":[]}', 'notJSON'],
    ['no Request', '{"using":[]}', 'notRequest'],
    ['a call with two items', '{"using":[],"methodCalls":[["Core/echo",{}]]}', 'notRequest'],
    ['arguments that are a list', '{"using":[],"methodCalls":[["Core/echo",[],"a"]]}', 'notRequest'],
    ['an unknown capability', '{"using":["https://example.com/x"],"methodCalls":[]}', 'unknownCapability'],
  ])('%s', async (_, body, type) => {
    const { status, type: contentType, body: said } = await problem(await hung.post(body));
    expect([status, contentType, said['type'], said['status']]).toEqual([
      400,
      'application/problem+json',
      `urn:ietf:params:jmap:error:${type}`,
      400,
    ]);
  });

  it('another content type is notJSON, another method 405', async () => {
    expect((await problem(await hung.post(echo(1), 'text/plain'))).body['type']).toBe(
      'urn:ietf:params:jmap:error:notJSON',
    );
    expect((await fetch(`${jmap.origin}/jmap/api`, { headers: hung.headers })).status).toBe(405);
  });

  it.each([
    ['maxCallsInRequest', () => echo(6)],
    ['maxSizeRequest', () => echo(1).padEnd(30_000)],
  ])('%s is held', async (limit, body) => {
    expect((await problem(await hung.post(body()))).body).toMatchObject({
      type: 'urn:ietf:params:jmap:error:limit',
      limit,
    });
  });

  it('a body without length is read no further than allowed', async () => {
    const endless = new ReadableStream<Uint8Array>({ pull: (c) => c.enqueue(new Uint8Array(8192).fill(0x20)) });
    const response = await fetch(`${jmap.origin}/jmap/api`, {
      method: 'POST',
      headers: { ...hung.headers, 'Content-Type': 'application/json' },
      body: endless,
      duplex: 'half',
    } as RequestInit);
    expect((await problem(response)).body).toMatchObject({ limit: 'maxSizeRequest' });
  });

  it('a method of a capability that is not used does not exist; nor does an unknown one', async () => {
    const call = async (name: string, using: string[]) =>
      (await hung.request([[name, { accountId: hung.accountId }, 'c']], using))[0];
    expect(await call('Mailbox/get', [capabilities.core])).toEqual(['error', { type: 'unknownMethod' }, 'c']);
    expect(await call('VacationResponse/get', [capabilities.core, capabilities.mail])).toEqual([
      'error',
      { type: 'unknownMethod' },
      'c',
    ]);
    expect(await call('PushSubscription/get', [capabilities.core])).toEqual(['error', { type: 'unknownMethod' }, 'c']);
    expect(await call('constructor', [capabilities.core])).toEqual(['error', { type: 'unknownMethod' }, 'c']);
    expect((await call('Mailbox/get', [capabilities.mail]))?.[0]).toBe('Mailbox/get');
  });

  it('a failing call leaves the others alone, and createdIds come back when asked', async () => {
    const old = await hung.mailbox('inbox');
    const body = {
      using: [capabilities.core, capabilities.mail],
      createdIds: { old },
      methodCalls: [
        ['Nothing/get', {}, '1'],
        ['Mailbox/set', { accountId: hung.accountId, create: { k: { name: 'Mới' } } }, '2'],
        ['Mailbox/get', { accountId: hung.accountId, ids: ['#k', '#old'], properties: ['name'] }, '3'],
      ],
    };
    const answer = (await (await hung.post(JSON.stringify(body))).json()) as {
      methodResponses: [string, { list?: { id: string; name: string }[] }, string][];
      createdIds: Record<string, string>;
    };
    expect(answer.methodResponses.map((r) => r[0])).toEqual(['error', 'Mailbox/set', 'Mailbox/get']);
    expect(answer.methodResponses[2]?.[1].list?.map((m) => m.id)).toEqual([answer.createdIds['k'], old]);
  });

  it('more requests at once than allowed are told so', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const slow = await openJmap(sqliteDatabase, { settings: { maxConcurrentRequests: 2 } });
    const client = slow.as(slow.world.people.hung);
    const body = () =>
      new ReadableStream<Uint8Array>({
        start: (c) => c.enqueue(Buffer.from(' ')),
        async pull(c) {
          await held;
          c.enqueue(Buffer.from(echo(1)));
          c.close();
        },
      });
    const send = () =>
      fetch(`${slow.origin}/jmap/api`, {
        method: 'POST',
        headers: { ...client.headers, 'Content-Type': 'application/json' },
        body: body(),
        duplex: 'half',
      } as RequestInit);
    const first = [send(), send()];
    const third = await (async () => {
      for (;;) {
        const response = await client.post(echo(1));
        if (response.status !== 200) return response;
      }
    })();
    expect(await third.json()).toMatchObject({
      type: 'urn:ietf:params:jmap:error:limit',
      limit: 'maxConcurrentRequests',
    });
    release();
    expect((await Promise.all(first)).map((r) => r.status)).toEqual([200, 200]);
    expect((await client.post(echo(1))).status).toBe(200);
    await slow.dispose();
  });
});

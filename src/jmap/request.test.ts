import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { capabilities } from './capabilities.ts';
import { mail, openJmap, type Client, type JmapWorld } from './testing/server.ts';

const manyConditions = Array.from({ length: 200 }, () => ({ text: 'a' }));

describe('the JMAP API over HTTP', () => {
  let jmap: JmapWorld;
  let hung: Client;
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase, {
      settings: { maxCallsInRequest: 5, maxSizeRequest: 20_000, maxObjectsInGet: 10, maxObjectsInSet: 3 },
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

  it.each([
    ['Mailbox/get', { ids: 'm1' }],
    ['Mailbox/get', { ids: ['no id!'] }],
    ['Mailbox/get', { properties: ['nothing'] }],
    ['Mailbox/get', { other: 1 }],
    ['Email/get', { ids: [], properties: ['header:Subject:asDate'] }],
    ['Email/get', { ids: [], properties: ['header:'] }],
    ['Email/get', { ids: [], bodyProperties: ['nothing'] }],
    ['Email/query', { filter: [] }],
    ['Email/query', { filter: { operator: 'XOR', conditions: [] } }],
    ['Email/query', { filter: { before: 'yesterday' } }],
    ['Email/query', { filter: { inMailbox: 5 } }],
    ['Email/query', { position: 1.5 }],
    ['Email/changes', { sinceState: 1 }],
    ['Email/changes', { sinceState: '0', maxChanges: 0 }],
    ['Email/set', { create: [] }],
    ['Email/import', {}],
  ])('%s %j has invalid arguments', async (name, args) => {
    expect(await hung.error(name, args)).toBe('invalidArguments');
  });

  it.each([
    ['Email/query', { filter: { nothing: 1 } }, 'unsupportedFilter'],
    ['Email/query', { filter: { operator: 'AND', conditions: manyConditions } }, 'unsupportedFilter'],
    ['Email/query', { sort: [{ property: 'nothing' }] }, 'unsupportedSort'],
    ['Email/query', { sort: [{ property: 'subject', collation: 'i;octet' }] }, 'unsupportedSort'],
    ['Email/query', { anchor: 'e999' }, 'anchorNotFound'],
    ['Email/changes', { sinceState: 'abc' }, 'cannotCalculateChanges'],
    ['Email/changes', { sinceState: '999999' }, 'cannotCalculateChanges'],
    ['Email/queryChanges', { sinceQueryState: '-1' }, 'cannotCalculateChanges'],
    ['Email/get', { ids: Array.from({ length: 11 }, (_, i) => `e${i}`) }, 'requestTooLarge'],
    ['Email/set', { destroy: ['e1', 'e2', 'e3', 'e4'] }, 'requestTooLarge'],
    ['Email/set', { ifInState: 'x' }, 'stateMismatch'],
    ['Mailbox/set', { ifInState: 'x' }, 'stateMismatch'],
    ['Identity/set', { ifInState: 'x' }, 'stateMismatch'],
    ['EmailSubmission/set', { ifInState: 'x' }, 'stateMismatch'],
    ['Email/import', { ifInState: 'x', emails: {} }, 'stateMismatch'],
  ])('%s %j is %s', async (name, args, type) => {
    expect(await hung.error(name, args)).toBe(type);
  });

  const everyMethod: [string, Record<string, unknown>][] = [
    ...['Mailbox', 'Thread', 'Email', 'Identity', 'EmailSubmission'].flatMap(
      (type): [string, Record<string, unknown>][] => [
        [`${type}/get`, { ids: [] }],
        [`${type}/changes`, { sinceState: '0' }],
      ],
    ),
    ...['Mailbox', 'Email', 'EmailSubmission'].flatMap((type): [string, Record<string, unknown>][] => [
      [`${type}/query`, {}],
      [`${type}/queryChanges`, { sinceQueryState: '0' }],
      [`${type}/set`, {}],
    ]),
    ['Identity/set', {}],
    ['Email/import', { emails: {} }],
    ['Email/parse', { blobIds: [] }],
    ['Email/copy', { fromAccountId: 'OWN', create: {} }],
    ['SearchSnippet/get', { emailIds: [] }],
    ['Blob/copy', { fromAccountId: 'OWN', blobIds: [] }],
  ];
  it.each(everyMethod)("%s on another's account is accountNotFound", async (name, args) => {
    const own = Object.fromEntries(
      Object.entries(args).map(([k, value]) => [k, value === 'OWN' ? hung.accountId : value]),
    );
    const { lan, unit } = jmap.world.people;
    for (const accountId of [`a${lan.accountId}`, `a${unit.accountId}`, 'a99999', 'x']) {
      expect(await hung.error(name, { ...own, accountId })).toBe('accountNotFound');
    }
  });
  it("copying from another's account is fromAccountNotFound, uploading and downloading there 404", async () => {
    const lan = jmap.as(jmap.world.people.lan);
    expect(await hung.error('Email/copy', { fromAccountId: lan.accountId, create: {} })).toBe('fromAccountNotFound');
    expect(await hung.error('Blob/copy', { fromAccountId: lan.accountId, blobIds: [] })).toBe('fromAccountNotFound');
    const blobId = await lan.upload('bí mật', 'text/plain');
    expect(
      (await fetch(`${jmap.origin}/jmap/download/${lan.accountId}/${blobId}/x`, { headers: lan.headers })).status,
    ).toBe(200);
    expect(
      (await fetch(`${jmap.origin}/jmap/download/${lan.accountId}/${blobId}/x`, { headers: hung.headers })).status,
    ).toBe(404);
    expect(
      (await fetch(`${jmap.origin}/jmap/download/${hung.accountId}/${blobId}/x`, { headers: hung.headers })).status,
    ).toBe(404);
    expect(
      (await fetch(`${jmap.origin}/jmap/upload/${lan.accountId}`, { method: 'POST', headers: hung.headers, body: 'x' }))
        .status,
    ).toBe(404);
  });

  it('a client that knows less than the log remembers begins anew', async () => {
    const lan = jmap.as(jmap.world.people.lan);
    const state = async () => String((await lan.call('Email/get', { ids: [] }))['state']);
    const early = await state();
    const id = await lan.append(mail({ From: 'a@b.vn' }));
    for (let i = 0; i < 12; i++)
      await lan.call('Email/set', { update: { [id]: { 'keywords/$seen': i % 2 === 0 ? true : null } } });
    await jmap.world.mailstore.pruneLongLogs(10);
    for (const [name, args] of [
      ['Email/changes', { sinceState: early }],
      ['Mailbox/changes', { sinceState: early }],
      ['Thread/changes', { sinceState: early }],
      ['Email/queryChanges', { sinceQueryState: early }],
    ] as const)
      expect(await lan.error(name, args)).toBe('cannotCalculateChanges');
    const now = await state();
    await lan.call('Email/set', { destroy: [id] });
    expect(await lan.call('Email/changes', { sinceState: now })).toMatchObject({ destroyed: [id] });
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

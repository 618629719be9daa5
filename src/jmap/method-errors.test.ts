import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { mail, openJmap, type Client, type JmapWorld } from './testing/server.ts';

const manyConditions = Array.from({ length: 200 }, () => ({ text: 'a' }));

describe('what is wrong with a call', () => {
  let jmap: JmapWorld;
  let hung: Client;
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase, { settings: { maxObjectsInGet: 10, maxObjectsInSet: 3 } });
    hung = jmap.as(jmap.world.people.hung);
  });
  afterAll(() => jmap.dispose());

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
});

/** More limits of [jmap] at their border: lists, body values, recipients, what is pushed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { identityIdOf } from './identity/identities.ts';
import { letterFrom } from './testing/sending.ts';
import { mail, openJmap, type Answer, type Client, type JmapWorld } from './testing/server.ts';

describe('limits of what a JMAP client may ask for at once', () => {
  let jmap: JmapWorld;
  let hung: Client;
  let inbox: string;
  const ids: string[] = [];
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase, {
      settings: {
        ...{ maxObjectsInGet: 3, maxObjectsInSet: 3, maxQueryResults: 2, maxCallsInRequest: 3, maxSizeRequest: 3000 },
        ...{
          maxBodyValueBytes: 20,
          maxMailboxDepth: 2,
          maxRecipients: 2,
          maxSizeUpload: 50,
          publicUrl: 'https://thu.example',
        },
      },
    });
    hung = jmap.as(jmap.world.people.hung);
    inbox = await hung.mailbox('inbox');
    for (let i = 0; i < 4; i++)
      ids.push(await hung.append(mail({ From: 'a@b.vn', Subject: `${i}` }, 'x'.repeat(17 + i))));
  });
  afterAll(() => jmap.dispose());
  const post = async (body: string): Promise<{ status: number; limit?: string }> => {
    const headers = { ...hung.headers, 'content-type': 'application/json' };
    const response = await fetch(`${jmap.origin}/jmap/api`, { method: 'POST', headers, body });
    const { limit } = (await response.json()) as { limit?: string };
    return { status: response.status, ...(limit === undefined ? {} : { limit }) };
  };
  const echoes = (n: number): string =>
    JSON.stringify({
      using: ['urn:ietf:params:jmap:core'],
      methodCalls: Array.from({ length: n }, (_, i) => ['Core/echo', {}, `${i}`]),
    });

  it('maxCallsInRequest and maxSizeRequest: the last call, the last octet', async () => {
    expect([await post(echoes(3)), await post(echoes(4))]).toEqual([
      { status: 200 },
      { status: 400, limit: 'maxCallsInRequest' },
    ]);
    expect([await post(echoes(1).padEnd(3000)), await post(echoes(1).padEnd(3001))]).toEqual([
      { status: 200 },
      { status: 400, limit: 'maxSizeRequest' },
    ]);
  });

  it('maxObjectsInGet and maxObjectsInSet: one more is requestTooLarge', async () => {
    expect((await hung.call('Email/get', { ids: ids.slice(0, 3), properties: ['id'] }))['list']).toHaveLength(3);
    expect(await hung.error('Email/get', { ids, properties: ['id'] })).toBe('requestTooLarge');
    const destroy = (n: number): Answer => ({ destroy: Array.from({ length: n }, (_, i) => `e99${i}`) });
    expect(Object.keys((await hung.call('Email/set', destroy(3)))['notDestroyed'] as Answer)).toHaveLength(3);
    expect(await hung.error('Email/set', destroy(4))).toBe('requestTooLarge');
  });

  it('maxQueryResults: no more ids than that, and the client is told', async () => {
    const filter = { inMailbox: inbox };
    const asked = await hung.call('Email/query', { filter, limit: 2 });
    expect([asked['ids'], 'limit' in asked]).toEqual([expect.toSatisfy((list: unknown[]) => list.length === 2), false]);
    expect(await hung.call('Email/query', { filter, limit: 3 })).toMatchObject({ limit: 2 });
  });

  it('maxBodyValueBytes: a longer body value is cut and says so', async () => {
    const { list } = await hung.call('Email/get', {
      ids: [ids[1], ids[2]],
      properties: ['bodyValues'],
      fetchTextBodyValues: true,
    });
    const values = (list as { bodyValues: Record<string, { value: string; isTruncated: boolean }> }[]).map(
      ({ bodyValues }) => Object.values(bodyValues)[0],
    );
    expect(values.map((value) => [value?.value.length, value?.isTruncated])).toEqual([
      [18, false],
      [19, false],
    ]);
    const long = await hung.append(mail({ From: 'a@b.vn', Subject: 'l' }, 'x'.repeat(21)));
    const exact = await hung.append(mail({ From: 'a@b.vn', Subject: 'e' }, 'x'.repeat(20)));
    const got = async (id: string): Promise<unknown> => {
      const answer = await hung.call('Email/get', { ids: [id], properties: ['bodyValues'], fetchTextBodyValues: true });
      const [email] = answer['list'] as { bodyValues: Record<string, { isTruncated: boolean }> }[];
      return Object.values(email!.bodyValues)[0]?.isTruncated;
    };
    expect([await got(exact), await got(long)]).toEqual([false, true]);
  });

  it('maxMailboxDepth: a mailbox below the last level is refused', async () => {
    const make = async (name: string, parentId: string | null): Promise<string | undefined> => {
      const { created } = await hung.call('Mailbox/set', { create: { k: { name, parentId } } });
      return ((created as Answer | null)?.['k'] as { id: string } | undefined)?.id;
    };
    const second = await make('hai', (await make('một', null)) ?? '');
    expect(second).toBeDefined();
    expect(await make('ba', second ?? '')).toBeUndefined();
  });

  it('maxSizeUpload: the last octet that is taken and the first that is not', async () => {
    const status = async (octets: number): Promise<number> =>
      (
        await fetch(`${jmap.origin}/jmap/upload/${hung.accountId}`, {
          method: 'POST',
          headers: { ...hung.headers, 'content-type': 'text/plain' },
          body: 'x'.repeat(octets),
        })
      ).status;
    expect([await status(50), await status(51)]).toEqual([201, 413]);
  });

  it('maxRecipients: of one submission, each counted once', async () => {
    const mine = hung.person.address;
    const emailId = await hung.append(letterFrom(hung, mine), 'drafts');
    const submit = async (n: number): Promise<unknown> => {
      const rcptTo = Array.from({ length: n }, (_, i) => ({ email: `a${i}@bo.example` }));
      const envelope = { mailFrom: { email: mine }, rcptTo: [...rcptTo, { email: 'a0@BO.example' }] };
      const k = { identityId: identityIdOf(mine), emailId, envelope };
      const { created, notCreated } = await hung.call('EmailSubmission/set', { create: { k } });
      return created ? 'created' : (notCreated as Answer)['k'];
    };
    expect(await submit(3)).toMatchObject({ type: 'tooManyRecipients', maxRecipients: 2 });
    expect(await submit(2)).toBe('created');
  });

  it('publicUrl: clients are told to come there', async () => {
    const session = (await (await fetch(`${jmap.origin}/jmap/session`, hung)).json()) as { apiUrl: string };
    expect(session.apiUrl).toBe('https://thu.example/jmap/api');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import { list } from '../testing/answers.ts';
import { mail, openJmap, type Answer, type Client, type JmapWorld } from '../testing/server.ts';

describe.each(dialects)('Mailbox on $dialect', ({ open }) => {
  let jmap: JmapWorld;
  let hung: Client;
  beforeAll(async () => {
    jmap = await openJmap(open, { settings: { maxMailboxDepth: 3 } });
    hung = jmap.as(jmap.world.people.hung);
  });
  afterAll(() => jmap.dispose());
  const create = async (objects: Record<string, Answer>) => hung.call('Mailbox/set', { create: objects });
  const idOf = (answer: Answer, key: string) => String((answer['created'] as Record<string, Answer>)[key]!['id']);
  const error = (answer: Answer, kind: string, key: string) => (answer[kind] as Record<string, Answer> | null)?.[key];

  it('counts emails and threads, unread ones too', async () => {
    await hung.append(mail({ From: 'a@b.vn', Subject: 'một', 'Message-ID': '<1@b.vn>' }));
    await hung.append(
      mail({ From: 'a@b.vn', Subject: 'Re: một', 'Message-ID': '<2@b.vn>', 'In-Reply-To': '<1@b.vn>' }),
      'inbox',
      { keywords: ['$seen'] },
    );
    await hung.append(mail({ From: 'a@b.vn', Subject: 'hai', 'Message-ID': '<3@b.vn>' }), 'inbox', {
      keywords: ['$seen'],
    });
    const inbox = await hung.mailbox('inbox');
    expect(await hung.call('Mailbox/get', { ids: [inbox, 'm999'] })).toMatchObject({
      list: [
        {
          id: inbox,
          role: 'inbox',
          totalEmails: 3,
          unreadEmails: 1,
          totalThreads: 2,
          unreadThreads: 1,
          parentId: null,
          myRights: { mayReadItems: true, mayDelete: false, maySubmit: true },
        },
      ],
      notFound: ['m999'],
    });
    expect(list(await hung.call('Mailbox/get', { ids: [inbox], properties: ['name'] }))).toEqual([
      { id: inbox, name: expect.any(String) as string },
    ]);
  });

  it('a tree is made in one call, in any order, renamed, moved, taken away', async () => {
    const made = await create({ b: { name: 'Con', parentId: '#a' }, a: { name: 'Cha' } });
    const [a, b] = [idOf(made, 'a'), idOf(made, 'b')];
    expect((made['created'] as Record<string, Answer>)['a']).toMatchObject({
      totalEmails: 0,
      isSubscribed: expect.any(Boolean) as boolean,
      myRights: { mayDelete: true },
    });
    expect(list(await hung.call('Mailbox/get', { ids: [b] }))[0]).toMatchObject({ parentId: a, name: 'Con' });
    expect(
      await hung.call('Mailbox/set', { update: { [b]: { name: 'Con khác', sortOrder: 7, isSubscribed: false } } }),
    ).toMatchObject({ updated: { [b]: null } });
    expect(await hung.call('Mailbox/set', { update: { [a]: { parentId: b } } })).toMatchObject({
      notUpdated: { [a]: { type: 'invalidProperties', properties: ['parentId'] } },
    });
    expect(await hung.call('Mailbox/set', { destroy: [a] })).toMatchObject({
      notDestroyed: { [a]: { type: 'mailboxHasChild' } },
    });
    const whole = list(await hung.call('Mailbox/get', { ids: [b] }))[0]!;
    expect(await hung.call('Mailbox/set', { update: { [b]: { ...whole, sortOrder: 8 } } })).toMatchObject({
      notUpdated: null,
    });
    expect(await hung.call('Mailbox/set', { destroy: [a, b] })).toMatchObject({
      destroyed: expect.arrayContaining([a, b]) as string[],
      notDestroyed: null,
    });
  });

  it.each<[string, Answer, string[]]>([
    ['no name', {}, ['name']],
    ['an empty name', { name: '' }, ['name']],
    ['a control character', { name: 'a\u0007' }, ['name']],
    ['a name too long', { name: 'ế'.repeat(86) }, ['name']],
    ['a name of a sibling', { name: 'Trùng' }, ['name']],
    ['the same in NFD', { name: 'Trùng'.normalize('NFD') }, ['name']],
    ['no such parent', { name: 'x', parentId: 'm999' }, ['parentId']],
    ['a parent that failed', { name: 'x', parentId: '#gone' }, ['parentId']],
    ['an unknown role', { name: 'x', role: 'king' }, ['role']],
    ['a role that is taken', { name: 'x', role: 'inbox' }, ['role']],
    ['a count', { name: 'x', totalEmails: 3 }, ['totalEmails']],
    ['a sort order that is none', { name: 'x', sortOrder: -1 }, ['sortOrder']],
  ])('%s is refused', async (_, object, properties) => {
    await create({ t: { name: 'Trùng' } });
    expect(error(await create({ k: object }), 'notCreated', 'k')).toMatchObject({
      type: 'invalidProperties',
      properties,
    });
  });

  it('depth is limited, also when a tree moves', async () => {
    const made = await create({
      a: { name: 'S1' },
      b: { name: 'S2', parentId: '#a' },
      c: { name: 'S3', parentId: '#b' },
      d: { name: 'S4', parentId: '#c' },
      x: { name: 'T' },
    });
    expect(error(made, 'notCreated', 'd')).toMatchObject({ properties: ['parentId'] });
    expect(
      error(
        await hung.call('Mailbox/set', { update: { [idOf(made, 'a')]: { parentId: idOf(made, 'x') } } }),
        'notUpdated',
        idOf(made, 'a'),
      ),
    ).toMatchObject({ properties: ['parentId'] });
  });

  it('mailboxes with a role stay; a full one goes only with its emails', async () => {
    const inbox = await hung.mailbox('inbox');
    expect(error(await hung.call('Mailbox/set', { destroy: [inbox] }), 'notDestroyed', inbox)).toMatchObject({
      type: 'forbidden',
    });
    expect(
      error(await hung.call('Mailbox/set', { update: { [inbox]: { role: null } } }), 'notUpdated', inbox),
    ).toMatchObject({ type: 'forbidden' });
    const made = idOf(await create({ k: { name: 'Đầy' } }), 'k');
    const email = await hung.append(mail({ From: 'a@b.vn' }));
    await hung.call('Email/set', { update: { [email]: { mailboxIds: { [made]: true } } } });
    expect(error(await hung.call('Mailbox/set', { destroy: [made] }), 'notDestroyed', made)).toMatchObject({
      type: 'mailboxHasEmail',
    });
    expect(await hung.call('Mailbox/set', { destroy: [made], onDestroyRemoveEmails: true })).toMatchObject({
      destroyed: [made],
    });
    expect(await hung.call('Email/get', { ids: [email] })).toMatchObject({ notFound: [email] });
  });

  it('changes say when only counts moved (RFC 8621 §2.2)', async () => {
    const { state } = await hung.call('Mailbox/get', { ids: [] });
    await hung.append(mail({ From: 'a@b.vn' }));
    expect(await hung.call('Mailbox/changes', { sinceState: state })).toMatchObject({
      updated: [await hung.mailbox('inbox')],
      updatedProperties: ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'],
    });
    await hung.call('Mailbox/set', { update: { [await hung.mailbox('inbox')]: { sortOrder: 1 } } });
    expect(await hung.call('Mailbox/changes', { sinceState: state })).toMatchObject({ updatedProperties: null });
  });

  it('queries filter and sort, also as a tree', async () => {
    const made = await create({
      p: { name: 'Ạ cha', sortOrder: 900 },
      q: { name: 'con á', parentId: '#p', sortOrder: 1 },
      r: { name: 'con b', parentId: '#p', sortOrder: 0 },
    });
    const [p, q, r] = ['p', 'q', 'r'].map((k) => idOf(made, k)) as [string, string, string];
    const query = async (args: Answer) => (await hung.call('Mailbox/query', args))['ids'];
    expect(await query({ filter: { parentId: p }, sort: [{ property: 'name' }] })).toEqual([q, r]);
    expect(await query({ filter: { parentId: p }, sort: [{ property: 'sortOrder' }] })).toEqual([r, q]);
    expect(await query({ filter: { name: 'CON' } })).toEqual([q, r]);
    expect(await query({ filter: { role: 'trash' } })).toEqual([await hung.mailbox('trash')]);
    expect(
      await query({
        filter: { operator: 'NOT', conditions: [{ hasAnyRole: true }, { parentId: null }] },
        sort: [{ property: 'sortOrder' }],
      }),
    ).toContain(r);
    const tree = (await query({ sort: [{ property: 'sortOrder' }], sortAsTree: true })) as string[];
    expect(tree.slice(tree.indexOf(p), tree.indexOf(p) + 3)).toEqual([p, r, q]);
    expect(await query({ filter: { name: 'con' }, filterAsTree: true })).toEqual([]);
    const { queryState } = await hung.call('Mailbox/query', { filter: { parentId: p } });
    const more = idOf(await create({ s: { name: 'con c', parentId: p } }), 's');
    await hung.call('Mailbox/set', { destroy: [q] });
    expect(
      await hung.call('Mailbox/queryChanges', {
        filter: { parentId: p },
        sort: [{ property: 'name' }],
        sinceQueryState: queryState,
      }),
    ).toMatchObject({ removed: expect.arrayContaining([q]) as string[], added: [{ id: more, index: 1 }] });
    expect(await hung.error('Mailbox/queryChanges', { sinceQueryState: queryState, sortAsTree: true })).toBe(
      'cannotCalculateChanges',
    );
  });
});

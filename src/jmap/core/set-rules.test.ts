import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { list, made, refused } from '../testing/answers.ts';
import { mail, type Answer } from '../testing/server.ts';
import { send, letterFrom } from '../testing/sending.ts';
import { WithLetter } from '../testing/with-letter.ts';
import type { Invocation } from './references.ts';

const w = new WithLetter();
let inbox: string;
let thread: string;
let submission: string;
beforeAll(async () => {
  await w.open();
  inbox = await w.hung.mailbox('inbox');
  thread = String((await w.get(['threadId']))['threadId']);
  const { set } = await send(w.hung, letterFrom(w.hung, w.jmap.world.people.lan.address));
  submission = String(made(set, 's')['id']);
});
afterAll(() => w.dispose());

describe('an object named by the id it was made with (RFC 8620 §5.3)', () => {
  it('is answered by its own id, in the same call and in later ones', async () => {
    const accountId = w.hung.accountId;
    const answers = await w.hung.request([
      ['Mailbox/set', { accountId, create: { k: { name: 'Một' } }, update: { '#k': { sortOrder: 3 } } }, '1'],
      ['Mailbox/set', { accountId, update: { '#k': { sortOrder: 4 }, '#none': {} }, destroy: ['#nothing'] }, '2'],
      ['Mailbox/set', { accountId, create: { l: { name: 'Hai' } }, destroy: ['#l'] }, '3'],
    ]);
    const [first, second, third] = answers.map(([, answer]) => answer) as [Answer, Answer, Answer];
    const id = String(made(first, 'k')['id']);
    expect(first['updated']).toEqual({ [id]: null });
    expect(second).toMatchObject({
      updated: { [id]: null },
      notUpdated: { '#none': { type: 'notFound' } },
      notDestroyed: { '#nothing': { type: 'notFound' } },
    });
    expect(third['destroyed']).toEqual([made(third, 'l')['id']]);
  });

  it('is the same object under both names: destroyed once, and then not updated', async () => {
    const accountId = w.hung.accountId;
    const { id } = made(await w.hung.call('Mailbox/set', { create: { k: { name: 'Ba' } } }), 'k');
    const post = { using: ['urn:ietf:params:jmap:mail'], createdIds: { k: id } };
    const methodCalls = [['Mailbox/set', { accountId, update: { '#k': { sortOrder: 1 } }, destroy: [id, '#k'] }, '1']];
    const response = await w.hung.post(JSON.stringify({ ...post, methodCalls }));
    const { methodResponses } = (await response.json()) as { methodResponses: Invocation[] };
    expect(methodResponses[0]?.[1]).toMatchObject({
      updated: null,
      notUpdated: { [String(id)]: { type: 'willDestroy' } },
      destroyed: [id],
      notDestroyed: null,
    });
  });
});

describe('a patch (RFC 8620 §5.3)', () => {
  it.each<[string, Answer, string]>([
    ['into a list', { 'from/0': { email: 'a@b.vn' } }, 'invalidPatch'],
    ['into the end of a list', { 'references/-': 'x' }, 'invalidPatch'],
    ['into what is not there', { 'nothing/x': 1 }, 'invalidPatch'],
    ['into a text', { 'subject/x': 'y' }, 'invalidPatch'],
    ['that begins with a slash', { '/keywords': {} }, 'invalidPatch'],
    ['of a fixed object', { 'bodyValues/1': { value: 'x' } }, 'invalidProperties'],
    ['with a number for a flag', { 'keywords/$seen': 1 }, 'invalidProperties'],
    ['that takes the only mailbox away', { mailboxIds: null }, 'invalidProperties'],
    ['of another author', { from: [{ name: null, email: 'x@y.vn' }] }, 'invalidProperties'],
    ['of another time', { sentAt: '2014-10-30T14:12:01+07:00' }, 'invalidProperties'],
  ])('of an email %s is refused', async (_, patch, type) => {
    const answer = await w.hung.call('Email/set', { update: { [w.id]: { 'keywords/no': true, ...patch } } });
    expect(refused(answer, 'notUpdated', w.id)['type']).toBe(type);
    expect((await w.get(['keywords']))['keywords']).not.toHaveProperty('no');
  });

  it('of an email may name everything that Email/get gives of its header and stay without effect', async () => {
    const names = ['blobId', 'messageId', 'inReplyTo', 'references', 'sender', 'from', 'to', 'cc', 'bcc', 'replyTo'];
    const whole = await w.get([...names, 'subject', 'sentAt', 'receivedAt', 'preview', 'hasAttachment', 'keywords']);
    expect(await w.hung.call('Email/set', { update: { [w.id]: whole } })).toMatchObject({ notUpdated: null });
  });

  it('of null takes a flag, or all, away; what is not there stays so', async () => {
    await w.hung.call('Email/set', { update: { [w.id]: { keywords: { a: true, b: true } } } });
    await w.hung.call('Email/set', { update: { [w.id]: { 'keywords/A': null, 'keywords/c': null } } });
    expect((await w.get(['keywords']))['keywords']).toEqual({ b: true });
    await w.hung.call('Email/set', { update: { [w.id]: { keywords: null } } });
    expect((await w.get(['keywords']))['keywords']).toEqual({});
  });

  it.each<[Answer, string]>([
    [{ 'name/x': 'y' }, 'invalidPatch'],
    [{ 'nothing/x': 1 }, 'invalidPatch'],
    [{ name: 'x', 'name/y': 1 }, 'invalidPatch'],
    [{ 'myRights/mayDelete': false }, 'invalidProperties'],
    [{ isSubscribed: null }, 'invalidProperties'],
    [{ name: null }, 'invalidProperties'],
    [{ sortOrder: 2 ** 31 }, 'invalidProperties'],
    [{ role: 'inbox' }, 'invalidProperties'],
    [{ totalEmails: 77 }, 'invalidProperties'],
  ])('%j of a mailbox is %s', async (patch, type) => {
    const drafts = await w.hung.mailbox('drafts');
    const answer = await w.hung.call('Mailbox/set', { update: { [drafts]: patch } });
    expect(refused(answer, 'notUpdated', drafts)['type']).toBe(type);
  });

  it('of null gives sortOrder its default, a mailbox the top level and no role', async () => {
    const create = { p: { name: 'Trên' }, k: { name: 'Dưới', parentId: '#p', sortOrder: 5, role: 'archive' } };
    const archive = await w.hung.mailbox('archive');
    await w.hung.call('Mailbox/set', { update: { [archive]: { role: null } } });
    const id = String(made(await w.hung.call('Mailbox/set', { create }), 'k')['id']);
    await w.hung.call('Mailbox/set', { update: { [id]: { sortOrder: null, parentId: null, role: null } } });
    const [mailbox] = list(await w.hung.call('Mailbox/get', { ids: [id] }));
    expect(mailbox).toMatchObject({ sortOrder: 0, parentId: null, role: null });
    await w.hung.call('Mailbox/set', { update: { [archive]: { role: 'archive' } } });
  });

  it('of a submission may give back what the server says, and change none of it', async () => {
    const [whole] = list(await w.hung.call('EmailSubmission/get', { ids: [submission] }));
    const { deliveryStatus, ...same } = whole!;
    expect(deliveryStatus).toBeDefined();
    const update = async (patch: Answer) => w.hung.call('EmailSubmission/set', { update: { [submission]: patch } });
    expect(await update(same)).toMatchObject({ updated: { [submission]: null }, notUpdated: null });
    for (const patch of [
      { sendAt: '2030-01-01T00:00:00Z' },
      { emailId: w.id },
      { 'envelope/mailFrom': null },
      { x: 1 },
    ])
      expect(refused(await update({ ...same, ...patch }), 'notUpdated', submission)).toEqual({
        type: 'invalidProperties',
        properties: Object.keys(patch),
      });
  });
});

describe('onDestroyRemoveEmails (RFC 8621 §2.5)', () => {
  it('takes emails out of the mailbox, and destroys those that lie nowhere else', async () => {
    const id = String(made(await w.hung.call('Mailbox/set', { create: { k: { name: 'Đầy' } } }), 'k')['id']);
    const [both, only] = [await w.hung.append(mail({ From: 'a@b.vn' })), await w.hung.append(mail({ From: 'c@d.vn' }))];
    const update = { [both]: { [`mailboxIds/${id}`]: true }, [only]: { mailboxIds: { [id]: true } } };
    await w.hung.call('Email/set', { update });
    const { state } = await w.hung.call('Email/get', { ids: [] });
    await w.hung.call('Mailbox/set', { destroy: [id], onDestroyRemoveEmails: true });
    expect(await w.hung.call('Email/get', { ids: [both, only], properties: ['mailboxIds'] })).toMatchObject({
      list: [{ id: both, mailboxIds: { [inbox]: true } }],
      notFound: [only],
    });
    expect(await w.hung.call('Email/changes', { sinceState: state })).toMatchObject({
      created: [],
      updated: [both],
      destroyed: [only],
    });
  });
});

describe('Foo/get (RFC 8620 §5.1)', () => {
  const types: [string, () => string][] = [
    ['Mailbox', () => inbox],
    ['Thread', () => thread],
    ['Email', () => w.id],
    ['EmailSubmission', () => submission],
  ];
  it.each(types)('of %s: null is all, [] is none, each id once, an unknown property refused', async (type, id) => {
    const get = (args: Answer) => w.hung.call(`${type}/get`, { properties: [], ...args });
    const all = list(await get({ ids: null }));
    expect(all).toContainEqual({ id: id() });
    expect(all.every((object) => Object.keys(object).join() === 'id')).toBe(true);
    expect(await get({ ids: [] })).toMatchObject({ list: [], notFound: [] });
    expect(await get({ ids: ['zz', id(), 'zz', id()] })).toMatchObject({ list: [{ id: id() }], notFound: ['zz'] });
    expect(await get({})).toMatchObject({ list: all });
    expect(await w.hung.error(`${type}/get`, { ids: [], properties: ['id', 'nothing'] })).toBe('invalidArguments');
    expect(await w.hung.error(`${type}/get`, { ids: [''] })).toBe('invalidArguments');
    expect(await w.hung.error(`${type}/get`, { ids: ['x'.repeat(256)] })).toBe('invalidArguments');
    expect(await w.hung.error(`${type}/get`, { ids: {} })).toBe('invalidArguments');
  });
});

describe('results of earlier calls (RFC 8620 §3.7)', () => {
  const run = async (...calls: [string, Answer][]): Promise<Invocation[]> =>
    w.hung.request(calls.map(([name, args], i) => [name, { accountId: w.hung.accountId, ...args }, `${i}`]));
  const from = (resultOf: string, name: string, path: string): Answer => ({ resultOf, name, path });

  it('lead from a query by its emails to their threads and all of these', async () => {
    const answers = await run(
      ['Email/query', { filter: { subject: 'Công văn 12' } }],
      ['Email/get', { '#ids': from('0', 'Email/query', '/ids'), properties: ['threadId'] }],
      ['Thread/get', { '#ids': from('1', 'Email/get', '/list/*/threadId') }],
      ['Email/get', { '#ids': from('2', 'Thread/get', '/list/*/emailIds'), properties: ['subject'] }],
    );
    expect(list(answers[3]![1])).toEqual([{ id: w.id, subject: 'Công văn 12' }]);
  });

  it('lead from what changed of mailboxes to those counts alone, or to everything (RFC 8621 §2.2)', async () => {
    const { state } = await w.hung.call('Mailbox/get', { ids: [] });
    const names = async (): Promise<number> => {
      const answers = await run(
        ['Mailbox/changes', { sinceState: state }],
        [
          'Mailbox/get',
          {
            '#ids': from('0', 'Mailbox/changes', '/updated'),
            '#properties': from('0', 'Mailbox/changes', '/updatedProperties'),
          },
        ],
      );
      expect(list(answers[1]![1]).map((m) => m['id'])).toEqual([inbox]);
      return Object.keys(list(answers[1]![1])[0]!).length;
    };
    await w.hung.append(mail({ From: 'a@b.vn' }));
    expect(await names()).toBe(5);
    await w.hung.call('Mailbox/set', { update: { [inbox]: { sortOrder: 9 } } });
    expect(await names()).toBe(11);
  });

  it.each<[string, unknown, string]>([
    ['a call that failed', from('0', 'Email/get', '/list'), 'invalidResultReference'],
    ['a call that failed, as an error', from('0', 'error', '/nothing'), 'invalidResultReference'],
    ['a call that comes later', from('2', 'Mailbox/get', '/list'), 'invalidResultReference'],
    ['itself', from('1', 'Email/get', '/list'), 'invalidResultReference'],
    ['a pointer without a slash', from('0', 'error', 'type'), 'invalidResultReference'],
    ['a value of the wrong type', from('0', 'error', '/type'), 'invalidArguments'],
    ['null', null, 'invalidArguments'],
    ['a path that is no text', { resultOf: '0', name: 'error', path: 0 }, 'invalidArguments'],
  ])('to %s is refused, and the next call goes on', async (_, reference, type) => {
    const answers = await run(
      ['Email/get', { ids: 5 }],
      ['Email/get', { '#ids': reference }],
      ['Mailbox/get', { ids: [] }],
    );
    expect(answers.map(([name, args]) => (name === 'error' ? args['type'] : name))).toEqual([
      'invalidArguments',
      type,
      'Mailbox/get',
    ]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { list, made, refused } from '../testing/answers.ts';
import { mail, openJmap, type Answer, type Client, type JmapWorld } from '../testing/server.ts';

describe('Email/copy (RFC 8621 §4.7, RFC 8620 §5.4)', () => {
  let jmap: JmapWorld;
  let nhung: Client;
  let unit: string;
  let inbox: string;
  let source: string;
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase, { settings: { maxObjectsInSet: 2 } });
    nhung = jmap.as(jmap.world.people.nhung);
    unit = `a${jmap.world.people.unit.accountId}`;
    const mailboxes = await nhung.call('Mailbox/get', { accountId: unit });
    inbox = String(list(mailboxes).find((m) => m['role'] === 'inbox')!['id']);
    source = await nhung.append(mail({ From: 'x@y.vn' }), 'inbox', { keywords: ['$flagged'], receivedAt: 1_000_000 });
  });
  afterAll(() => jmap.dispose());

  const args = (create: Answer, more: Answer = {}): Answer => ({
    fromAccountId: nhung.accountId,
    accountId: unit,
    create,
    ...more,
  });
  const copy = (email: Answer, more?: Answer) => nhung.call('Email/copy', args({ c: email }, more));
  const state = async (accountId: string) => (await nhung.call('Email/get', { accountId, ids: [] }))['state'];

  it('takes keywords and receivedAt of the original, or those that are given', async () => {
    const first = made(await copy({ id: source, mailboxIds: { [inbox]: true } }), 'c');
    const given = { keywords: { Viec: true }, receivedAt: '2026-01-02T03:04:05Z' };
    const second = made(await copy({ id: source, mailboxIds: { [inbox]: true }, ...given }), 'c');
    expect(Object.keys(first).sort()).toEqual(['blobId', 'id', 'size', 'threadId']);
    const asked = { accountId: unit, ids: [first['id'], second['id']], properties: ['keywords', 'receivedAt'] };
    expect(list(await nhung.call('Email/get', asked))).toMatchObject([
      { keywords: { $flagged: true }, receivedAt: '1970-01-01T00:16:40Z' },
      { keywords: { viec: true }, receivedAt: '2026-01-02T03:04:05Z' },
    ]);
  });

  it.each<[string, () => Answer, Answer]>([
    ['an email that is not there', () => ({ id: 'e999' }), { type: 'notFound' }],
    ['no email', () => ({}), { type: 'notFound' }],
    ['no mailbox', () => ({ mailboxIds: {} }), { type: 'invalidProperties', properties: ['mailboxIds'] }],
    ['a mailbox of the other account', () => ({ mailboxIds: { m1: true } }), { type: 'invalidProperties' }],
    [
      'a property that a copy has not',
      () => ({ subject: 'x' }),
      { type: 'invalidProperties', properties: ['subject'] },
    ],
    ['a keyword that is none', () => ({ keywords: { 'a b': true } }), { type: 'invalidProperties' }],
    ['a date that is none', () => ({ receivedAt: 'x' }), { type: 'invalidProperties', properties: ['receivedAt'] }],
  ])('%s is refused, and the original stays', async (_, email, error) => {
    const object = { ...(_ === 'no email' ? {} : { id: source }), mailboxIds: { [inbox]: true }, ...email() };
    const before = await state(unit);
    const answers = await nhung.request([['Email/copy', args({ c: object }, { onSuccessDestroyOriginal: true }), '1']]);
    expect(answers).toHaveLength(1);
    expect(refused(answers[0]![1], 'notCreated', 'c')).toMatchObject(error);
    expect(answers[0]![1]).toMatchObject({
      fromAccountId: nhung.accountId,
      accountId: unit,
      created: null,
      newState: before,
    });
  });

  it.each<[Answer, string]>([
    [{ ifFromInState: 'x' }, 'stateMismatch'],
    [{ ifInState: 'x' }, 'stateMismatch'],
    [{ accountId: 'a999' }, 'accountNotFound'],
    [{ fromAccountId: 'a999' }, 'fromAccountNotFound'],
    [{ create: null }, 'invalidArguments'],
    [{ create: { a: {}, b: {}, c: {} } }, 'requestTooLarge'],
    [{ onSuccessDestroyOriginal: 'yes' }, 'invalidArguments'],
  ])('%j is refused', async (more, type) => {
    expect(await nhung.error('Email/copy', args({}, more))).toBe(type);
  });

  it('leaves the original when its account has moved on: the copy is made, the destruction says stateMismatch', async () => {
    const email = { id: source, mailboxIds: { [inbox]: true } };
    const more = {
      onSuccessDestroyOriginal: true,
      destroyFromIfInState: 'x',
      ifFromInState: await state(nhung.accountId),
    };
    const answers = await nhung.request([['Email/copy', args({ c: email, d: { ...email } }, more), '1']]);
    expect(Object.keys(answers[0]![1]['created'] as object)).toEqual(['c', 'd']);
    expect(answers[1]).toEqual(['error', { type: 'stateMismatch' }, '1']);
    const again = await nhung.request([
      ['Email/copy', args({ c: email, d: { ...email } }, { ...more, destroyFromIfInState: null }), '2'],
    ]);
    expect(again[1]).toMatchObject(['Email/set', { accountId: nhung.accountId, destroyed: [source] }, '2']);
  });
});

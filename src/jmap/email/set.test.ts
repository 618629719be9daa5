import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { list, made, refused } from '../testing/answers.ts';
import { mail, type Answer } from '../testing/server.ts';
import { WithLetter } from '../testing/with-letter.ts';

describe('taking in and changing emails', () => {
  const w = new WithLetter();
  beforeAll(() => w.open());
  afterAll(() => w.dispose());

  describe('import', () => {
    it('takes uploaded bytes unchanged', async () => {
      const bytes = mail({ From: 'a@b.vn', Subject: 'nhập', 'Message-ID': '<imp@b.vn>' });
      const blobId = await w.hung.upload(bytes);
      const sent = await w.hung.mailbox('sent');
      const answer = await w.hung.call('Email/import', {
        emails: {
          k: {
            blobId,
            mailboxIds: { [sent]: true },
            keywords: { $seen: true, Viec: true },
            receivedAt: '2026-01-02T03:04:05Z',
          },
        },
      });
      expect(made(answer, 'k')).toMatchObject({ blobId, size: bytes.length });
      const [email] = list(
        await w.hung.call('Email/get', {
          ids: [made(answer, 'k')['id']],
          properties: ['keywords', 'mailboxIds', 'receivedAt'],
        }),
      );
      expect(email).toMatchObject({
        keywords: { $seen: true, viec: true },
        mailboxIds: { [sent]: true },
        receivedAt: '2026-01-02T03:04:05Z',
      });
      expect(await w.bytesOf(blobId)).toEqual(bytes);
    });
    it.each<[string, (inbox: string) => Answer, string]>([
      ['no such blob', (m) => ({ blobId: `b${'0'.repeat(64)}`, mailboxIds: { [m]: true } }), 'invalidProperties'],
      ['no mailbox', () => ({ blobId: 'BLOB', mailboxIds: {} }), 'invalidProperties'],
      ['an unknown mailbox', () => ({ blobId: 'BLOB', mailboxIds: { m999: true } }), 'invalidProperties'],
      ['a mailbox set to false', (m) => ({ blobId: 'BLOB', mailboxIds: { [m]: false } }), 'invalidProperties'],
      [
        'a bad keyword',
        (m) => ({ blobId: 'BLOB', mailboxIds: { [m]: true }, keywords: { 'a b': true } }),
        'invalidProperties',
      ],
      ['a bad date', (m) => ({ blobId: 'BLOB', mailboxIds: { [m]: true }, receivedAt: 'now' }), 'invalidProperties'],
      [
        'an unknown property',
        (m) => ({ blobId: 'BLOB', mailboxIds: { [m]: true }, subject: 'x' }),
        'invalidProperties',
      ],
      ['a picture', (m) => ({ blobId: 'PNG', mailboxIds: { [m]: true } }), 'invalidEmail'],
      [
        'too many keywords',
        (m) => ({
          blobId: 'BLOB',
          mailboxIds: { [m]: true },
          keywords: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, true])),
        }),
        'tooManyKeywords',
      ],
    ])('%s is refused', async (_, email, type) => {
      const object = email(await w.hung.mailbox('inbox'));
      if (object['blobId'] === 'BLOB') object['blobId'] = await w.hung.upload(mail({ From: 'a@b.vn' }));
      if (object['blobId'] === 'PNG')
        object['blobId'] = await w.hung.upload(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10));
      expect(refused(await w.hung.call('Email/import', { emails: { k: object } }), 'notCreated', 'k')['type']).toBe(
        type,
      );
    });
  });

  describe('set', () => {
    const patch = async (changes: Answer) => w.hung.call('Email/set', { update: { [w.id]: changes } });
    const keywords = async () => (await w.get(['keywords']))['keywords'];

    it('keywords change as a whole or one by one', async () => {
      expect(await patch({ keywords: { $seen: true, X: true } })).toMatchObject({
        updated: { [w.id]: null },
        notUpdated: null,
      });
      expect(await keywords()).toEqual({ $seen: true, x: true });
      await patch({ 'keywords/$flagged': true, 'keywords/x': null });
      expect(await keywords()).toEqual({ $seen: true, $flagged: true });
      const before = (await w.hung.call('Email/get', { ids: [] }))['state'];
      const answer = await patch({ 'keywords/$seen': true });
      expect([answer['oldState'], answer['newState']]).toEqual([before, before]);
    });
    it('mailboxes change by patch, also to one made in the same request', async () => {
      const inbox = await w.hung.mailbox('inbox');
      const answers = await w.hung.request([
        ['Mailbox/set', { accountId: w.hung.accountId, create: { n: { name: 'Việc gấp' } } }, '1'],
        [
          'Email/set',
          { accountId: w.hung.accountId, update: { [w.id]: { 'mailboxIds/#n': true, [`mailboxIds/${inbox}`]: null } } },
          '2',
        ],
      ]);
      const mailbox = String(made(answers[0]![1], 'n')['id']);
      expect((await w.get(['mailboxIds']))['mailboxIds']).toEqual({ [mailbox]: true });
      await patch({ mailboxIds: { [inbox]: true } });
    });
    it.each<[string, Answer, string]>([
      ['no mailbox left', { mailboxIds: {} }, 'invalidProperties'],
      ['an unknown mailbox', { 'mailboxIds/m999': true }, 'invalidProperties'],
      ['another subject', { subject: 'khác' }, 'invalidProperties'],
      ['an unknown property', { nothing: 1 }, 'invalidProperties'],
      ['a keyword that is no keyword', { 'keywords/a(b': true }, 'invalidProperties'],
      ['a keyword set to false', { 'keywords/$seen': false }, 'invalidProperties'],
      ['two patches in one another', { keywords: {}, 'keywords/$seen': true }, 'invalidPatch'],
      ['a patch too deep', { 'keywords/a/b': true }, 'invalidPatch'],
    ])('%s is refused and changes nothing', async (_, changes, type) => {
      const before = await w.get(['keywords', 'mailboxIds']);
      expect(refused(await patch({ 'keywords/$answered': true, ...changes }), 'notUpdated', w.id)['type']).toBe(type);
      expect(await w.get(['keywords', 'mailboxIds'])).toEqual(before);
    });
    it('what cannot change may be given as it is', async () => {
      const whole = await w.get(['id', 'size', 'subject', 'threadId', 'keywords']);
      expect(await patch(whole)).toMatchObject({ notUpdated: null });
    });
    it('one bad object leaves its neighbours alone', async () => {
      const other = await w.hung.append(mail({ From: 'x@y.vn' }));
      const answer = await w.hung.call('Email/set', {
        update: { [other]: { 'keywords/ok': true }, e999: {}, [w.id]: { mailboxIds: {} } },
        destroy: ['e998', other],
      });
      expect(answer).toMatchObject({
        notUpdated: { e999: { type: 'notFound' }, [other]: { type: 'willDestroy' } },
        destroyed: [other],
        notDestroyed: { e998: { type: 'notFound' } },
      });
    });
    it('ifInState guards', async () => {
      const state = (await w.hung.call('Email/get', { ids: [] }))['state'];
      await patch({ 'keywords/again': true });
      expect(
        await w.hung.error('Email/set', { ifInState: state, update: { [w.id]: { 'keywords/again': null } } }),
      ).toBe('stateMismatch');
      expect(await keywords()).toHaveProperty('again');
    });
  });
});

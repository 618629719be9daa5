import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { mail, openJmap, type Answer, type Client, type JmapWorld } from '../testing/server.ts';
import { letter } from '../testing/letter.ts';

const list = (answer: Answer): Answer[] => answer['list'] as Answer[];
const made = (answer: Answer, key: string): Answer => {
  const created = (answer['created'] as Record<string, Answer> | null)?.[key];
  if (!created) throw new Error(JSON.stringify(answer));
  return created;
};
const refused = (answer: Answer, kind: string, key: string): Answer =>
  (answer[kind] as Record<string, Answer>)[key] ?? {};

describe('Email', () => {
  let jmap: JmapWorld;
  let hung: Client;
  let id: string;
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase);
    hung = jmap.as(jmap.world.people.hung);
    id = await hung.append(letter);
  });
  afterAll(() => jmap.dispose());
  const get = async (properties: string[] | null, more: Answer = {}): Promise<Answer> =>
    list(await hung.call('Email/get', { ids: [id], properties, ...more }))[0]!;
  const bytesOf = async (blobId: string): Promise<Buffer> =>
    Buffer.from(
      await (
        await fetch(`${jmap.origin}/jmap/download/${hung.accountId}/${blobId}/x`, { headers: hung.headers })
      ).arrayBuffer(),
    );

  describe('get', () => {
    it.each<[string, unknown]>([
      ['subject', 'Công văn 12'],
      ['from', [{ name: 'Ngô Mạnh', email: 'manh@bo.gov.vn' }]],
      ['cc', null],
      ['messageId', ['one@bo.gov.vn']],
      ['references', ['r1@x', 'r2@x']],
      ['sentAt', '2014-10-30T14:12:00+07:00'],
      ['header:Subject', ' =?utf-8?Q?C=C3=B4ng_v=C4=83n?= 12'],
      ['header:subject:asText', 'Công văn 12'],
      ['header:Date:asDate', '2014-10-30T14:12:00+07:00'],
      ['header:List-Post:asURLs', ['mailto:list@x', 'https://x/']],
      ['header:References:asMessageIds', ['r1@x', 'r2@x']],
      ['header:X-Two', ' second'],
      ['header:X-Two:asText:all', ['first', 'second']],
      ['header:X-None', null],
      ['header:X-None:all', []],
      ['hasAttachment', true],
      ['congvu:authentication', { spf: 'pass', dkim: 'pass', dmarc: 'pass', arc: 'none', alignedDomain: 'bo.gov.vn' }],
      ['congvu:documents', []],
      ['congvu:verdict', null],
    ])('%s', async (property, expected) => {
      expect((await get([property]))[property]).toEqual(expected);
    });
    it('groups of addresses keep their names', async () => {
      expect((await get(['header:To:asGroupedAddresses']))['header:To:asGroupedAddresses']).toEqual([
        { name: null, addresses: [{ name: 'Lan', email: 'lan@caoson.gov.vn' }] },
        {
          name: 'Nhóm',
          addresses: [
            { name: null, email: 'a@x.vn' },
            { name: null, email: 'b@x.vn' },
          ],
        },
      ]);
    });
    it('without properties gives those of RFC 8621 §4.2, and the id is always there', async () => {
      const email = await get(null);
      expect(Object.keys(email).sort()).toEqual(
        [
          'id',
          'blobId',
          'threadId',
          'mailboxIds',
          'keywords',
          'size',
          'receivedAt',
          'messageId',
          'inReplyTo',
          'references',
          'sender',
          'from',
          'to',
          'cc',
          'bcc',
          'replyTo',
          'subject',
          'sentAt',
          'hasAttachment',
          'preview',
          'bodyValues',
          'textBody',
          'htmlBody',
          'attachments',
        ].sort(),
      );
      expect(email).toMatchObject({
        size: letter.length,
        keywords: {},
        mailboxIds: { [await hung.mailbox('inbox')]: true },
        bodyValues: {},
      });
      expect(await get(['size'])).toEqual({ id, size: letter.length });
      expect(await hung.call('Email/get', { ids: ['e999', 'x', id, id], properties: [] })).toMatchObject({
        list: [{ id }],
        notFound: ['e999', 'x'],
      });
    });
    it('bodies: text, HTML, files and the whole structure', async () => {
      const email = await get(['textBody', 'htmlBody', 'attachments', 'bodyStructure', 'bodyValues'], {
        fetchAllBodyValues: true,
      });
      expect(email['textBody']).toEqual([
        {
          partId: '1.1',
          blobId: `p${id.split('e')[1]}-1-1`,
          size: 44,
          name: null,
          type: 'text/plain',
          charset: 'utf-8',
          disposition: null,
          cid: null,
          language: null,
          location: null,
        },
      ]);
      expect((email['htmlBody'] as Answer[]).map((p) => p['partId'])).toEqual(['1.2']);
      expect((email['attachments'] as Answer[]).map((p) => [p['partId'], p['type'], p['name'], p['size']])).toEqual([
        ['2', 'application/pdf', 'công văn.pdf', 4],
        ['3', 'message/rfc822', null, expect.any(Number)],
      ]);
      const structure = email['bodyStructure'] as Answer;
      expect([structure['partId'], structure['blobId'], structure['type']]).toEqual([null, null, 'multipart/mixed']);
      expect((structure['subParts'] as Answer[]).map((p) => p['type'])).toEqual([
        'multipart/alternative',
        'application/pdf',
        'message/rfc822',
      ]);
      expect(email['bodyValues']).toEqual({
        '1.1': { value: 'Kính gửi đồng chí, điều hành\nhai', isEncodingProblem: false, isTruncated: false },
        '1.2': { value: '<p>Kính gửi <b>đồng chí</b></p>', isEncodingProblem: false, isTruncated: false },
      });
    });
    it('body values are cut between characters and before a tag', async () => {
      const text = await get(['bodyValues'], { fetchTextBodyValues: true, maxBodyValueBytes: 2 });
      expect(text['bodyValues']).toEqual({ '1.1': { value: 'K', isEncodingProblem: false, isTruncated: true } });
      const html = await get(['bodyValues'], { fetchHTMLBodyValues: true, maxBodyValueBytes: 16 });
      expect(html['bodyValues']).toMatchObject({ '1.2': { value: '<p>Kính gửi ', isTruncated: true } });
    });
    it('header fields of parts', async () => {
      const { attachments } = await get(['attachments'], {
        bodyProperties: ['partId', 'header:X-Part:asText', 'headers'],
      });
      expect((attachments as Answer[])[0]).toMatchObject({ partId: '2', 'header:X-Part:asText': 'yes' });
      expect(((attachments as Answer[])[0]!['headers'] as Answer[]).map((h) => h['name'])).toEqual([
        'Content-Type',
        'Content-Disposition',
        'Content-Transfer-Encoding',
        'X-Part',
      ]);
    });
    it('official properties need the capability', async () => {
      const [[name, error] = []] = await hung.request(
        [['Email/get', { accountId: hung.accountId, ids: [id], properties: ['congvu:verdict'] }, 'c']],
        ['urn:ietf:params:jmap:mail'],
      );
      expect([name, error?.['type']]).toEqual(['error', 'invalidArguments']);
    });
    it('a charset that nobody knows is an encoding problem', async () => {
      const odd = await hung.append(
        Buffer.concat([
          Buffer.from('From: a@b.vn\r\nContent-Type: text/plain; charset=x-nobody\r\n\r\n'),
          Uint8Array.of(0xff, 0xfe, 0x41),
        ]),
      );
      const [email] = list(
        await hung.call('Email/get', { ids: [odd], properties: ['bodyValues'], fetchAllBodyValues: true }),
      );
      expect(email?.['bodyValues']).toMatchObject({ 1: { isEncodingProblem: true } });
    });
  });

  describe('parse and blobs', () => {
    it('a message inside a message is read, and its files fetched', async () => {
      const blobId = `p${id.split('e')[1]}-3`;
      const answer = await hung.call('Email/parse', {
        blobIds: [blobId, 'p999-1', `p${id.split('e')[1]}-2`],
        properties: ['id', 'subject', 'attachments', 'receivedAt', 'bodyValues'],
        fetchAllBodyValues: true,
      });
      expect(answer).toMatchObject({ notFound: ['p999-1'], notParsable: [`p${id.split('e')[1]}-2`] });
      const inner = (answer['parsed'] as Record<string, Answer>)[blobId]!;
      expect(inner).toMatchObject({
        id: null,
        receivedAt: null,
        subject: 'inner',
        bodyValues: { 1: { value: 'inner text' } },
      });
      const file = (inner['attachments'] as Answer[])[0]!;
      expect(await bytesOf(String(file['blobId']))).toEqual(Buffer.from([0, 1, 2]));
    });
    it('an uploaded message is read without being an email', async () => {
      const blobId = await hung.upload(letter);
      const parsed = (await hung.call('Email/parse', { blobIds: [blobId] }))['parsed'] as Record<string, Answer>;
      const file = (parsed[blobId]!['attachments'] as Answer[])[0]!;
      expect(file['blobId']).toBe(`${blobId}-2`);
      expect((await bytesOf(`${blobId}-2`)).toString()).toBe('%PDF');
      expect(await bytesOf(`${blobId}-3-2`)).toEqual(Buffer.from([0, 1, 2]));
    });
  });

  describe('import', () => {
    it('takes uploaded bytes unchanged', async () => {
      const bytes = mail({ From: 'a@b.vn', Subject: 'nhập', 'Message-ID': '<imp@b.vn>' });
      const blobId = await hung.upload(bytes);
      const sent = await hung.mailbox('sent');
      const answer = await hung.call('Email/import', {
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
        await hung.call('Email/get', {
          ids: [made(answer, 'k')['id']],
          properties: ['keywords', 'mailboxIds', 'receivedAt'],
        }),
      );
      expect(email).toMatchObject({
        keywords: { $seen: true, viec: true },
        mailboxIds: { [sent]: true },
        receivedAt: '2026-01-02T03:04:05Z',
      });
      expect(await bytesOf(blobId)).toEqual(bytes);
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
      const object = email(await hung.mailbox('inbox'));
      if (object['blobId'] === 'BLOB') object['blobId'] = await hung.upload(mail({ From: 'a@b.vn' }));
      if (object['blobId'] === 'PNG')
        object['blobId'] = await hung.upload(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10));
      expect(refused(await hung.call('Email/import', { emails: { k: object } }), 'notCreated', 'k')['type']).toBe(type);
    });
  });

  describe('set', () => {
    const patch = async (changes: Answer) => hung.call('Email/set', { update: { [id]: changes } });
    const keywords = async () => (await get(['keywords']))['keywords'];

    it('keywords change as a whole or one by one', async () => {
      expect(await patch({ keywords: { $seen: true, X: true } })).toMatchObject({
        updated: { [id]: null },
        notUpdated: null,
      });
      expect(await keywords()).toEqual({ $seen: true, x: true });
      await patch({ 'keywords/$flagged': true, 'keywords/x': null });
      expect(await keywords()).toEqual({ $seen: true, $flagged: true });
      const before = (await hung.call('Email/get', { ids: [] }))['state'];
      const answer = await patch({ 'keywords/$seen': true });
      expect([answer['oldState'], answer['newState']]).toEqual([before, before]);
    });
    it('mailboxes change by patch, also to one made in the same request', async () => {
      const inbox = await hung.mailbox('inbox');
      const answers = await hung.request([
        ['Mailbox/set', { accountId: hung.accountId, create: { n: { name: 'Việc gấp' } } }, '1'],
        [
          'Email/set',
          { accountId: hung.accountId, update: { [id]: { 'mailboxIds/#n': true, [`mailboxIds/${inbox}`]: null } } },
          '2',
        ],
      ]);
      const mailbox = String(made(answers[0]![1], 'n')['id']);
      expect((await get(['mailboxIds']))['mailboxIds']).toEqual({ [mailbox]: true });
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
      const before = await get(['keywords', 'mailboxIds']);
      expect(refused(await patch({ 'keywords/$answered': true, ...changes }), 'notUpdated', id)['type']).toBe(type);
      expect(await get(['keywords', 'mailboxIds'])).toEqual(before);
    });
    it('what cannot change may be given as it is', async () => {
      const whole = await get(['id', 'size', 'subject', 'threadId', 'keywords']);
      expect(await patch(whole)).toMatchObject({ notUpdated: null });
    });
    it('one bad object leaves its neighbours alone', async () => {
      const other = await hung.append(mail({ From: 'x@y.vn' }));
      const answer = await hung.call('Email/set', {
        update: { [other]: { 'keywords/ok': true }, e999: {}, [id]: { mailboxIds: {} } },
        destroy: ['e998', other],
      });
      expect(answer).toMatchObject({
        notUpdated: { e999: { type: 'notFound' }, [other]: { type: 'willDestroy' } },
        destroyed: [other],
        notDestroyed: { e998: { type: 'notFound' } },
      });
    });
    it('ifInState guards', async () => {
      const state = (await hung.call('Email/get', { ids: [] }))['state'];
      await patch({ 'keywords/again': true });
      expect(await hung.error('Email/set', { ifInState: state, update: { [id]: { 'keywords/again': null } } })).toBe(
        'stateMismatch',
      );
      expect(await keywords()).toHaveProperty('again');
    });
  });
});

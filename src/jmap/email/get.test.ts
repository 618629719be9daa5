import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { list } from '../testing/answers.ts';
import { letter } from '../testing/letter.ts';
import type { Answer } from '../testing/server.ts';
import { WithLetter } from '../testing/with-letter.ts';

describe('reading emails', () => {
  const w = new WithLetter();
  beforeAll(() => w.open());
  afterAll(() => w.dispose());

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
      expect((await w.get([property]))[property]).toEqual(expected);
    });
    it('groups of addresses keep their names', async () => {
      expect((await w.get(['header:To:asGroupedAddresses']))['header:To:asGroupedAddresses']).toEqual([
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
      const email = await w.get(null);
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
        mailboxIds: { [await w.hung.mailbox('inbox')]: true },
        bodyValues: {},
      });
      expect(await w.get(['size'])).toEqual({ id: w.id, size: letter.length });
      expect(await w.hung.call('Email/get', { ids: ['e999', 'x', w.id, w.id], properties: [] })).toMatchObject({
        list: [{ id: w.id }],
        notFound: ['e999', 'x'],
      });
    });
    it('bodies: text, HTML, files and the whole structure', async () => {
      const email = await w.get(['textBody', 'htmlBody', 'attachments', 'bodyStructure', 'bodyValues'], {
        fetchAllBodyValues: true,
      });
      expect(email['textBody']).toEqual([
        {
          partId: '1.1',
          blobId: `p${w.id.split('e')[1]}-1-1`,
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
      const text = await w.get(['bodyValues'], { fetchTextBodyValues: true, maxBodyValueBytes: 2 });
      expect(text['bodyValues']).toEqual({ '1.1': { value: 'K', isEncodingProblem: false, isTruncated: true } });
      const html = await w.get(['bodyValues'], { fetchHTMLBodyValues: true, maxBodyValueBytes: 16 });
      expect(html['bodyValues']).toMatchObject({ '1.2': { value: '<p>Kính gửi ', isTruncated: true } });
    });
    it('header fields of parts', async () => {
      const { attachments } = await w.get(['attachments'], {
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
      const [[name, error] = []] = await w.hung.request(
        [['Email/get', { accountId: w.hung.accountId, ids: [w.id], properties: ['congvu:verdict'] }, 'c']],
        ['urn:ietf:params:jmap:mail'],
      );
      expect([name, error?.['type']]).toEqual(['error', 'invalidArguments']);
    });
    it('a charset that nobody knows is an encoding problem', async () => {
      const odd = await w.hung.append(
        Buffer.concat([
          Buffer.from('From: a@b.vn\r\nContent-Type: text/plain; charset=x-nobody\r\n\r\n'),
          Uint8Array.of(0xff, 0xfe, 0x41),
        ]),
      );
      const [email] = list(
        await w.hung.call('Email/get', { ids: [odd], properties: ['bodyValues'], fetchAllBodyValues: true }),
      );
      expect(email?.['bodyValues']).toMatchObject({ 1: { isEncodingProblem: true } });
    });
  });

  describe('parse and blobs', () => {
    it('a message inside a message is read, and its files fetched', async () => {
      const blobId = `p${w.id.split('e')[1]}-3`;
      const answer = await w.hung.call('Email/parse', {
        blobIds: [blobId, 'p999-1', `p${w.id.split('e')[1]}-2`],
        properties: ['id', 'subject', 'attachments', 'receivedAt', 'bodyValues'],
        fetchAllBodyValues: true,
      });
      expect(answer).toMatchObject({ notFound: ['p999-1'], notParsable: [`p${w.id.split('e')[1]}-2`] });
      const inner = (answer['parsed'] as Record<string, Answer>)[blobId]!;
      expect(inner).toMatchObject({
        id: null,
        receivedAt: null,
        subject: 'inner',
        bodyValues: { 1: { value: 'inner text' } },
      });
      const file = (inner['attachments'] as Answer[])[0]!;
      expect(await w.bytesOf(String(file['blobId']))).toEqual(Buffer.from([0, 1, 2]));
    });
    it('an uploaded message is read without being an email', async () => {
      const blobId = await w.hung.upload(letter);
      const parsed = (await w.hung.call('Email/parse', { blobIds: [blobId] }))['parsed'] as Record<string, Answer>;
      const file = (parsed[blobId]!['attachments'] as Answer[])[0]!;
      expect(file['blobId']).toBe(`${blobId}-2`);
      expect((await w.bytesOf(`${blobId}-2`)).toString()).toBe('%PDF');
      expect(await w.bytesOf(`${blobId}-3-2`)).toEqual(Buffer.from([0, 1, 2]));
    });
  });
});

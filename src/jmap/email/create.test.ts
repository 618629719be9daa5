import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { list, made, refused } from '../testing/answers.ts';
import { mail, type Answer } from '../testing/server.ts';
import { WithLetter } from '../testing/with-letter.ts';

describe('new emails', () => {
  const w = new WithLetter();
  beforeAll(() => w.open());
  afterAll(() => w.dispose());

  describe('create', () => {
    const create = async (object: Answer) =>
      w.hung.call('Email/set', {
        create: {
          d: { mailboxIds: { [await w.hung.mailbox('drafts')]: true }, keywords: { $draft: true }, ...object },
        },
      });

    it('a draft with text, page, picture and file comes back as it was written', async () => {
      const picture = await w.hung.upload(Uint8Array.of(1, 2, 3), 'image/png');
      const file = await w.hung.upload('%PDF-1.7', 'application/pdf');
      const answer = await create({
        from: [{ name: 'Nguyễn Văn Hùng', email: w.hung.person.address }],
        to: [{ name: 'Trần, "Lan"', email: 'lan@caoson.gov.vn' }],
        subject: 'Về việc điều hành công tác chuyển đổi số của tỉnh Cao Sơn năm 2026 và các năm tiếp theo',
        'header:X-Note:asText': 'ghi chú',
        'header:X-Raw': ' a\r\n b',
        inReplyTo: ['one@bo.gov.vn'],
        textBody: [{ partId: 't', type: 'text/plain' }],
        htmlBody: [{ partId: 'h', type: 'text/html' }],
        attachments: [
          { blobId: picture, type: 'image/png', cid: 'p1', disposition: 'inline' },
          { blobId: file, name: 'Kế hoạch số 1427.pdf', type: 'application/pdf' },
        ],
        bodyValues: { t: { value: 'Dòng một\nDòng hai' }, h: { value: '<img src="cid:p1">' } },
      });
      const draft = String(made(answer, 'd')['id']);
      const [email] = list(
        await w.hung.call('Email/get', {
          ids: [draft],
          fetchAllBodyValues: true,
          properties: [
            'from',
            'to',
            'subject',
            'sentAt',
            'messageId',
            'threadId',
            'header:X-Note:asText',
            'header:X-Raw:asText',
            'bodyStructure',
            'attachments',
            'bodyValues',
            'keywords',
          ],
        }),
      );
      expect(email).toMatchObject({
        from: [{ name: 'Nguyễn Văn Hùng', email: w.hung.person.address }],
        to: [{ name: 'Trần, "Lan"', email: 'lan@caoson.gov.vn' }],
        subject: 'Về việc điều hành công tác chuyển đổi số của tỉnh Cao Sơn năm 2026 và các năm tiếp theo',
        'header:X-Note:asText': 'ghi chú',
        'header:X-Raw:asText': 'a b',
        keywords: { $draft: true },
        bodyStructure: {
          type: 'multipart/mixed',
          subParts: [
            {
              type: 'multipart/alternative',
              subParts: [
                { type: 'text/plain' },
                { type: 'multipart/related', subParts: [{ type: 'text/html' }, { cid: 'p1' }] },
              ],
            },
            { name: 'Kế hoạch số 1427.pdf', disposition: 'attachment' },
          ],
        },
      });
      expect(Object.values(email!['bodyValues'] as Record<string, Answer>).map((b) => b['value'])).toEqual([
        'Dòng một\nDòng hai',
        '<img src="cid:p1">',
      ]);
      expect(email!['messageId']).toHaveLength(1);
      const raw = (await w.bytesOf(String(made(answer, 'd')['blobId']))).toString('latin1');
      // RFC 5322 §2.1.1, §2.3.
      expect(raw.split('\r\n').every((line) => line.length <= 998 && !/[\r\n]/.test(line))).toBe(true);
      expect(/[^\x00-\x7f]/.test(raw)).toBe(false);
    });
    it("a structure of one's own is kept", async () => {
      const answer = await create({
        subject: '',
        bodyStructure: {
          type: 'multipart/mixed',
          'header:X-Outer': ' 1',
          subParts: [
            { partId: 'a', type: 'text/plain', language: ['vi'] },
            { type: 'message/rfc822', blobId: `p${w.id.split('e')[1]}-3` },
          ],
        },
        bodyValues: { a: { value: 'x' } },
      });
      const [email] = list(
        await w.hung.call('Email/get', {
          ids: [made(answer, 'd')['id']],
          properties: ['bodyStructure', 'subject'],
          bodyProperties: ['type', 'language', 'header:X-Outer:asText'],
        }),
      );
      expect(email!['bodyStructure']).toMatchObject({
        'header:X-Outer:asText': '1',
        subParts: [{ language: ['vi'] }, { type: 'message/rfc822' }],
      });
    });
    it.each<[string, Answer, string, string[] | undefined]>([
      ['headers', { headers: [] }, 'invalidProperties', ['headers']],
      ['a server-set property', { blobId: 'b1', size: 3 }, 'invalidProperties', ['blobId', 'size']],
      [
        'one field by two properties',
        { subject: 'a', 'header:Subject:asText': 'b' },
        'invalidProperties',
        ['header:Subject:asText'],
      ],
      [
        'a content field of the whole',
        { 'header:Content-Type': ' text/html' },
        'invalidProperties',
        ['header:Content-Type'],
      ],
      ['a line break in a raw field', { 'header:X-A': ' a\r\nBcc: evil@x.vn' }, 'invalidProperties', ['header:X-A']],
      ['a line break in a name', { 'header:X-A\r\nBcc': ' x' }, 'invalidProperties', ['header:X-A\r\nBcc']],
      [
        'an address with a break',
        { to: [{ name: 'a', email: 'a@b.vn>\r\nBcc: x@y.vn' }] },
        'invalidProperties',
        ['to'],
      ],
      ['a message id with a break', { messageId: ['a\r\nb'] }, 'invalidProperties', ['messageId']],
      ['text that is not there', { textBody: [{ partId: 'x' }] }, 'invalidProperties', ['textBody/0/partId']],
      [
        'two text bodies',
        { textBody: [{ partId: 'a' }, { partId: 'a' }], bodyValues: { a: { value: '' } } },
        'invalidProperties',
        ['textBody'],
      ],
      [
        'lists beside a structure',
        { bodyStructure: { partId: 'a' }, textBody: [], bodyValues: { a: { value: '' } } },
        'invalidProperties',
        ['textBody'],
      ],
      ['a cut value', { bodyValues: { a: { value: '', isTruncated: true } } }, 'invalidProperties', ['bodyValues/a']],
      [
        'a name with a break in a file',
        { attachments: [{ partId: 'a', name: 'a\r\nb' }], bodyValues: { a: { value: '' } } },
        'invalidProperties',
        ['attachments/0/name'],
      ],
      [
        "an encoding of one's own",
        { textBody: [{ partId: 'a', 'header:Content-Transfer-Encoding': ' 7bit' }], bodyValues: { a: { value: '' } } },
        'invalidProperties',
        ['textBody/0/header:Content-Transfer-Encoding'],
      ],
      ['a blob that is not there', { attachments: [{ blobId: 'b1' }, { blobId: 'p1-99' }] }, 'blobNotFound', undefined],
    ])('%s is refused', async (_, object, type, properties) => {
      const error = refused(await create(object), 'notCreated', 'd');
      expect(error['type']).toBe(type);
      if (properties) expect(error['properties']).toEqual(properties);
      else expect(error['notFound']).toEqual(['b1', 'p1-99']);
    });
  });

  describe('copy', () => {
    it('goes into the unit mailbox, and the original may go', async () => {
      const nhung = w.jmap.as(w.jmap.world.people.nhung);
      const unit = `a${w.jmap.world.people.unit.accountId}`;
      const [, unitMailboxes] = (await nhung.request([['Mailbox/get', { accountId: unit }, 'c']]))[0]!;
      const unitInbox = String(list(unitMailboxes).find((m) => m['role'] === 'inbox')!['id']);
      const source = await nhung.append(mail({ From: 'x@y.vn', Subject: 'chuyển' }), 'inbox', {
        keywords: ['$flagged'],
      });
      const answers = await nhung.request([
        [
          'Email/copy',
          {
            fromAccountId: nhung.accountId,
            accountId: unit,
            create: { c: { id: source, mailboxIds: { [unitInbox]: true } } },
            onSuccessDestroyOriginal: true,
          },
          'c',
        ],
      ]);
      expect(answers.map((a) => [a[0], a[2]])).toEqual([
        ['Email/copy', 'c'],
        ['Email/set', 'c'],
      ]);
      expect(answers[1]![1]).toMatchObject({ accountId: nhung.accountId, destroyed: [source] });
      const copied = made(answers[0]![1], 'c');
      const [[, got] = ['', {}]] = await nhung.request([
        ['Email/get', { accountId: unit, ids: [copied['id']], properties: ['keywords', 'subject'] }, 'c'],
      ]);
      expect(list(got)[0]).toMatchObject({ keywords: { $flagged: true }, subject: 'chuyển' });
      expect(await nhung.error('Email/copy', { fromAccountId: nhung.accountId, create: {} })).toBe('invalidArguments');
    });
  });
});

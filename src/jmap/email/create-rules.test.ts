import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { list, made, refused } from '../testing/answers.ts';
import { mail, type Answer } from '../testing/server.ts';
import { WithLetter } from '../testing/with-letter.ts';

describe('what Email/set, import and copy must take or refuse (RFC 8621 §4.6 to §4.8)', () => {
  const w = new WithLetter();
  let drafts: string;
  beforeAll(async () => {
    await w.open();
    drafts = await w.hung.mailbox('drafts');
  });
  afterAll(() => w.dispose());

  const create = (object: Answer) =>
    w.hung.call('Email/set', { create: { d: { mailboxIds: { [drafts]: true }, ...object } } });
  const text = { bodyValues: { a: { value: 'Kính gửi' } } };
  const leaf = { partId: 'a', type: 'text/plain' };

  it.each<[string, Answer, string[]]>([
    [
      'a field of the email once more in its structure',
      { subject: 'x', bodyStructure: { ...leaf, 'header:Subject': ' y' }, ...text },
      ['bodyStructure'],
    ],
    [
      'a structure that is multipart, and names a field of the email',
      {
        from: [{ email: 'a@b.vn' }],
        bodyStructure: { type: 'multipart/mixed', 'header:from': ' y', subParts: [leaf] },
        ...text,
      },
      ['bodyStructure'],
    ],
    [
      'a field of the email once more in its only part',
      { subject: 'x', textBody: [{ ...leaf, 'header:subject:asText': 'y' }], ...text },
      ['textBody'],
    ],
    ['partId and blobId', { textBody: [{ ...leaf, blobId: 'b1' }], ...text }, ['textBody/0/partId', 'textBody']],
    ['neither partId nor blobId', { textBody: [{ type: 'text/plain' }] }, ['textBody/0/partId', 'textBody']],
    ['charset beside partId', { textBody: [{ ...leaf, charset: 'utf-8' }], ...text }, ['textBody/0/charset']],
    ['size beside partId', { textBody: [{ ...leaf, size: 3 }], ...text }, ['textBody/0/size']],
    ['a page as text', { textBody: [{ ...leaf, type: 'text/html' }], ...text }, ['textBody']],
    ['plain text as page', { htmlBody: [leaf], ...text }, ['htmlBody']],
    ['no text body at all', { textBody: [] }, ['textBody']],
    [
      'parts in what is no multipart',
      { bodyStructure: { ...leaf, subParts: [leaf] }, ...text },
      ['bodyStructure/subParts'],
    ],
    ['a multipart without parts', { bodyStructure: { type: 'multipart/mixed' } }, ['bodyStructure/subParts']],
    [
      'a multipart with a text',
      { bodyStructure: { partId: 'a', type: 'multipart/mixed', subParts: [leaf] }, ...text },
      ['bodyStructure/partId'],
    ],
    ['html beside a structure', { bodyStructure: leaf, htmlBody: [], ...text }, ['htmlBody']],
    ['files beside a structure', { bodyStructure: leaf, attachments: [], ...text }, ['attachments']],
    ['a value with a problem', { bodyValues: { a: { value: '', isEncodingProblem: true } } }, ['bodyValues/a']],
    ['a value that is no text', { bodyValues: { a: { value: 5 } } }, ['bodyValues/a']],
    [
      'a form that the field may not have',
      { 'header:Subject:asDate': '2026-01-01T00:00:00Z' },
      ['header:Subject:asDate'],
    ],
    ['a field in two forms', { 'header:To': ' a@b.vn', 'header:to:asAddresses': [] }, ['header:to:asAddresses']],
    ['one field alone and all of it', { 'header:X-A': ' 1', 'header:X-A:all': [' 2'] }, ['header:X-A:all']],
    ['the transfer encoding', { 'header:Content-Transfer-Encoding': ' 7bit' }, ['header:Content-Transfer-Encoding']],
    ['a day that no month has', { sentAt: '2026-02-30T00:00:00Z' }, ['sentAt']],
    ['an id', { id: 'e1' }, ['id']],
    ['a preview', { preview: 'x' }, ['preview']],
    ['a property that nobody knows', { nothing: null }, ['nothing']],
  ])('%s is refused', async (_, object, properties) => {
    expect(refused(await create(object), 'notCreated', 'd')).toEqual({ type: 'invalidProperties', properties });
  });

  it.each<[string, Answer | unknown[] | null, string]>([
    ['nothing', null, 'mailboxIds'],
    ['a list', [], 'mailboxIds'],
    ['no mailbox', {}, 'mailboxIds'],
    ['a mailbox that is not there', { m999: true }, 'mailboxIds'],
    ['a mailbox that was not made', { '#never': true }, 'mailboxIds'],
  ])('%s as mailboxIds is refused', async (_, mailboxIds, property) => {
    expect(refused(await create({ mailboxIds }), 'notCreated', 'd')).toMatchObject({
      type: 'invalidProperties',
      properties: [property],
    });
  });

  const rawOf = async (object: Answer): Promise<string> =>
    (await w.bytesOf(String(made(await create(object), 'd')['blobId']))).toString('latin1');
  const count = (raw: string, field: string): number => raw.match(new RegExp(`^${field}:`, 'gim'))?.length ?? 0;

  it.each<[string, Answer]>([
    ['nothing is said of them', {}],
    ['they are null', { messageId: null, sentAt: null }],
    ['they are null as header fields', { 'header:Message-ID': null, 'header:Date:asDate': null }],
    ['there are none of them', { 'header:Message-ID:all': [], 'header:Date:asDate:all': [] }],
    [
      'they are fields of the structure',
      {
        bodyStructure: { ...leaf, 'header:Message-ID': ' <x@y.vn>', 'header:Date': ' Mon, 12 Jan 2026 08:00:00 +0700' },
        ...text,
      },
    ],
  ])('a new email has one Message-ID and one Date when %s', async (_, object) => {
    const raw = await rawOf(object);
    expect([count(raw, 'Message-ID'), count(raw, 'Date'), count(raw, 'MIME-Version')]).toEqual([1, 1, 1]);
  });

  it('a list of nobody makes no field: RFC 5322 knows no empty To', async () => {
    const raw = await rawOf({
      from: [{ email: 'a@b.vn' }],
      to: [],
      cc: null,
      'header:Reply-To:asGroupedAddresses': [],
    });
    expect([count(raw, 'From'), count(raw, 'To'), count(raw, 'Cc'), count(raw, 'Reply-To')]).toEqual([1, 0, 0, 0]);
  });

  it('a blob of text keeps the charset that it is said to have', async () => {
    const blobId = await w.hung.upload(Buffer.from('C\xf4ng', 'latin1'), 'text/plain');
    const one = made(await create({ textBody: [{ blobId, type: 'text/plain', charset: 'iso-8859-1' }] }), 'd');
    const asked = { ids: [one['id']], properties: ['textBody', 'bodyValues'], fetchTextBodyValues: true };
    const [email] = list(await w.hung.call('Email/get', asked));
    expect(email).toMatchObject({
      textBody: [{ charset: 'iso-8859-1' }],
      bodyValues: { 1: { value: 'Công', isEncodingProblem: false } },
    });
    const utf8 = await w.hung.upload('Công', 'text/csv; charset=UTF-8');
    const files = [{ blobId: utf8 }, { blobId: utf8, type: 'text/csv' }, { blobId: utf8, type: 'text/plain' }];
    const other = made(await create({ attachments: files }), 'd');
    const [shown] = list(await w.hung.call('Email/get', { ids: [other['id']], properties: ['attachments'] }));
    const charsets = (shown?.['attachments'] as Answer[]).map((part) => part['charset']);
    expect(charsets).toEqual(['utf-8', 'utf-8', 'us-ascii']);
    const wrong = { attachments: [{ blobId, type: 'text/plain', charset: 'a b\r\nX: y' }] };
    expect(refused(await create(wrong), 'notCreated', 'd')['properties']).toEqual(['attachments/0/charset']);
  });

  it('an import without receivedAt came when its last server received it', async () => {
    const received = (date: string) => `from a by b; ${date}`;
    const old = mail({ Received: received('Tue, 3 Mar 2020 10:00:00 +0700'), From: 'a@b.vn' });
    const times = Buffer.concat([
      Buffer.from(`Received: ${received('Wed, 4 Mar 2020 10:00:00 +0700 (ICT; x)')}\r\n`),
      old,
    ]);
    const imported = async (bytes: Uint8Array): Promise<unknown> => {
      const emails = { k: { blobId: await w.hung.upload(bytes), mailboxIds: { [drafts]: true } } };
      const { id } = made(await w.hung.call('Email/import', { emails }), 'k');
      return list(await w.hung.call('Email/get', { ids: [id], properties: ['receivedAt'] }))[0]?.['receivedAt'];
    };
    expect(await imported(times)).toBe('2020-03-04T03:00:00Z');
    const now = new Date(w.jmap.world.clock.now()).toISOString().slice(0, 10);
    expect(await imported(mail({ From: 'a@b.vn' }))).toContain(now);
    expect(await imported(mail({ Received: 'no date at all', From: 'a@b.vn' }))).toContain(now);
  });
});

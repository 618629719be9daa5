import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, EmailId, MailboxId, ModSeq } from '../base/ids.ts';
import { message, openStore, type TestStore } from './testing/setup.ts';
import type { EmailFilter, EmailSort } from './types.ts';

const day = (n: number) => Date.UTC(2026, 0, n);
const word = (text: string) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;

describe.each(dialects)('a query on $dialect', ({ open }) => {
  let t: TestStore;
  let id: AccountId;
  let inbox: MailboxId;
  let archive: MailboxId;
  const ids = new Map<string, EmailId>();
  beforeAll(async () => {
    t = await openStore(open);
    id = await t.account();
    inbox = await t.role(id, 'inbox');
    archive = await t.role(id, 'archive');
    const put = async (
      name: string,
      at: number,
      bytes: Uint8Array,
      mailboxIds: MailboxId[],
      keywords: string[] = [],
    ) => {
      const prepared = await t.store.prepare(bytes);
      const { emailId } = await t.store.write(id, (w) =>
        w.append(prepared, { mailboxIds, keywords, receivedAt: day(at) }),
      );
      ids.set(name, emailId);
    };
    const hung = `${word('Nguyễn Văn Hùng')} <hungnv@caoson.gov.vn>`;
    const root = { 'Message-ID': '<root@x>', Subject: word('Điều hành công việc'), From: hung };
    await put('root', 1, message(root, 'Triển khai nhiệm vụ năm 2026.'), [inbox], ['$seen']);
    const reply = {
      Subject: `Re: ${word('Điều hành công việc')}`,
      References: '<root@x>',
      From: 'Lan <lan@so.vn>',
      Cc: hung,
    };
    await put('reply', 3, message(reply, 'Nhất trí.'), [inbox], ['$flagged', 'viec_gap']);
    await put(
      'other',
      2,
      message(
        { Subject: 'An toan 100%', From: 'zed@z.vn', 'X-Loai': word('Khẩn cấp'), 'X-Spam-Score': '4.2' },
        'x'.repeat(5000),
      ),
      [inbox, archive],
    );
    await put(
      'old',
      0,
      message({ Subject: 'Bao cao 1427/UBND-KGVX', From: 'Bac <bac@x.vn>', Date: 'Sun, 11 Jan 2015 08:00:00 +0700' }),
      [archive],
      ['vieclgap'],
    );
  });
  afterAll(() => t.dispose());

  const names = (found: EmailId[]) => found.map((e) => [...ids].find(([, i]) => i === e)?.[0]);
  const find = async (filter: EmailFilter, sort?: EmailSort[]) =>
    names(await t.store.read(id).query({ filter, sort: sort ?? [{ property: 'receivedAt', isAscending: true }] }));

  const cases: [string, EmailFilter | (() => EmailFilter), string[]][] = [
    ['a mailbox', () => ({ inMailbox: archive }), ['old', 'other']],
    ['anywhere but a mailbox', () => ({ inMailboxOtherThan: [inbox] }), ['old', 'other']],
    ['arrival before and after', { after: day(1), before: day(3) }, ['root', 'other']],
    ['arrival within a mailbox', () => ({ inMailbox: inbox, after: day(2) }), ['other', 'reply']],
    ['the Date header', { sentBefore: Date.UTC(2020, 0, 1) }, ['old']],
    ['the Date header since', { sentSince: Date.UTC(2020, 0, 1) }, ['root', 'other', 'reply']],
    ['size', { minSize: 5000 }, ['other']],
    ['a common keyword', { hasKeyword: '$Seen' }, ['root']],
    ['a lacking keyword', { notKeyword: '$seen' }, ['old', 'other', 'reply']],
    ['a keyword with _, which is no wildcard', { hasKeyword: 'viec_gap' }, ['reply']],
    ['a keyword on some email of the thread', { someInThreadHaveKeyword: '$seen' }, ['root', 'reply']],
    ['a keyword on all emails of the thread', { allInThreadHaveKeyword: '$seen' }, []],
    ['a keyword on no email of the thread', { noneInThreadHaveKeyword: '$flagged' }, ['old', 'other']],
    ['text without marks, đ too', { text: 'dieu hanh' }, ['root', 'reply']],
    ['text with marks', { text: 'Triển khai' }, ['root']],
    ['text of people', { text: 'nguyen van hung' }, ['root', 'reply']],
    ['a document number', { text: '1427 ubnd kgvx' }, ['old']],
    ['an unfinished last word', { text: 'trie' }, ['root']],
    ['only punctuation', { text: '--' }, []],
    ['nothing typed', { text: ' ' }, ['old', 'root', 'other', 'reply']],
    ['body only', { body: 'dieu' }, []],
    ['From without marks', { from: 'hùng' }, ['root']],
    ['From by part of the address', { from: 'ngnv@cao' }, ['root']],
    ['Cc', { cc: 'nguyen hung' }, ['reply']],
    ['To', { to: 'lantt' }, ['old', 'root', 'other', 'reply']],
    ['Bcc', { bcc: 'a' }, []],
    ['part of a subject word', { subject: 'công vi' }, ['root', 'reply']],
    ['a percent sign in the subject', { subject: '0%' }, ['other']],
    ['a header that is there', { header: ['X-Loai'] }, ['other']],
    ['a header value, decoded, case aside', { header: ['x-loai', 'KHẨN'] }, ['other']],
    ['a header value that is not there', { header: ['x-loai', 'thường'] }, []],
    ['a header that every message has', { header: ['Subject'] }, ['old', 'root', 'other', 'reply']],
    ['a header that servers write', { header: ['X-Spam-Score', '4.'] }, ['other']],
    ['a header that servers write, there at all', { header: ['X-Spam-Score'] }, ['other']],
    ['a header that servers write, with another value', { header: ['X-Spam-Score', '5.'] }, []],
    ['a Message-ID', { header: ['Message-ID', 'ROOT@x'] }, ['root']],
    ['References', { header: ['References', '<root@x>'] }, ['reply']],
    [
      'AND of plain and header',
      { operator: 'AND', conditions: [{ hasKeyword: '$seen' }, { header: ['Message-ID', 'root@x'] }] },
      ['root'],
    ],
    ['NOT header', { operator: 'NOT', conditions: [{ header: ['X-Loai'] }] }, ['old', 'root', 'reply']],
    ['OR', { operator: 'OR', conditions: [{ hasKeyword: '$seen' }, { minSize: 5000 }] }, ['root', 'other']],
    [
      'NOT of several: none may match',
      { operator: 'NOT', conditions: [{ hasKeyword: '$seen' }, { hasKeyword: '$flagged' }] },
      ['old', 'other'],
    ],
    [
      'nested',
      { operator: 'AND', conditions: [{ text: 'dieu' }, { operator: 'NOT', conditions: [{ hasKeyword: '$seen' }] }] },
      ['reply'],
    ],
    ['an empty AND', { operator: 'AND', conditions: [] }, ['old', 'root', 'other', 'reply']],
    ['an empty OR', { operator: 'OR', conditions: [] }, []],
    [
      'two mailboxes at once',
      () => ({ operator: 'AND', conditions: [{ inMailbox: inbox }, { inMailbox: archive }] }),
      ['other'],
    ],
    ['given ids', () => ({ emailIds: [ids.get('old')!, 77 as EmailId] }), ['old']],
    ['attachments', { hasAttachment: true }, []],
    ['no document', { hasDocument: false, isSigned: false }, ['old', 'root', 'other', 'reply']],
  ];
  it.each(cases)('finds by %s', async (_, filter, expected) => {
    expect(await find(typeof filter === 'function' ? filter() : filter)).toEqual(expected);
  });

  const sorts: [string, EmailSort[], string[]][] = [
    ['size', [{ property: 'size', isAscending: false }], ['other']],
    ['sentAt', [{ property: 'sentAt', isAscending: true }], ['old']],
    ['from', [{ property: 'from', isAscending: true }], ['old', 'reply', 'root', 'other']],
    ['subject', [{ property: 'subject', isAscending: true }], ['other', 'old', 'root', 'reply']],
    [
      'a keyword, then arrival',
      [
        { property: 'hasKeyword', keyword: '$flagged', isAscending: false },
        { property: 'receivedAt', isAscending: true },
      ],
      ['reply', 'old', 'root', 'other'],
    ],
    [
      'a keyword in the thread',
      [
        { property: 'someInThreadHaveKeyword', keyword: '$seen', isAscending: false },
        { property: 'receivedAt', isAscending: false },
      ],
      ['reply', 'root', 'other', 'old'],
    ],
  ];
  it.each(sorts)('sorts by %s', async (_, sort, first) => {
    expect((await find({}, sort)).slice(0, first.length)).toEqual(first);
  });

  it('collapses threads to the first email of each, also under a limit', async () => {
    const read = t.store.read(id);
    expect(names(await read.query({ collapseThreads: true }))).toEqual(['reply', 'other', 'old']);
    expect(names(await read.query({ filter: { inMailbox: inbox }, collapseThreads: true }, { limit: 2 }))).toEqual([
      'reply',
      'other',
    ]);
    expect(await read.query({}, { limit: 0 })).toEqual([]);
  });

  it('refuses a filter that is too large, too deep or makes no sense', async () => {
    const read = t.store.read(id);
    const many: EmailFilter = { operator: 'OR', conditions: Array.from({ length: 500 }, () => ({ text: 'a' })) };
    let deep: EmailFilter = { text: 'a' };
    for (let i = 0; i < 100; i++) deep = { operator: 'NOT', conditions: [deep] };
    for (const filter of [many, deep])
      await expect(read.query({ filter })).rejects.toMatchObject({ code: 'mail.filter_invalid' });
    await expect(read.query({ filter: { hasKeyword: 'a b' } })).rejects.toMatchObject({ code: 'mail.keyword_invalid' });
    await expect(read.query({ sort: [{ property: 'hasKeyword', isAscending: true }] })).rejects.toMatchObject({
      kind: 'invalid',
    });
    const inUnit = t.store.write(id, (w) => w.query({ filter: { header: ['X-Loai'] } }));
    await expect(inUnit).rejects.toMatchObject({ code: 'mail.filter_invalid' });
  });

  it('of very many words is answered or refused, and never fails', async () => {
    const read = t.store.read(id);
    const typed = (n: number, word: (i: number) => string) => Array.from({ length: n }, (_, i) => word(i)).join(' ');
    const refused = { code: 'mail.filter_invalid' };
    for (const text of [typed(1001, (i) => `w${i}`), typed(1001, () => '-'), 'a.'.repeat(10_000)]) {
      for (const filter of [
        { subject: text },
        { text },
        { body: `"${text}"` },
        { header: ['Subject', text] as [string, string] },
      ])
        await expect(read.query({ filter })).rejects.toMatchObject(refused);
    }
    const half: EmailFilter = { from: typed(251, () => 'a') };
    await expect(read.query({ filter: { operator: 'OR', conditions: [half, half] } })).rejects.toMatchObject(refused);
    for (const filter of [{ subject: typed(500, (i) => `w${i}`) }, { text: typed(500, (i) => `w${i}`) }])
      expect(await read.query({ filter })).toEqual([]);
    expect(await read.query({ filter: { subject: typed(250, () => 'điều hành') } })).toHaveLength(2);
    // IMAP has keys of any length: the index is asked for their beginning, the text decides.
    const long = typed(1200, (i) => `t${i}`);
    const longMail = await t.store.prepare(message({}, long.replace(/((?:\S+ ){20})/g, '$1\r\n')));
    const { emailId } = await t.store.write(id, (w) => w.append(longMail, { mailboxIds: [archive] }));
    const uid = (await read.placed(archive, { emailId }))[0]!.uid;
    expect(await read.uidsWithText(archive, { in: 'body', text: long })).toEqual([uid]);
    expect(await read.uidsWithText(archive, { in: 'body', text: `${long} t1200` })).toEqual([]);
    for (const text of ['ộ'.repeat(20_000), typed(4000, () => 'công'), 'a '.repeat(10_000)])
      expect(await read.uidsWithText(archive, { in: 'body', text })).toEqual([]);
    const tooLong = read.uidsWithText(archive, { in: 'text', text: 'a'.repeat(20_001) });
    await expect(tooLong).rejects.toMatchObject(refused);
    await t.store.write(id, (w) => w.destroyEmails([emailId]));
  });

  it('finds what servers wrote at the end of however long a header, in a copy as well, and not below it', async () => {
    const read = t.store.read(id);
    for (const lines of [0, 200, 1500]) {
      const long = Object.fromEntries(Array.from({ length: lines }, (_, i) => [`X-Dai-${i}`, 'x'.repeat(60)]));
      const mail = await t.store.prepare(
        message({ ...long, 'X-Spam-Report': `het ${lines}.` }, 'X-Spam-Report: than.'),
      );
      const { emailId } = await t.store.write(id, (w) => w.append(mail, { mailboxIds: [archive] }));
      const [copied] = await t.store.write(id, (w) => w.copy([emailId], archive));
      const both = [emailId, copied!.emailId];
      const uids = (await read.placed(archive)).filter((row) => both.includes(row.emailId)).map((row) => row.uid);
      const found = async (text: string) =>
        (await read.uidsWithText(archive, { in: 'header', field: 'x-spam-report', text })).sort((a, b) => a - b);
      expect([await found(`het ${lines}.`), await found('than.')]).toEqual([uids, []]);
      await t.store.write(id, (w) => w.destroyEmails(both));
    }
  });

  it('takes octets that no text has for what they are stored as', async () => {
    const read = t.store.read(id);
    for (const text of ['\0', 'a\0b', 'công\0văn', '"\0"', '\ud800', 'a\udc00 ộ\ud800']) {
      for (const field of ['subject', 'from', 'to', 'cc', 'bcc', 'text', 'body'] as const)
        expect(await read.query({ filter: { [field]: text } })).toEqual([]);
      for (const name of ['Subject', 'From', 'X-Loai', 'Received', 'X\0'])
        expect(await read.query({ filter: { header: [name, text] } })).toEqual([]);
    }
  });

  it('finds a copy by the same text, and still after its source is gone', async () => {
    const [copied] = await t.store.write(id, (w) => w.copy([ids.get('old')!], inbox));
    const read = t.store.read(id);
    expect(new Set(await read.query({ filter: { text: '1427' } }))).toEqual(new Set([ids.get('old'), copied!.emailId]));
    await t.store.write(id, (w) => w.destroyEmails([ids.get('old')!]));
    expect(await read.query({ filter: { text: '1427' } })).toEqual([copied!.emailId]);
    await t.store.write(id, (w) => w.destroyEmails([copied!.emailId]));
    expect(await read.query({ filter: { text: '1427' } })).toEqual([]);
    expect(await t.findings()).toEqual([]);
  });

  it('finds what changed since a mod-sequence, \\Deleted too within a mailbox', async () => {
    const read = t.store.read(id);
    const { modseq } = await read.info();
    await t.store.write(id, (w) => w.setDeleted(inbox, [1], true));
    const minModseq = (modseq + 1) as ModSeq;
    expect(names(await read.query({ filter: { inMailbox: inbox, minModseq } }))).toEqual(['root']);
    expect(await read.query({ filter: { minModseq } })).toEqual([]);
  });
});

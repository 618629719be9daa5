/** SORT and THREAD over the real store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

describe.each(dialects)('SORT and THREAD ($dialect)', ({ open }) => {
  let test: TestServer;
  let c: Dialogue;
  beforeAll(async () => {
    test = await startServer(open);
    c = await test.client();
    const add = (subject: string, change: Record<string, string>, day: number, fields = ''): Promise<string[]> => {
      let text = mail(subject, change['body'] ?? 'x', fields);
      if (change['from'] !== undefined) text = text.replace(/^From: .*\r\n/, change['from']);
      if (change['date'] !== undefined) text = text.replace(/Date: .*\r\n/, change['date']);
      return c.ok(`APPEND INBOX "${String(day)}-Jan-2026 08:00:00 +0000" `, text);
    };
    await add('Công văn', { from: 'From: "Zung" <an@x.vn>\r\n' }, 13, 'Cc: binh@x.vn\r\n');
    await add('Re: cong van', { from: 'From: chi@x.vn\r\n', date: 'Date: Thu, 8 Jan 2026 01:00:00 +0700\r\n' }, 12);
    await add(
      'Trả lời: CÔNG VĂN',
      { from: 'From: "Anh" <zung@x.vn>\r\n', date: '' },
      11,
      'In-Reply-To: <Cngvn@caoson.gov.vn>\r\n',
    );
    await add('bao cao', { from: '', body: 'y'.repeat(500) }, 14, 'Cc: An <AN@x.vn>\r\n');
    await c.ok('SELECT INBOX');
  });
  afterAll(() => test.dispose());

  it.each([
    ['(ARRIVAL) UTF-8 ALL', '3 2 1 4'],
    ['(REVERSE ARRIVAL) UTF-8 ALL', '4 1 2 3'],
    // The third has no Date: its arrival counts. The first and fourth name the same instant: by number.
    ['(DATE) UTF-8 ALL', '2 3 1 4'],
    ['(REVERSE DATE) UTF-8 ALL', '1 4 3 2'],
    ['(FROM) UTF-8 ALL', '4 1 2 3'],
    ['(DISPLAYFROM) UTF-8 ALL', '4 3 2 1'],
    ['(CC FROM) UTF-8 ALL', '2 3 4 1'],
    ['(TO) US-ASCII ALL', '1 2 3 4'],
    ['(DISPLAYTO REVERSE SIZE) UTF-8 4', '4'],
    // "Công" and "Trả lời: CÔNG" are the same base subject; "cong" comes before both.
    ['(SUBJECT) UTF-8 ALL', '4 2 1 3'],
    ['(SUBJECT DATE) UTF-8 ALL', '4 2 3 1'],
    ['(REVERSE SIZE) UTF-8 NOT 1:3', '4'],
    ['(DATE) UTF-8 SUBJECT "khong co"', ''],
  ])('SORT %s', async (args, numbers) => {
    expect(await c.ok(`SORT ${args}`)).toEqual([`* SORT ${numbers}`.trim()]);
  });

  it.each([
    ['REFERENCES UTF-8 ALL', '(2)(1 3)(4)'],
    ['ORDEREDSUBJECT UTF-8 ALL', '(2)(3 1)(4)'],
    ['REFERENCES UTF-8 SUBJECT "khong co"', ''],
  ])('THREAD %s', async (args, expected) => {
    expect(await c.ok(`THREAD ${args}`)).toEqual([`* THREAD ${expected}`.trim()]);
  });

  it('UIDs, MODSEQ and other charsets', async () => {
    await c.ok('CREATE Khac');
    await c.ok('MOVE 1 Khac');
    expect(await c.ok('UID SORT (ARRIVAL) UTF-8 ALL')).toEqual(['* SORT 3 2 4']);
    expect(await c.ok('SORT (ARRIVAL) UTF-8 ALL')).toEqual(['* SORT 2 1 3']);
    expect(await c.ok('UID THREAD ORDEREDSUBJECT UTF-8 ALL')).toEqual(['* THREAD (2)(3)(4)']);
    expect((await c.ok('SORT (ARRIVAL) UTF-8 MODSEQ 1')).at(-1)).toMatch(/^\* SORT 2 1 3 \(MODSEQ \d+\)$/);
    expect((await c.run('SORT (ARRIVAL) KOI8-R ALL')).text).toMatch(/^NO \[BADCHARSET/);
    expect((await c.run('THREAD REFERENCES KOI8-R ALL')).text).toMatch(/^NO \[BADCHARSET/);
    expect((await c.run('SORT (ARRIVAL) UTF-8 99')).status).toBe('BAD');
    expect((await c.run('THREAD REFS UTF-8 ALL')).status).toBe('BAD');
  });

  it('an id is the same quoted or not (RFC 5256 §3)', async () => {
    await c.ok('CREATE Trich');
    const add = (name: string, fields: string) =>
      c.ok('APPEND Trich ', mail(name).replace(/Message-ID: .*\r\n/, fields));
    await add('mot', 'Message-ID: <"01KF8JCEOCBS0045PS"@xxx.yyy.com>\r\n');
    await add('hai', 'Message-ID: <b@x>\r\nReferences: <01KF8JCEOCBS0045PS@xxx.yyy.com>\r\n');
    await add('ba', 'Message-ID: <c@x>\r\nIn-Reply-To: <"b\\@"@x> <b@x>\r\n');
    await add('bon', 'Message-ID: <d@x>\r\nReferences: <"b"@x>\r\n');
    await c.ok('SELECT Trich');
    expect(await c.ok('THREAD REFERENCES UTF-8 ALL')).toEqual(['* THREAD (1 2 4)(3)']);
    await c.ok('SELECT INBOX');
  });

  it('what another client takes out keeps its number until NOOP, and is not named', async () => {
    const a = await test.client();
    await c.ok('CREATE Chung');
    for (const name of ['mot', 'hai', 'ba']) await c.ok('APPEND Chung ', mail(name));
    await a.ok('SELECT Chung');
    await c.ok('SELECT Chung');
    await c.ok('STORE 2 +FLAGS (\\Deleted)');
    await c.ok('EXPUNGE');
    expect(
      (await a.ok('SORT (REVERSE ARRIVAL) UTF-8 ALL')).filter((l) => l.includes('EXPUNGE') || l.includes('SORT')),
    ).toEqual(['* SORT 1 3']);
    expect(await a.ok('NOOP')).toEqual(['* 2 EXPUNGE']);
    await c.ok('SELECT INBOX');
  });

  it('more messages than are read at once', async () => {
    await c.ok('CREATE Nhieu');
    const days = Array.from({ length: 260 }, (_, i) => 1 + ((i * 7) % 28));
    const dated = (day: number) => mail(`s${day}`).replace(/Date: .*/, `Date: ${day} Feb 2026 12:00:00 +0700`);
    const literal = (text: string) => ` {${Buffer.byteLength(text)}+}\r\n${text}`;
    c.raw(`many APPEND Nhieu${days.map((day) => literal(dated(day))).join('')}\r\n`);
    expect((await c.until('many')).status).toBe('OK');
    await c.ok('SELECT Nhieu');
    const all = [...days.keys()];
    const byDay = all.toSorted((a, b) => (days[a] ?? 0) - (days[b] ?? 0));
    const numbers = (list: number[]) => list.map((i) => i + 1).join(' ');
    expect(await c.ok('SORT (DATE) UTF-8 ALL')).toEqual([`* SORT ${numbers(byDay)}`]);
    const late = (i: number) => (days[i] ?? 0) >= 20;
    expect(await c.ok('SORT (DATE) UTF-8 SENTSINCE 20-Feb-2026')).toEqual([`* SORT ${numbers(byDay.filter(late))}`]);
    expect(await c.ok('SEARCH NOT SENTBEFORE 20-Feb-2026')).toEqual([`* SEARCH ${numbers(all.filter(late))}`]);
    await c.ok('SELECT INBOX');
  });

  it('sortMessages: more at once are refused', async () => {
    const small = await test.another({ sortMessages: 2 });
    const d = await small.client();
    await d.ok('SELECT INBOX');
    expect((await d.run('SORT (DATE) UTF-8 ALL')).text).toMatch(/^NO \[LIMIT\]/);
    expect((await d.run('THREAD REFERENCES UTF-8 ALL')).text).toMatch(/^NO \[LIMIT\]/);
    expect((await d.ok('SORT (DATE) UTF-8 1:2'))[0]).toMatch(/^\* SORT /);
    expect((await d.ok('CAPABILITY'))[0]).toContain(' SORT SORT=DISPLAY THREAD=ORDEREDSUBJECT THREAD=REFERENCES');
    await small.dispose();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

describe('SEARCH', () => {
  let test: TestServer;
  let c: Dialogue;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase);
    c = await test.client();
    const html = mail('ba', '<p>C&ocirc;ng v&#259;n <b>khẩn</b></p>').replace('text/plain', 'text/html');
    await c.ok(
      'APPEND INBOX (\\Seen) "12-Jan-2026 08:00:00 +0700" ',
      mail('mot', 'Công văn số 1427/UBND-KGVX', 'Cc: Tran <lan@x.vn>\r\nX-Ho-So: 2026/A\r\n'),
    );
    await c.ok(
      'APPEND INBOX (\\Flagged $Forwarded) "13-Jan-2026 23:30:00 +0000" ',
      mail('=?UTF-8?B?R2nhuqV5IG3hu51p?=', 'documentation'),
    );
    await c.ok('APPEND INBOX (\\Deleted) ', html);
    await c.ok(
      'APPEND INBOX ',
      mail('bon', 'x'.repeat(5000)).replace('12 Jan 2026 08:00:00 +0700', '13 Jan 2026 01:00:00 +0700'),
    );
    await c.ok('SELECT INBOX');
  });
  afterAll(() => test.dispose());
  const found = async (program: string): Promise<number[]> => {
    const [line] = await c.ok(`SEARCH ${program}`);
    return (line ?? '')
      .replace('* SEARCH', '')
      .replace(/ \(MODSEQ \d+\)$/, '')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
  };

  it.each([
    ['ALL', [1, 2, 3, 4]],
    ['SEEN', [1]],
    ['UNSEEN UNDELETED', [2, 4]],
    ['KEYWORD $FORWARDED', [2]],
    ['UNKEYWORD $Forwarded NOT DELETED', [1, 4]],
    ['NEW', [2, 3, 4]],
    ['OLD', []],
    ['2:3', [2, 3]],
    ['UID 4:*', [4]],
    ['OR SEEN FLAGGED', [1, 2]],
    ['NOT (OR SEEN FLAGGED)', [3, 4]],
    ['ON 12-Jan-2026', [1]],
    ['BEFORE 13-Jan-2026', [1]],
    ['SINCE 13-Jan-2026', [2, 3, 4]],
    ['SENTON 13-Jan-2026', [4]],
    ['SENTBEFORE 13-Jan-2026', [1, 2, 3]],
    ['SENTSINCE 13-Jan-2026', [4]],
    ['LARGER 3000', [4]],
    ['SMALLER 3000', [1, 2, 3]],
    ['YOUNGER 60', [3, 4]],
    ['OLDER 60', [1, 2]],
    ['FROM hungnv', [1, 2, 3, 4]],
    ['FROM "van hung"', [1, 2, 3, 4]],
    ['CC tran', [1]],
    ['BCC x', []],
    ['TO lantt', [1, 2, 3, 4]],
    ['SUBJECT "giay moi"', [2]],
    ['SUBJECT "GIẤY"', [2]],
    ['BODY "cong van"', [1, 3]],
    ['BODY "công văn"', [1, 3]],
    ['BODY 1427/UBND', [1]],
    ['BODY ument', [2]],
    ['BODY khan', [3]],
    ['BODY "ông vă"', [1, 3]],
    ['BODY "cộng văn"', []],
    ['BODY "công  văn"', [1, 3]],
    ['BODY "n số"', [1]],
    ['BODY "CÔNG VĂN SỐ"', [1]],
    ['BODY "cong, van"', []],
    ['BODY 1427/UBND-KG', [1]],
    ['BODY 27/ubnd-k', [1]],
    ['BODY "1427 UBND"', []],
    ['BODY ""', [1, 2, 3, 4]],
    ['BODY /', [1]],
    ['TEXT --', []],
    ['TEXT mot@', [1]],
    ['TEXT 2026/a', [1]],
    ['TEXT mot@caoson', [1]],
    ['HEADER X-Ho-So ""', [1]],
    ['HEADER x-ho-so 2026/a', [1]],
    ['HEADER X-Ho-So 2027', []],
    ['HEADER Date Jan', [1, 2, 3, 4]],
    ['HEADER Received ""', []],
    ['BODY khongcodau NOT SEEN', []],
    ['SEEN BODY cong OR FLAGGED SUBJECT mot', [1]],
  ])('%s', async (program, expected) => expect(await found(program)).toEqual(expected));

  it('answers UIDs, and takes search words as literals and in a charset', async () => {
    expect(await c.ok('UID SEARCH FLAGGED')).toEqual(['* SEARCH 2']);
    expect(await c.ok('SEARCH CHARSET UTF-8 SUBJECT ', 'mời')).toEqual(['* SEARCH 2']);
    expect((await c.run('SEARCH CHARSET KOI8-R ALL')).text).toMatch(/^NO \[BADCHARSET \(US-ASCII UTF-8\)\]/);
    expect((await c.run('SEARCH 9')).status).toBe('BAD');
  });

  it('gives minimum, maximum, count and all on request', async () => {
    const [line] = await c.ok('UID SEARCH RETURN (MIN MAX COUNT ALL) NOT SEEN');
    expect(line).toMatch(/^\* ESEARCH \(TAG "t\d+"\) UID MIN 2 MAX 4 COUNT 3 ALL 2:4$/);
    expect((await c.ok('SEARCH RETURN (MIN COUNT) BCC x'))[0]).toMatch(/^\* ESEARCH \(TAG "t\d+"\) COUNT 0$/);
    expect((await c.ok('SEARCH RETURN () 1:2'))[0]).toMatch(/ALL 1:2$/);
  });

  it('keeps a result for "$"', async () => {
    expect(await c.ok('SEARCH RETURN (SAVE) UNSEEN')).toEqual([]);
    expect(await c.ok('SEARCH RETURN (SAVE COUNT) $ FLAGGED')).toEqual([expect.stringMatching(/COUNT 1$/)]);
    expect(await c.ok('FETCH $ (UID)')).toEqual(['* 2 FETCH (UID 2)']);
    expect((await c.run('SEARCH RETURN (SAVE) CHARSET X ALL')).status).toBe('NO');
    await c.ok('SEARCH RETURN (SAVE MAX) ALL');
    expect(await c.ok('FETCH $ (UID)')).toEqual(['* 4 FETCH (UID 4)']);
  });

  it('finds by mod-sequence and by id, and tells the highest', async () => {
    const id = (await c.ok('FETCH 2 (EMAILID MODSEQ)')).at(-1);
    const [, emailId, modseq] = /EMAILID \((\w+)\) MODSEQ \((\d+)\)/.exec(id ?? '') ?? [];
    expect(await found(`EMAILID ${emailId}`)).toEqual([2]);
    expect(await c.ok(`SEARCH MODSEQ ${modseq} FLAGGED`)).toEqual([`* SEARCH 2 (MODSEQ ${modseq})`]);
  });

  it('answers in the extended form once rev2 is on', async () => {
    const two = await test.client();
    await two.ok('ENABLE IMAP4rev2');
    await two.ok('SELECT INBOX');
    expect(await two.ok('SEARCH SEEN')).toEqual([expect.stringMatching(/^\* ESEARCH \(TAG "t\d+"\) ALL 1$/)]);
  });
});

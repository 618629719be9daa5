/**
 * What phones and mail programs that cannot run here are known to send, word for word, and where other servers were
 * found wanting: each line is answered as the program needs it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import type { Dialogue } from './testing/dialogue.ts';
import { mail, SHARED, startServer, type TestServer } from './testing/setup.ts';

let test: TestServer;
let c: Dialogue;
const MESSAGE = mail('mot', 'Nội dung một');
const UID_VALIDITY = async () => /UIDVALIDITY (\d+)/.exec((await c.ok('STATUS INBOX (UIDVALIDITY)'))[0] ?? '')?.[1];

beforeAll(async () => {
  test = await startServer(sqliteDatabase);
  c = await test.client();
  for (const n of [1, 2, 3]) await c.ok(`APPEND INBOX "0${n}-Nov-2026 08:00:00 +0700" `, MESSAGE);
});
afterAll(() => test.dispose());

describe('Outlook for Windows', () => {
  it('reads messages by RFC822.PEEK, which leaves them unread', async () => {
    await c.ok('SELECT "INBOX"');
    expect(await c.ok('UID FETCH 1:* (UID FLAGS)')).toHaveLength(3);
    const [whole = ''] = await c.ok('UID fetch 1 (UID RFC822.SIZE RFC822.peek)');
    expect(whole).toContain(`UID 1 RFC822.SIZE ${Buffer.byteLength(MESSAGE)} RFC822 {${Buffer.byteLength(MESSAGE)}}`);
    expect((await c.ok('UID FETCH 1 (RFC822.TEXT.PEEK)'))[0]).toContain('RFC822.TEXT {');
    expect(await c.ok('UID FETCH 1 (FLAGS)')).toEqual(['* 1 FETCH (UID 1 FLAGS ())']);
    await c.ok('UID FETCH 2 (RFC822)');
    expect(await c.ok('UID FETCH 2 (FLAGS)')).toEqual(['* 2 FETCH (UID 2 FLAGS (\\Seen))']);
    await c.ok('UID STORE 2 -FLAGS.SILENT (\\Seen)');
  });
  it('asks for header fields that no message has, beside the envelope', async () => {
    const [first = ''] = await c.ok(
      'UID FETCH 1:3 (BODY.PEEK[HEADER.FIELDS (References X-Ref X-Priority X-MSMail-Priority X-MSOESRec Newsgroups)] ENVELOPE RFC822.SIZE UID FLAGS INTERNALDATE)',
    );
    expect(first).toContain('X-MSOESRec Newsgroups)] {2}\r\n\r\n ENVELOPE (');
  });
  it('files what it sent in a folder of its own words, which it makes when told that there is none', async () => {
    expect((await c.run('APPEND "Sent Items" (\\Seen) ', MESSAGE)).text).toMatch(/^NO \[TRYCREATE\]/);
    await c.ok('CREATE "Sent Items"');
    await c.ok('SUBSCRIBE "Sent Items"');
    await c.ok('APPEND "Sent Items" (\\Seen) ', MESSAGE);
    await c.ok('DELETE "Sent Items"');
    await c.ok('UNSUBSCRIBE "Sent Items"');
  });
});

describe('Mail of iPhone and Mac', () => {
  it('sends commands ahead of the answers, DONE of an IDLE too', async () => {
    c.raw('A3 NAMESPACE\r\nA4 LIST "" "*" RETURN (SPECIAL-USE)\r\n');
    expect((await c.until('A3')).lines).toEqual([
      '* NAMESPACE (("" "/")) NIL (("H&Htk-p th&AbA- &AREBoQ-n v&Hss-/" "/"))',
    ]);
    expect((await c.until('A4')).lines).toContainEqual(expect.stringMatching(/\\Trash\) "\/"/));
    c.raw('A5 SELECT INBOX (CONDSTORE)\r\nA6 IDLE\r\nDONE\r\nA7 IDLE\r\n');
    expect((await c.until('A5')).status).toBe('OK');
    expect((await c.until('A6')).text).toMatch(/^OK/);
    expect(await c.line()).toMatch(/^\+ /);
    c.raw('DONE\r\nA8 UID SEARCH 1:* NOT DELETED\r\n');
    expect((await c.until('A7')).status).toBe('OK');
    expect((await c.until('A8')).lines).toEqual(['* SEARCH 1 2 3']);
  });
  it('may send a line end too many before a command: nothing is said to it', async () => {
    c.raw('\r\nB1 NOOP\r\n\r\n\r\nB2 NOOP\r\n');
    expect(await c.until('B1')).toEqual({ lines: [], status: 'OK', text: 'OK done' });
    expect(await c.until('B2')).toEqual({ lines: [], status: 'OK', text: 'OK done' });
  });
  it('asks for changes since 0 on a mailbox that it knew before it heard of mod-sequences', async () => {
    const { lines } = await c.run('UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)');
    expect(lines.filter((line) => line.includes('FETCH'))).toHaveLength(3);
  });
  it('finds its marks again as it wrote them', async () => {
    await c.ok('UID STORE 2 +FLAGS.SILENT (\\Flagged $MailFlagBit0 $MailFlagBit2 $NotJunk NotJunk JunkRecorded)');
    expect((await c.ok('UID FETCH 2 (FLAGS)'))[0]).toContain(
      'FLAGS (\\Flagged $MailFlagBit0 $MailFlagBit2 $NotJunk JunkRecorded NotJunk)',
    );
    expect(await c.ok('UID SEARCH KEYWORD $MailFlagBit2')).toEqual(['* SEARCH 2']);
    const told = (await c.ok('SELECT INBOX')).find((line) => line.startsWith('* FLAGS'));
    expect(told).toContain(' $MailFlagBit0 $MailFlagBit2 JunkRecorded NotJunk)');
    await c.ok('UID STORE 2 FLAGS.SILENT ()');
  });
  it('comes back to a mailbox by QRESYNC, with what it knows', async () => {
    await c.ok('ENABLE QRESYNC');
    const { lines } = await c.run(`SELECT INBOX (QRESYNC (${await UID_VALIDITY()} 1 1:3))`);
    expect(lines.filter((line) => / FETCH \(UID \d FLAGS /.test(line))).toHaveLength(3);
  });
  it('saves a draft, looks for it by a header of its own, and takes the one before away', async () => {
    const draft = (text: string) =>
      `From: hungnv@caoson.gov.vn\r\nX-Uniform-Type-Identifier: com.apple.mail-draft\r\nX-Universally-Unique-Identifier: 7D2F-${text}\r\nSubject: Nhap\r\n\r\n${text}\r\n`;
    const drafts = '"Th&AbA- nh&AOE-p"';
    await c.ok(`SELECT ${drafts}`);
    for (const text of ['mot', 'hai']) await c.ok(`APPEND ${drafts} (\\Seen \\Draft $NotJunk) `, draft(text));
    const found = await c.run('UID SEARCH HEADER X-Universally-Unique-Identifier "7D2F-mot" NOT DELETED');
    expect(found.lines.at(-1)).toBe('* SEARCH 1');
    await c.ok('UID STORE 1 +FLAGS.SILENT (\\Deleted)');
    expect(await c.ok('UID EXPUNGE 1')).toEqual(['* VANISHED 1']);
  });
});

describe('Mail programs of Android', () => {
  it('name themselves at length, or not at all', async () => {
    for (const id of [
      '("name" "com.google.android.gm" "os" "android" "os-version" "14; UP1A" "vendor" "Google" "x-android-device-model" "Pixel 7" "AGUID" "x")',
      '("name" NIL)',
      '()',
      'NIL',
    ])
      expect(await c.ok(`ID ${id}`)).toEqual(['* ID ("name" "CongVu")']);
  });
  it('ask for the folders, their kinds and their counts at once', async () => {
    const lines = await c.ok(
      'LIST (SUBSCRIBED) "" "*" RETURN (CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ))',
    );
    expect(lines[0]).toBe('* LIST (\\Subscribed \\HasNoChildren) "/" INBOX');
    expect(lines[1]).toMatch(/^\* STATUS INBOX \(MESSAGES 3 UNSEEN 3 UIDNEXT 4 UIDVALIDITY \d+ HIGHESTMODSEQ \d+\)$/);
    expect(lines.filter((line) => line.startsWith('* LIST'))).toHaveLength(lines.length / 2);
  });
  it('look for the days that they show, and read the first octets', async () => {
    await c.ok('SELECT INBOX');
    expect(await c.ok('UID SEARCH 1:* NOT DELETED SINCE 2-Nov-2026')).toEqual(['* SEARCH 2 3']);
    expect(await c.ok('UID SEARCH SINCE "02-Nov-2026"')).toEqual(['* SEARCH 2 3']);
    const [read = ''] = await c.ok('UID FETCH 1 (UID BODYSTRUCTURE BODY.PEEK[]<0.32768>)');
    expect(read).toContain(`BODY[]<0> {${Buffer.byteLength(MESSAGE)}}`);
    expect((await c.ok('UID FETCH 1 (BODY.PEEK[]<32768.32768>)'))[0]).toContain('BODY[]<32768> {0}');
  });
});

describe('Thunderbird', () => {
  it('asks for the folders of the shared namespace by the name that it was told before UTF8=ACCEPT', async () => {
    const other = await test.client();
    const [told = ''] = await other.ok('NAMESPACE');
    const prefix = /NIL \(\("([^"]*)"/.exec(told)?.[1] ?? '';
    await other.ok('ENABLE UTF8=ACCEPT');
    const all = await other.ok('LIST (SUBSCRIBED) "" "*" RETURN (SPECIAL-USE)');
    expect(all.some((line) => line.includes(`"${SHARED}/`))).toBe(true);
    // Nothing is of that name now; it took all from the answer before.
    expect(await other.ok(`LIST (SUBSCRIBED) "" "${prefix}*" RETURN (SPECIAL-USE)`)).toEqual([]);
  });
});

/** What STORE, COPY, MOVE, EXPUNGE and APPEND keep, change and tell (RFC 9051 §6.3.12, §6.4.3, §6.4.6–8; RFC 4315, 6851, 8474). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, SHARED, startServer, type TestServer } from '../testing/setup.ts';

describe('what messages keep', () => {
  let test: TestServer;
  let c: Dialogue;
  let other: Dialogue;
  let count = 0;
  const box = (): string => `Hop${count}`;
  const there = (): string => `Noi${count}`;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase, { badCommands: 1000 });
    [c, other] = [await test.client(), await test.client()];
    for (const d of [c, other]) await d.ok('ENABLE UTF8=ACCEPT');
  });
  /** Three messages: the first \Seen and $Forwarded, the second \Deleted, the third plain; each of another day. */
  beforeEach(async () => {
    count++;
    for (const name of [box(), there()]) await c.ok(`CREATE ${name}`);
    await c.ok(`APPEND ${box()} (\\Seen $Forwarded) "11-Jan-2026 23:30:00 -0200" `, mail('mot'));
    await c.ok(`APPEND ${box()} (\\Deleted) " 2-Feb-2026 08:00:00 +0700" `, mail('hai'));
    await c.ok(`APPEND ${box()} `, mail('ba'));
    for (const d of [c, other]) await d.ok(`SELECT ${box()}`);
  });
  afterAll(async () => {
    expect(await test.findings()).toEqual([]);
    await test.dispose();
  });
  const at = async (name: string, items: string): Promise<string[]> => {
    await other.ok(`EXAMINE ${name}`);
    return (await other.ok(`FETCH 1:* (${items})`)).map((l) => /FETCH \((.*)\)$/s.exec(l)?.[1] ?? l);
  };
  const expunges = (lines: readonly string[]): string[] => lines.filter((l) => l.endsWith('EXPUNGE'));

  it('a thousand and more are copied and go in the order of their UIDs, and answered flags are not told again', async () => {
    const many = 1100;
    const { mailstore, hung } = test;
    const { accountId } = hung;
    await mailstore.write(accountId, async (writer) => {
      const mailbox = (await writer.mailboxes()).find(({ name }) => name === box());
      const [first] = await writer.placed(mailbox!.id);
      await writer.copy(
        Array<typeof first>(many - 3)
          .fill(first)
          .map((row) => row!.emailId),
        mailbox!.id,
      );
    });
    await c.ok('NOOP');
    expect((await c.run(`UID COPY 1:* ${there()}`)).text).toMatch(/^OK \[COPYUID \d+ 1:1100 1:1100\]/);
    expect(await c.ok('UID STORE 2:* +FLAGS.SILENT (\\Deleted)')).toEqual([]);
    expect(expunges(await c.ok('EXPUNGE'))).toEqual(
      Array.from({ length: many - 1 }, (_, i) => `* ${many - i} EXPUNGE`),
    );
    await other.ok('UNSELECT');
    await c.ok(`SELECT ${there()}`);
    expect((await c.run(`MOVE 1:* ${box()}`)).lines[0]).toMatch(/COPYUID \d+ 1:1100 1101:2200/);
  });

  describe('STORE', () => {
    it.each([
      ['1 FLAGS (\\Answered)', '* 1 FETCH (UID 1 FLAGS (\\Answered))'],
      ['1 FLAGS \\Answered \\Draft', '* 1 FETCH (UID 1 FLAGS (\\Answered \\Draft))'],
      ['1 FLAGS ()', '* 1 FETCH (UID 1 FLAGS ())'],
      ['1 +FLAGS (\\Flagged)', '* 1 FETCH (UID 1 FLAGS (\\Flagged $Forwarded \\Seen))'],
      ['1 +FLAGS \\SEEN $FORWARDED', '* 1 FETCH (UID 1 FLAGS ($Forwarded \\Seen))'],
      ['1 -FLAGS (\\Seen \\Draft nie)', '* 1 FETCH (UID 1 FLAGS ($Forwarded))'],
      ['1 -FLAGS ()', '* 1 FETCH (UID 1 FLAGS ($Forwarded \\Seen))'],
      ['2 FLAGS (\\Seen)', '* 2 FETCH (UID 2 FLAGS (\\Seen))'],
      ['2 -FLAGS (\\Deleted)', '* 2 FETCH (UID 2 FLAGS ())'],
    ])('%s: %s', async (args, expected) => {
      expect(await c.ok(`STORE ${args}`)).toEqual([expected]);
      expect(await c.ok('NOOP')).toEqual([]);
    });
    it('.SILENT tells nothing of itself, but still what others did, and the others hear of it', async () => {
      expect(await c.ok('STORE 1:3 +FLAGS.SILENT (\\Flagged)')).toEqual([]);
      expect(await other.ok('NOOP')).toHaveLength(3);
      await other.ok('STORE 3 +FLAGS (\\Seen)');
      expect(await c.ok('STORE 1 +FLAGS.SILENT (\\Draft)')).toEqual(['* 3 FETCH (UID 3 FLAGS (\\Flagged \\Seen))']);
    });
    it.each([
      '1 FLAGS',
      '1 FLAG (x)',
      '1 *FLAGS (x)',
      '1 +FLAGS (\\Recent)',
      '1 +FLAGS (\\*)',
      '1 +FLAGS ("x")',
      '1 +FLAGS (x',
      '1 +FLAGS.LOUD (x)',
      '+FLAGS (x)',
    ])('%s is BAD', async (args) => expect((await c.run(`STORE ${args}`)).status).toBe('BAD'));
  });

  describe('COPY', () => {
    it('keeps flags and INTERNALDATE, leaves the source as it is, and gives new UIDs in order', async () => {
      expect((await c.run(`COPY 3,1 ${there()}`)).text).toMatch(/^OK \[COPYUID \d+ 1,3 1:2\] /);
      expect(await at(there(), 'UID FLAGS INTERNALDATE')).toEqual([
        'UID 1 FLAGS ($Forwarded \\Seen) INTERNALDATE "12-Jan-2026 01:30:00 +0000"',
        'UID 2 FLAGS () INTERNALDATE "22-Nov-2026 03:00:00 +0000"',
      ]);
      expect(await at(box(), 'UID FLAGS')).toEqual([
        'UID 1 FLAGS ($Forwarded \\Seen)',
        'UID 2 FLAGS (\\Deleted)',
        'UID 3 FLAGS ()',
      ]);
    });
    it('makes an email of its own, since its flags are its own, in the thread of the first', async () => {
      for (const to of [there(), box()]) {
        const [first = ''] = await at(box(), 'EMAILID THREADID');
        await c.ok(`UID COPY 1 ${to}`);
        const copy = (await at(to, 'EMAILID THREADID')).at(-1) ?? '';
        expect(copy.split(' THREADID ')[0]).not.toBe(first.split(' THREADID ')[0]);
        expect(copy.split(' THREADID ')[1]).toBe(first.split(' THREADID ')[1]);
      }
      await c.ok('STORE 1 FLAGS.SILENT (\\Flagged)');
      expect(await at(there(), 'FLAGS')).toEqual(['FLAGS ($Forwarded \\Seen)']);
      expect((await at(box(), 'FLAGS'))[3]).toBe('FLAGS ($Forwarded \\Seen)');
    });
    it('into the open mailbox is told at once', async () => {
      const { lines, text } = await c.run(`COPY 1:2 ${box()}`);
      expect(lines).toEqual(['* 5 EXISTS']);
      expect(text).toMatch(/^OK \[COPYUID \d+ 1:2 4:5\]/);
      expect(await c.ok('FETCH 4:5 (FLAGS)')).toEqual([
        '* 4 FETCH (FLAGS ($Forwarded \\Seen))',
        '* 5 FETCH (FLAGS ())',
      ]);
    });
    it('to a name that does not exist makes none, and says that one could', async () => {
      for (const command of ['COPY 1', 'UID COPY 1', 'MOVE 1', 'UID MOVE 1'])
        expect((await c.run(`${command} Nirgends`)).text).toMatch(/^NO \[TRYCREATE\]/);
      expect(await c.ok('LIST "" Nirgends')).toEqual([]);
      expect((await c.run('COPY 1 "Hộp thư đơn vị"')).text).toMatch(/^NO \[CANNOT\]/);
    });
    it('beyond the quota of the other account copies nothing', async () => {
      await test.db.write((tx) =>
        test.mailstore.setAccount(tx, test.unitAccount, { quotaBytes: mail('mot').length + 10 }),
      );
      const to = `"${SHARED}/Lưu trữ"`;
      for (const command of ['COPY', 'MOVE'])
        expect((await c.run(`${command} 1:3 ${to}`)).text).toMatch(/^NO \[OVERQUOTA\]/);
      expect(await c.ok(`STATUS ${to} (MESSAGES)`)).toEqual([`* STATUS ${to} (MESSAGES 0)`]);
      expect(await c.ok('FETCH 1:3 (UID)')).toHaveLength(3);
      await test.db.write((tx) => test.mailstore.setAccount(tx, test.unitAccount, { quotaBytes: 10 ** 9 }));
    });
  });

  describe('MOVE', () => {
    it('tells COPYUID before the expunges, and nothing of \\Deleted to anyone (RFC 6851 §3.3)', async () => {
      const { lines, text } = await c.run(`MOVE 1,3 ${there()}`);
      expect(lines).toEqual([expect.stringMatching(/^\* OK \[COPYUID \d+ 1,3 1:2\]/), '* 3 EXPUNGE', '* 1 EXPUNGE']);
      expect(text).toBe('OK moved');
      expect(await other.ok('NOOP')).toEqual(['* 3 EXPUNGE', '* 1 EXPUNGE']);
      expect(await at(there(), 'FLAGS INTERNALDATE')).toEqual([
        'FLAGS ($Forwarded \\Seen) INTERNALDATE "12-Jan-2026 01:30:00 +0000"',
        'FLAGS () INTERNALDATE "22-Nov-2026 03:00:00 +0000"',
      ]);
    });
    it('keeps the email, and within one mailbox gives it a new place', async () => {
      const [first = ''] = await at(box(), 'EMAILID');
      await c.ok(`UID MOVE 1 ${there()}`);
      expect(await at(there(), 'EMAILID')).toEqual([first]);
      const { lines } = await c.run(`MOVE 1 ${box()}`);
      expect(lines).toEqual([expect.stringMatching(/^\* OK \[COPYUID \d+ 2 4\]/), '* 1 EXPUNGE', '* 2 EXISTS']);
      expect(await at(box(), 'UID')).toEqual(['UID 3', 'UID 4']);
    });
  });

  describe('EXPUNGE', () => {
    it('takes what is marked, counting down; UID EXPUNGE only what is named and marked (RFC 4315 §2.1)', async () => {
      await c.ok('STORE 1:3 +FLAGS.SILENT (\\Deleted)');
      await c.ok('STORE 2 -FLAGS.SILENT (\\Deleted)');
      expect(await c.ok('UID EXPUNGE 2:3')).toEqual(['* 3 EXPUNGE']);
      expect(await c.ok('UID EXPUNGE 2')).toEqual([]);
      expect(expunges(await other.ok('NOOP'))).toEqual(['* 3 EXPUNGE']);
      await c.ok('STORE 1:2 +FLAGS.SILENT (\\Deleted)');
      const numbers = (await c.ok('EXPUNGE')).map((l) => Number(l.split(' ')[1]));
      expect(numbers).toEqual([2, 1]);
      expect((await c.run('FETCH 1 (UID)')).status).toBe('BAD');
    });
    it('what another marked meanwhile goes too', async () => {
      await other.ok('STORE 3 +FLAGS.SILENT (\\Deleted)');
      expect(expunges(await c.ok('EXPUNGE'))).toEqual(['* 3 EXPUNGE', '* 2 EXPUNGE']);
    });
  });

  describe('APPEND', () => {
    const text = mail('them', 'plain');
    it.each([
      ['', 'FLAGS () INTERNALDATE "22-Nov-2026 03:00:00 +0000"'],
      ['() ', 'FLAGS () INTERNALDATE "22-Nov-2026 03:00:00 +0000"'],
      ['(\\SEEN \\seen Nhan) ', 'FLAGS (\\Seen nhan) INTERNALDATE "22-Nov-2026 03:00:00 +0000"'],
      ['"29-Feb-2024 23:59:60 +0000" ', 'FLAGS () INTERNALDATE " 1-Mar-2024 00:00:00 +0000"'],
      ['" 1-jan-1970 00:00:00 +0000" ', 'FLAGS () INTERNALDATE " 1-Jan-1970 00:00:00 +0000"'],
      ['(\\Draft) "31-Dec-2025 20:00:00 -1130" ', 'FLAGS (\\Draft) INTERNALDATE " 1-Jan-2026 07:30:00 +0000"'],
    ])('%j: %s', async (options, expected) => {
      expect((await c.run(`APPEND ${there()} ${options}`, text)).text).toMatch(/^OK \[APPENDUID \d+ 1\] /);
      const told = (await at(there(), 'FLAGS INTERNALDATE'))[0];
      expect(told?.split(' ').toSorted()).toEqual(expected.split(' ').toSorted());
    });
    it.each([
      '"31-Feb-2026 08:00:00 +0700" ',
      '"1-Jan-2026 08:00:00 +0700" ',
      '"01-Jan-2026 08:00 +0700" ',
      '"01-Jan-2026 08:00:00" ',
      '"01-Jan-2026 24:00:00 +0000" ',
      '"01-Jan-2026 08:00:00 +0790" ',
      '(\\Recent) ',
      '(x ',
      '\\Seen ',
      '(a) (b) ',
      ' ',
    ])('%j is BAD, and nothing is stored', async (options) => {
      expect((await c.run(`APPEND ${there()} ${options}`, text)).status).toBe('BAD');
      expect(await c.ok(`STATUS ${there()} (MESSAGES UIDNEXT)`)).toEqual([
        `* STATUS ${there()} (MESSAGES 0 UIDNEXT 1)`,
      ]);
    });
    it('takes what is no good message octet for octet: 8-bit header, bare LF, no header, no end of line', async () => {
      const odd = ['Subject: Khẩn cấp\r\n\r\nx', 'Subject: lf\n\nbody\n', 'no header at all', '\r\n', 'a'];
      for (const one of odd) await c.ok(`APPEND ${there()} `, one);
      expect(await at(there(), 'RFC822.SIZE BODY.PEEK[]')).toEqual(
        odd.map((one) => `RFC822.SIZE ${Buffer.byteLength(one)} BODY[] {${Buffer.byteLength(one)}}\r\n${one}`),
      );
    });
    it('as literal8, and as UTF8 (…) of RFC 6855, is the same message; NUL is no part of one', async () => {
      c.raw(
        `a APPEND ${there()} ~{${text.length}+}\r\n${text}\r\nb APPEND ${there()} UTF8 (~{${text.length}+}\r\n${text})\r\n`,
      );
      for (const tag of ['a', 'b']) expect((await c.until(tag)).text).toMatch(/^OK \[APPENDUID/);
      expect(new Set(await at(there(), 'BODY.PEEK[]')).size).toBe(1);
      c.raw(`d APPEND ${there()} ~{3+}\r\na\0b\r\n`);
      expect((await c.until('d')).text).toMatch(/^NO \[UNKNOWN-CTE\]/);
    });
    it('makes no mailbox, and into the open one is told before the answer', async () => {
      expect((await c.run('APPEND Nirgends ', text)).text).toMatch(/^NO \[TRYCREATE\]/);
      expect((await c.run('APPEND "Hộp thư đơn vị" ', text)).text).toMatch(/^NO \[CANNOT\]/);
      expect((await c.run(`APPEND ${box()} `, text)).lines).toEqual(['* 4 EXISTS']);
    });
  });
});

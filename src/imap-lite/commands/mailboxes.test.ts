/** CREATE, DELETE, RENAME, SUBSCRIBE, LIST, LSUB, STATUS, NAMESPACE. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { LAN, mail, SHARED, startServer, type TestServer } from '../testing/setup.ts';
import { matcher } from './list.ts';

describe('mailboxes', () => {
  let test: TestServer;
  let c: Dialogue;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase);
    c = await test.client();
    await c.ok('ENABLE IMAP4rev2');
  });
  afterAll(() => test.dispose());
  const names = async (command: string): Promise<string[]> =>
    (await c.ok(command)).map((l) => / "\/" "?(.*?)"?( \(.*)?$/.exec(l)?.[1] ?? l);

  it('CREATE makes the levels above, tells the id, and knows what exists', async () => {
    expect((await c.run('CREATE "Hồ sơ/2026/Quý 1/"')).text).toMatch(/^OK \[MAILBOXID \(a\d+m\d+\)\]/);
    expect(await names('LIST "" "Hồ sơ*"')).toEqual(['Hồ sơ', 'Hồ sơ/2026', 'Hồ sơ/2026/Quý 1']);
    expect((await c.run('CREATE "Hồ sơ/2026"')).text).toMatch(/^NO \[ALREADYEXISTS\]/);
    expect((await c.run('CREATE inbox')).text).toMatch(/^NO \[ALREADYEXISTS\]/);
    expect((await c.run('CREATE "a//b"')).text).toMatch(/^NO \[CANNOT\]/);
    expect((await c.run('CREATE ""')).status).toBe('NO');
    expect((await c.run('CREATE ', 'x\u0001y')).text).toMatch(/^NO \[CANNOT\]/);
    await c.ok('CREATE INBOX/Con');
    expect(await names('LIST "" inbox/%')).toEqual(['INBOX/Con']);
  });

  it('CREATE gives a special use that no other mailbox has', async () => {
    expect((await c.run('CREATE Luu1 (USE (\\Archive))')).text).toMatch(/^NO \[USEATTR\]/);
    for (const uses of ['\\All', '\\Flagged', '\\Inbox', '\\Archive \\Sent', 'Archive'])
      expect((await c.run(`CREATE Luu1 (USE (${uses}))`)).text).toMatch(/^NO \[USEATTR\]/);
    expect((await c.run('CREATE Tren/Luu1 (USE (\\Archive))')).text).toMatch(/^NO \[USEATTR\]/);
    expect((await c.run('CREATE Luu1 (FOO)')).status).toBe('BAD');
    expect(await names('LIST "" (Luu1 Tren)')).toEqual([]);
    await test.mailstore.write(test.hung.accountId, async (writer) => {
      const archive = await writer.mailboxByRole('archive');
      if (archive) await writer.updateMailbox(archive.id, { role: null });
    });
    await c.ok('CREATE Luu1 (USE (\\archive))');
    expect(await c.ok('LIST (SPECIAL-USE) "" Luu1')).toEqual(['* LIST (\\HasNoChildren \\Archive) "/" Luu1']);
    await c.ok('CREATE Luu2 (USE ())');
    expect((await c.run(`CREATE "${SHARED}/Luu" (USE (\\Archive))`)).text).toMatch(/^NO \[USEATTR\]/);
    expect((await c.run('DELETE Luu1')).text).toMatch(/^NO \[CANNOT\]/);
  });

  it('DELETE takes the messages along, but not a parent, the inbox or a mailbox with a use', async () => {
    await c.ok('CREATE Bo');
    await c.ok('APPEND Bo ', mail('x'));
    await c.ok('SELECT Bo');
    await c.ok('DELETE Bo');
    expect((await c.run('FETCH 1 FLAGS')).status).toBe('BAD');
    expect((await c.run('SELECT Bo')).text).toMatch(/^NO \[NONEXISTENT\]/);
    expect((await c.run('DELETE Bo')).text).toMatch(/^NO \[NONEXISTENT\]/);
    expect((await c.run('DELETE "Hồ sơ"')).text).toMatch(/^NO \[HASCHILDREN\]/);
    expect((await c.run('DELETE INBOX')).text).toMatch(/^NO \[CANNOT\]/);
    expect((await c.run('DELETE "Thùng rác"')).text).toMatch(/^NO \[CANNOT\]/);
    expect(await test.findings()).toEqual([]);
  });

  it('a name means what it means now, whoever changed that since it was last asked for', async () => {
    const d = await test.client();
    await d.ok('ENABLE IMAP4rev2');
    const messages = async (name: string) =>
      /MESSAGES (\d+)/.exec((await c.ok(`STATUS ${name} (MESSAGES)`))[0] ?? '')?.[1];
    await c.ok('CREATE Nay');
    await c.ok('APPEND Nay ', mail('x'));
    await d.ok('RENAME Nay Kia');
    expect((await c.run('STATUS Nay (MESSAGES)')).text).toMatch(/^NO \[NONEXISTENT\]/);
    expect(await messages('Kia')).toBe('1');
    await d.ok('RENAME Kia "Hồ sơ/Kia"');
    expect((await c.run('APPEND Kia ', mail('x'))).text).toMatch(/^NO \[TRYCREATE\]/);
    await d.ok('CREATE Kia');
    await c.ok('APPEND Kia ', mail('x'));
    await d.ok('APPEND Kia ', mail('y'));
    expect(await messages('Kia')).toBe('2');
    await d.ok('DELETE Kia');
    expect((await c.run('APPEND Kia ', mail('x'))).text).toMatch(/^NO \[TRYCREATE\]/);
    await d.ok('CREATE Kia');
    expect(await messages('Kia')).toBe('0');
    await d.ok('DELETE Kia');
    await d.ok('DELETE "Hồ sơ/Kia"');
    await d.ok('LOGOUT');
  });

  it('RENAME moves a branch, and of INBOX only the messages', async () => {
    await c.ok('RENAME "Hồ sơ/2026" Cu/2026');
    expect(await names('LIST "" "Cu*"')).toEqual(['Cu', 'Cu/2026', 'Cu/2026/Quý 1']);
    expect((await c.run('RENAME Cu Cu/2026/x')).text).toMatch(/^NO/);
    expect((await c.run('RENAME Cu "Hồ sơ"')).text).toMatch(/^NO \[ALREADYEXISTS\]/);
    expect((await c.run('RENAME Nichts Etwas')).text).toMatch(/^NO \[NONEXISTENT\]/);
    await c.ok('APPEND INBOX ', mail('moved'));
    await c.ok('RENAME INBOX Cat');
    expect((await c.ok('STATUS Cat (MESSAGES)'))[0]).toBe('* STATUS Cat (MESSAGES 1)');
    expect((await c.ok('STATUS INBOX (MESSAGES)'))[0]).toBe('* STATUS INBOX (MESSAGES 0)');
  });

  it('SUBSCRIBE and LSUB, with levels above shown by "%"', async () => {
    await c.ok('CREATE S/A');
    await c.ok('SUBSCRIBE S/A');
    expect(await names('LIST (SUBSCRIBED) "" S*')).toEqual(['S/A']);
    expect(await c.ok('LSUB "" S%')).toEqual(['* LSUB (\\Noselect) "/" S']);
    expect((await c.ok('LIST (SUBSCRIBED RECURSIVEMATCH) "" S'))[0]).toBe(
      '* LIST (\\HasChildren) "/" S ("CHILDINFO" ("SUBSCRIBED"))',
    );
    await c.ok('UNSUBSCRIBE S/A');
    expect(await c.ok('LSUB "" S*')).toEqual([]);
    expect((await c.run('SUBSCRIBE Nie')).text).toMatch(/^NO \[NONEXISTENT\]/);
  });

  it('LIST tells uses, children, subscriptions and counts in one go', async () => {
    expect(await c.ok('LIST "" ""')).toEqual(['* LIST (\\Noselect) "/" ""']);
    expect(await names('LIST (SPECIAL-USE) "" *')).toHaveLength(5);
    const lines = await c.ok('LIST "" (INBOX "Cu/%") RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES UIDNEXT))');
    expect(lines).toEqual([
      expect.stringMatching(/^\* LIST \(\\Subscribed \\HasChildren\) "\/" INBOX$/),
      expect.stringMatching(/^\* STATUS INBOX \(MESSAGES 0 UIDNEXT \d+\)$/),
      '* LIST (\\HasChildren) "/" Cu/2026',
      expect.stringMatching(/^\* STATUS Cu\/2026 /),
    ]);
  });

  it('STATUS answers every item', async () => {
    await c.ok('CREATE T');
    const size = Buffer.byteLength(mail('t'));
    await c.ok('APPEND T (\\Deleted) ', mail('t'));
    const [line] = await c.ok(
      'STATUS T (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED DELETED-STORAGE SIZE HIGHESTMODSEQ MAILBOXID APPENDLIMIT)',
    );
    expect(line).toMatch(
      new RegExp(
        `^\\* STATUS T \\(MESSAGES 1 RECENT 1 UIDNEXT 2 UIDVALIDITY \\d+ UNSEEN 1 DELETED 1 DELETED-STORAGE 1 SIZE ${size} HIGHESTMODSEQ \\d+ MAILBOXID \\(a\\d+m\\d+\\) APPENDLIMIT 52428800\\)$`,
      ),
    );
  });

  it('writes names in modified UTF-7 until the client turns UTF-8 on', async () => {
    const old = await test.client();
    expect(await old.ok('LIST "" "Th&AbA- &AREA4w- g&Hu0-i"')).toEqual([
      '* LIST (\\HasNoChildren \\Sent) "/" "Th&AbA- &AREA4w- g&Hu0-i"',
    ]);
    expect((await old.run('SELECT "&AbA"')).status).toBe('BAD');
    await old.ok('ENABLE UTF8=ACCEPT');
    expect(await old.ok('LIST "" "Thư đã gửi"')).toEqual(['* LIST (\\HasNoChildren \\Sent) "/" "Thư đã gửi"']);
  });

  it('shows unit mailboxes under a namespace of their own; delegates read and write there', async () => {
    expect(await c.ok('NAMESPACE')).toEqual(['* NAMESPACE (("" "/")) NIL (("Hộp thư đơn vị/" "/"))']);
    await c.ok(`CREATE "${SHARED}/Việc"`);
    await c.ok(`APPEND "${SHARED}/Việc" `, mail('chung'));
    const lan = await test.client(LAN);
    await lan.ok('ENABLE UTF8=ACCEPT');
    expect((await lan.ok(`STATUS "${SHARED}/Việc" (MESSAGES)`))[0]).toContain('MESSAGES 1');
    expect(await lan.ok(`LIST "" "${SHARED}"`)).toEqual([`* LIST (\\Noselect \\HasChildren) "/" "${SHARED}"`]);
    expect((await lan.run(`SELECT "${SHARED}"`)).text).toMatch(/^NO \[CANNOT\]/);
    expect((await lan.run('CREATE "Hộp thư đơn vị/Sở khác/x"')).text).toMatch(/^NO \[NOPERM\]/);
    expect((await lan.run(`RENAME "${SHARED}/Việc" Rieng`)).text).toMatch(/^NO \[CANNOT\]/);
  });

  it('a right that is withdrawn ends at once where the mailbox stands open', async () => {
    const lan = await test.client(LAN);
    await lan.ok('ENABLE UTF8=ACCEPT');
    await lan.ok(`SELECT "${SHARED}/Hộp thư đến"`);
    const official = await test.directory.official({ address: LAN });
    await test.db.write((tx) => test.directory.removeDelegate(tx, test.unitAccount, official!.id));
    test.clock.advance(11_000);
    expect(await lan.run('FETCH 1:* FLAGS')).toMatchObject({ status: 'BYE', text: '* BYE [NOPERM] access has ended' });
    expect((await (await test.client(LAN)).ok('NAMESPACE'))[0]).toBe('* NAMESPACE (("" "/")) NIL NIL');
  });
});

describe('LIST patterns', () => {
  it.each([
    ['*', 'a/b', true],
    ['%', 'a/b', false],
    ['%/%', 'a/b', true],
    ['a*', 'a', true],
    ['inbox', 'INBOX', true],
    ['Inbox/*', 'INBOX/x', true],
    ['*b*', 'a/b/c', true],
    ['a%c', 'abc', true],
    ['a%c', 'a/c', false],
    ['Hồ sơ', 'Hồ sơ', true],
    ['.*', 'ab', false],
  ])('%s on %s: %s', (pattern, name, expected) => expect(matcher([pattern])(name)).toBe(expected));
  it('costs little however many stars there are', () => {
    expect(matcher(['*a'.repeat(500) + '*b'])('a'.repeat(2000))).toBe(false);
  });
});

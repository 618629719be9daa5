/** Names of mailboxes: what may be one, what it becomes, and what stays of it (RFC 9051 §5.1, §6.3.4–8; RFC 3501 §5.1.3). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

const NFD = 'Hồ sơ'.normalize('NFD');

describe('mailbox names', () => {
  let test: TestServer;
  /** Of rev1, with modified UTF-7; and of rev2, with UTF-8. */
  let one: Dialogue;
  let two: Dialogue;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase, { badCommands: 1000 });
    [one, two] = [await test.client(), await test.client()];
    await two.ok('ENABLE IMAP4rev2');
  });
  afterAll(async () => {
    expect(await test.findings()).toEqual([]);
    await test.dispose();
  });
  const names = async (c: Dialogue, command: string): Promise<string[]> =>
    (await c.ok(command)).map((l) => / "\/" "?(.*?)"?( \(.*)?$/.exec(l)?.[1] ?? l);
  const validity = async (name: string): Promise<number> =>
    Number(/UIDVALIDITY (\d+)/.exec((await two.ok(`STATUS ${name} (UIDVALIDITY)`)).join())?.[1]);

  describe('INBOX', () => {
    it.each(['INBOX', 'inbox', 'iNbOx', '"inbox"', '{5+}\r\nInBoX'])('is meant by %j', async (spelled) => {
      expect((await one.run(`STATUS ${spelled} (MESSAGES)`)).lines).toEqual(['* STATUS INBOX (MESSAGES 0)']);
    });
    it('is meant above other names too, and is no name at another place', async () => {
      await one.ok('CREATE inbox/Duoi');
      expect(await names(one, 'LIST "" "INBOX/%"')).toEqual(['INBOX/Duoi']);
      await one.ok('CREATE Tren/inbox');
      expect(await names(one, 'LIST "" Tren/*')).toEqual(['Tren/inbox']);
      expect((await one.run('STATUS Tren/INBOX (MESSAGES)')).text).toMatch(/^NO \[NONEXISTENT\]/);
    });
    it('is listed where its name in upper case fits, and may be subscribed like others', async () => {
      expect(await names(one, 'LIST "" I%')).toEqual(['INBOX']);
      expect(await names(one, 'LIST "IN" BOX')).toEqual(['INBOX']);
      await one.ok('UNSUBSCRIBE inbox');
      expect(await one.ok('LSUB "" INBOX')).toEqual([]);
      await one.ok('SUBSCRIBE inbox');
      expect(await one.ok('LSUB "" inbox')).toEqual(['* LSUB () "/" INBOX']);
    });
    it('renamed, gives its messages to the new name and stays, with what lies below it', async () => {
      await one.ok('APPEND INBOX (\\Flagged) ', mail('mot'));
      const [before] = await one.ok('STATUS INBOX (UIDVALIDITY MAILBOXID)');
      await one.ok('RENAME inbox Cu/Thu');
      expect((await one.ok('STATUS INBOX (UIDVALIDITY MAILBOXID)'))[0]).toBe(before);
      expect(await one.ok('STATUS INBOX (MESSAGES UIDNEXT)')).toEqual(['* STATUS INBOX (MESSAGES 0 UIDNEXT 2)']);
      expect(await names(one, 'LIST "" (INBOX/* Cu/*)')).toEqual(['Cu/Thu', 'INBOX/Duoi']);
      await one.ok('EXAMINE Cu/Thu');
      expect(await one.ok('FETCH 1 (FLAGS)')).toEqual(['* 1 FETCH (FLAGS (\\Flagged))']);
      await one.ok('UNSELECT');
    });
  });

  describe('a new name', () => {
    it.each([
      ['""', 'NO [CANNOT]'],
      ['/', 'NO [CANNOT]'],
      ['/a', 'NO [CANNOT]'],
      ['a//b', 'NO [CANNOT]'],
      ['INBOX', 'NO [ALREADYEXISTS]'],
      // RFC 9051 §5.1: Net-Unicode without control characters
      ['"a\tb"', 'NO [CANNOT]'],
      ['"a\u007fb"', 'NO [CANNOT]'],
      ['"a\u0085b"', 'NO [CANNOT]'],
      ['"a\u2028b"', 'NO [CANNOT]'],
      [`"${'x'.repeat(201)}"`, 'NO [CANNOT]'],
      [Array.from({ length: 11 }, (_, i) => `t${i}`).join('/'), 'NO [LIMIT]'],
      ['"Hộp thư đơn vị/Tự"', 'NO [NOPERM]'],
      ['"Hộp thư đơn vị"', 'NO [ALREADYEXISTS]'],
      // RFC 6855 §3: octets that are no UTF-8
      [Buffer.from('41ff', 'hex'), 'BAD'],
      [Buffer.from('c3', 'hex'), 'BAD'],
      [Buffer.from('eda080', 'hex'), 'BAD'],
    ])('%j: %s', async (name, answer) => {
      const { text } = typeof name === 'string' ? await two.run(`CREATE ${name}`) : await two.run('CREATE ', name);
      expect(text.startsWith(answer), text).toBe(true);
    });
    it('in a quoted string or an atom, 8-bit octets that are no UTF-8 are BAD', async () => {
      for (const around of ['"', '']) {
        two.raw(
          Buffer.concat([Buffer.from(`x CREATE ${around}A`), Buffer.of(0xe1, 0xba), Buffer.from(`${around}\r\n`)]),
        );
        expect((await two.until('x')).status).toBe('BAD');
      }
    });
    it.each(['#tin', '~tam', 'a%b*c', 'x(y)', '"q\\"uote"', 'nil', '😀', 'NIL/x'])(
      '%s may be one, and comes back from LIST as it was sent',
      async (name) => {
        const spelled = name.startsWith('"') ? name : `"${name}"`;
        await two.ok(`CREATE ${spelled}`);
        const [line = ''] = await two.ok(`LIST "" ${spelled}`);
        const told = line.slice(line.indexOf('"/" ') + 4);
        expect((await two.run(`DELETE ${told}`)).status).toBe('OK');
      },
    );
    it('may end in "/", which only says that others will follow', async () => {
      await two.ok('CREATE Nam/Thang/');
      expect(await names(two, 'LIST "" Nam*')).toEqual(['Nam', 'Nam/Thang']);
      expect((await two.run('CREATE Nam/Thang')).text).toMatch(/^NO \[ALREADYEXISTS\]/);
      expect((await two.run('CREATE Nam/')).text).toMatch(/^NO \[ALREADYEXISTS\]/);
    });
  });

  describe('modified UTF-7', () => {
    it.each([
      // RFC 3501 §5.1.3: no superfluous shift, nothing encoded that needs none, every shift ended
      '"&AGEAYg-"',
      '"&AbA"',
      '"&AbA-&AbA-"',
      '"a&b"',
      '"&AbAx-"',
    ])('%s is no name', async (name) => {
      expect((await one.run(`CREATE ${name}`)).status).toBe('BAD');
      expect((await one.run(`STATUS ${name} (MESSAGES)`)).status).toBe('BAD');
      // RFC 9051 §6.3.9: a pattern that can fit nothing is good.
      expect(await one.ok(`LIST "" ${name}`)).toEqual([]);
      expect(await one.ok(`LSUB "" ${name}`)).toEqual([]);
      expect(await one.ok(`LIST ${name} (INBOX *) RETURN (CHILDREN)`)).toEqual([]);
    });
    it('is case-sensitive, and the same mailbox as its UTF-8', async () => {
      await one.ok('CREATE "&AREA4w- qua"');
      expect(await names(two, 'LIST "" "đã qua"')).toEqual(['đã qua']);
      expect((await one.run('STATUS "&ArEA4w- qua" (MESSAGES)')).text).toMatch(/^NO \[NONEXISTENT\]/);
      await two.ok('CREATE "A&B"');
      expect(await names(one, 'LIST "" A*')).toEqual(['A&-B']);
      await two.ok('CREATE "A&-B"');
      expect(await names(one, 'LIST "" A*')).toEqual(['A&--B', 'A&-B']);
    });
    it('raw UTF-8 from a client that turned nothing on is taken for what it says', async () => {
      expect((await one.ok('STATUS "đã qua" (MESSAGES)'))[0]).toBe('* STATUS "&AREA4w- qua" (MESSAGES 0)');
      expect(await names(one, 'LIST "" "đã%"')).toEqual(['&AREA4w- qua']);
    });
    it('never comes in UTF-8 to a client that did not ask for that', async () => {
      const told = [...(await one.ok('LIST "" "*"')), ...(await one.ok('LSUB "" "*"')), ...(await one.ok('NAMESPACE'))];
      expect(told.join('\n')).toMatch(/^[\x20-\x7e\n]*$/);
    });
  });

  describe('a name in decomposed Unicode', () => {
    it('is made composed, and rev2 is told so (RFC 9051 §6.3.9.7)', async () => {
      expect((await two.run(`CREATE "${NFD}"`)).lines).toEqual([
        `* LIST (\\HasNoChildren) "/" "Hồ sơ" ("OLDNAME" ("${NFD}"))`,
      ]);
      expect((await two.run(`CREATE "${NFD}/Con/"`)).lines).toEqual([
        `* LIST (\\HasNoChildren) "/" "Hồ sơ/Con" ("OLDNAME" ("${NFD}/Con/"))`,
      ]);
    });
    it('opens the same mailbox in every command (§5.1)', async () => {
      expect((await two.run(`APPEND "${NFD}" `, mail('x'))).lines).toEqual([
        expect.stringContaining(`"Hồ sơ" ("OLDNAME" ("${NFD}"))`),
      ]);
      expect(await two.ok(`STATUS "${NFD}" (MESSAGES)`)).toEqual(['* STATUS "Hồ sơ" (MESSAGES 1)']);
      expect(await two.ok(`SELECT "${NFD}"`)).toContain(`* LIST (\\HasChildren) "/" "Hồ sơ" ("OLDNAME" ("${NFD}"))`);
      expect((await two.run(`COPY 1 "${NFD}/Con"`)).text).toMatch(/^OK \[COPYUID/);
      await two.ok(`SUBSCRIBE "${NFD}"`);
      expect(await names(two, `LIST (SUBSCRIBED) "" "${NFD}"`)).toEqual(['Hồ sơ']);
      await two.ok('UNSELECT');
    });
    it('is told of when one of two names in RENAME, and when deleted', async () => {
      expect((await two.run(`RENAME "${NFD}/Con" "${NFD}/Cháu"`)).lines).toEqual([
        `* LIST (\\HasNoChildren) "/" "Hồ sơ/Cháu" ("OLDNAME" ("${NFD}/Con"))`,
      ]);
      expect((await two.run(`DELETE "${NFD}/Cháu"`)).lines).toEqual([
        `* LIST (\\NonExistent) "/" "Hồ sơ/Cháu" ("OLDNAME" ("${NFD}/Cháu"))`,
      ]);
      expect((await two.run('CREATE "Hồ sơ/Con"')).lines).toEqual([]);
    });
    it('is not told of to rev1, which has no word for it', async () => {
      expect((await one.run(`CREATE "${'Cũ kỹ'.normalize('NFD')}"`)).lines).toEqual([]);
      expect(await names(two, 'LIST "" "Cũ*"')).toEqual(['Cũ kỹ']);
    });
  });

  describe('a name that was used before', () => {
    it('made again after DELETE has another UIDVALIDITY and another id', async () => {
      const made = async () => {
        const id = /MAILBOXID \((\S+)\)/.exec((await two.run('CREATE Lai')).text)?.[1];
        return { id, validity: await validity('Lai') };
      };
      const first = await made();
      await two.ok('APPEND Lai ', mail('x'));
      await two.ok('DELETE Lai');
      const second = await made();
      expect(second.id).not.toBe(first.id);
      expect(second.validity).toBeGreaterThan(first.validity);
      await two.ok('RENAME Lai Khac');
      const third = await made();
      expect(third.validity).toBeGreaterThan(second.validity);
      // RFC 8474 §4: what is renamed keeps its own.
      expect(await two.ok('STATUS Khac (MAILBOXID UIDVALIDITY)')).toEqual([
        `* STATUS Khac (MAILBOXID (${second.id}) UIDVALIDITY ${second.validity})`,
      ]);
    });
    it('DELETE takes neither what lies below nor what lies above', async () => {
      await two.ok('CREATE Ong/Cha/Con');
      expect((await two.run('DELETE Ong/Cha')).text).toMatch(/^NO \[HASCHILDREN\]/);
      await two.ok('DELETE Ong/Cha/Con');
      expect(await names(two, 'LIST "" Ong*')).toEqual(['Ong', 'Ong/Cha']);
    });
    it('RENAME takes along what lies below, makes what lies above, and overwrites nothing', async () => {
      await two.ok('CREATE Ong/Cha/Con');
      await two.ok('RENAME Ong/Cha Moi/Bac/Cha');
      expect(await names(two, 'LIST "" (Ong* Moi*)')).toEqual([
        'Moi',
        'Moi/Bac',
        'Moi/Bac/Cha',
        'Moi/Bac/Cha/Con',
        'Ong',
      ]);
      expect((await two.run('RENAME Moi Ong')).text).toMatch(/^NO \[ALREADYEXISTS\]/);
      expect((await two.run('RENAME Moi inbox')).text).toMatch(/^NO \[ALREADYEXISTS\]/);
      expect((await two.run('RENAME Moi Moi/Bac/Moi')).text).toMatch(/^NO \[CANNOT\]/);
      expect((await two.run('RENAME Moi ""')).text).toMatch(/^NO \[CANNOT\]/);
      expect((await two.run('RENAME "Hộp thư đơn vị" Moi2')).text).toMatch(/^NO \[CANNOT\]/);
    });
    it('a mailbox that stands open stays open under its new name', async () => {
      await two.ok('CREATE Mo');
      await two.ok('SELECT Mo');
      await one.ok('RENAME Mo Van/Mo');
      await one.ok('APPEND Van/Mo ', mail('x'));
      expect(await two.ok('NOOP')).toEqual(['* 1 EXISTS']);
      await two.ok('UNSELECT');
    });
    it('keeps its subscription when it is renamed', async () => {
      await two.ok('SUBSCRIBE Van/Mo');
      await two.ok('RENAME Van/Mo Van/Xa');
      expect(await names(two, 'LIST (SUBSCRIBED) "" Van/*')).toEqual(['Van/Xa']);
    });
  });
});

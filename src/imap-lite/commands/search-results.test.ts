/** Sets of numbers at their edges, result options, "$" (RFC 9051 §6.4.4, §6.4.4.1, §9 seq-range; RFC 4731, 5182). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

describe('sets and results', () => {
  let test: TestServer;
  let c: Dialogue;
  /** UIDs 2, 3, 5, 8 and 9; 3 and 8 are flagged. */
  beforeAll(async () => {
    test = await startServer(sqliteDatabase, { badCommands: 1000 });
    c = await test.client();
    await c.ok('CREATE Rong');
    for (let uid = 1; uid <= 9; uid++)
      await c.ok(`APPEND INBOX ${[1, 4, 6, 7].includes(uid) ? '(\\Deleted) ' : ''}`, mail(`thu ${uid}`));
    await c.ok('SELECT INBOX');
    await c.ok('EXPUNGE');
    await c.ok('UID STORE 3,8 +FLAGS.SILENT (\\Flagged)');
  });
  afterAll(() => test.dispose());
  const found = async (program: string): Promise<string> =>
    (await c.ok(program)).map((l) => l.replace(/^\* (?:SEARCH|ESEARCH \(TAG "\w+"\)) ?/, '')).join();

  describe('in a mailbox of five', () => {
    beforeEach(async () => void (await c.ok('SELECT INBOX')));
    it.each([
      ['SEARCH *', '5'],
      ['SEARCH 5:*', '5'],
      ['SEARCH *:4', '4 5'],
      ['SEARCH 4:2', '2 3 4'],
      ['SEARCH 1,3:4,2,3', '1 2 3 4'],
      ['SEARCH UID *', '5'],
      ['SEARCH UID 100:*', '5'],
      ['SEARCH UID *:100', '5'],
      ['SEARCH UID 100', ''],
      ['SEARCH UID 100:200', ''],
      ['SEARCH UID 4', ''],
      ['SEARCH UID 4294967295', ''],
      ['UID SEARCH UID 1:4', '2 3'],
      ['UID SEARCH 1:2', '2 3'],
      // RFC 9051 §6.4.9: numbers and UIDs, both must fit
      ['UID SEARCH 2:4 UID 5:9', '5 8'],
      ['SEARCH NOT 2:4', '1 5'],
      ['SEARCH NOT UID 1:*', ''],
      ['SEARCH OR 1 UID 9', '1 5'],
      ['SEARCH (1:2 FLAGGED) NOT (SEEN)', '2'],
      ['search Flagged unSEEN', '2 4'],
      ['SEARCH CHARSET us-ascii FLAGGED', '2 4'],
      ['SEARCH CHARSET "UTF-8" FLAGGED', '2 4'],
      ['SEARCH SUBJECT ""', '1 2 3 4 5'],
      ['SEARCH HEADER "" ""', ''],
      ['SEARCH HEADER constructor ""', ''],
      ['SEARCH TEXT "thu 8"', '4'],
      ['SEARCH KEYWORD nie', ''],
      ['SEARCH UNKEYWORD nie 1', '1'],
      ['SEARCH LARGER 0 SMALLER 4294967296', '1 2 3 4 5'],
      ['SEARCH SENTON "12-Jan-2026" 1', '1'],
      ['SEARCH SENTON 12-jan-2026 SENTSINCE 01-JAN-2026 1', '1'],
    ])('%s: %s', async (program, expected) => expect(await found(program)).toBe(expected));

    it.each([
      ...[
        'SEARCH 6',
        'SEARCH 5:6',
        'SEARCH NOT 6',
        'SEARCH OR 1 6',
        'SEARCH 0',
        'SEARCH UID 0',
        'SEARCH UID',
        'SEARCH 1:',
      ],
      ...[
        'SEARCH',
        'SEARCH  ALL',
        'SEARCH ALL ',
        'SEARCH ()',
        'SEARCH (ALL',
        'SEARCH NOT',
        'SEARCH OR ALL',
        'SEARCH CHARSET UTF-8',
      ],
      ...[
        'SEARCH KEYWORD \\Seen',
        'SEARCH KEYWORD "a"',
        'SEARCH SENTON 32-Jan-2026',
        'SEARCH BEFORE 1-1-2026',
        'SEARCH LARGER -1',
      ],
      ...[
        'SEARCH LARGER 1.5',
        'SEARCH YOUNGER 0',
        'SEARCH OLDER',
        'SEARCH FROM',
        'SEARCH HEADER Subject',
        'SEARCH MODSEQ x',
      ],
      ...[
        'SEARCH RETURN ALL',
        'SEARCH RETURN (NOPE) ALL',
        'SEARCH RETURN (MIN',
        'SEARCH RETURN (MIN)',
        'SEARCH RETURN () ',
      ],
      ...[
        'FETCH 6 FLAGS',
        'FETCH 4:6 FLAGS',
        'FETCH 0:1 FLAGS',
        'STORE 6 +FLAGS (a)',
        'COPY 6 Rong',
        'MOVE 1,6 Rong',
        'FETCH 1, FLAGS',
      ],
    ])('%s is BAD', async (command) => {
      const answer = await c.run(command);
      expect([answer.lines, answer.status]).toEqual([[], 'BAD']);
    });
    it.each([
      'UID FETCH 4,6:7,100 (UID)',
      'UID STORE 1,100 +FLAGS (x)',
      'UID COPY 4 Rong',
      'UID MOVE 100:200 Rong',
      'UID EXPUNGE 4',
    ])('%s: UIDs that are not there are no fault', async (command) =>
      expect(await c.run(command)).toMatchObject({ lines: [], status: 'OK' }),
    );

    it.each([
      ['()', 'FLAGGED', 'ALL 2,4'],
      ['(ALL)', 'ALL', 'ALL 1:5'],
      ['(MIN)', 'FLAGGED', 'MIN 2'],
      ['(MAX)', 'FLAGGED', 'MAX 4'],
      ['(MIN MAX)', 'FLAGGED', 'MIN 2 MAX 4'],
      ['(COUNT)', 'FLAGGED', 'COUNT 2'],
      ['(COUNT MAX ALL MIN)', 'FLAGGED', 'MIN 2 MAX 4 COUNT 2 ALL 2,4'],
      ['(min COUNT Min)', 'FLAGGED', 'MIN 2 COUNT 2'],
      // Nothing found: neither MIN nor MAX nor ALL, but an answer
      ['(MIN MAX ALL)', 'SEEN', ''],
      ['(COUNT ALL)', 'SEEN', 'COUNT 0'],
      ['()', 'SEEN', ''],
    ])('RETURN %s %s: %s', async (options, key, expected) => {
      const [line = ''] = await c.ok(`SEARCH RETURN ${options} ${key}`);
      expect(line).toMatch(/^\* ESEARCH \(TAG "t\d+"\)/);
      expect(line.replace(/^\* ESEARCH \(TAG "t\d+"\) ?/, '')).toBe(expected);
      const [byUid = ''] = await c.ok(`UID SEARCH RETURN ${options} ${key}`);
      expect(byUid).toMatch(/^\* ESEARCH \(TAG "t\d+"\) UID/);
    });

    it.each([
      // RFC 5182 §2.4: what is saved
      ['(SAVE)', '3 8'],
      ['(SAVE ALL)', '3 8'],
      ['(SAVE COUNT)', '3 8'],
      ['(SAVE MIN)', '3'],
      ['(SAVE MAX)', '8'],
      ['(SAVE MIN MAX)', '3 8'],
      ['(SAVE MIN COUNT)', '3 8'],
      ['(SAVE MAX ALL)', '3 8'],
    ])('RETURN %s FLAGGED saves %s', async (options, saved) => {
      await c.ok(`SEARCH RETURN ${options} FLAGGED`);
      expect(await found('UID SEARCH $')).toBe(saved);
      expect(await found('UID SEARCH UID $')).toBe(saved);
    });

    it('"$" stands wherever a set does, holds what was saved last, and goes with the mailbox', async () => {
      expect(await found('SEARCH $')).toBe('');
      expect(await c.ok('FETCH $ (UID)')).toEqual([]);
      await c.ok('UID SEARCH RETURN (SAVE) FLAGGED');
      expect(await found('SEARCH NOT $')).toBe('1 3 5');
      expect(await c.ok('FETCH $ (UID)')).toEqual(['* 2 FETCH (UID 3)', '* 4 FETCH (UID 8)']);
      expect(await c.ok('UID FETCH $ (UID)')).toHaveLength(2);
      expect(await c.ok('STORE $ +FLAGS (\\Answered)')).toHaveLength(2);
      expect((await c.run('COPY $ Rong')).text).toMatch(/^OK \[COPYUID \d+ 3,8 /);
      // What cannot be read, or does not save, leaves it; what saves and fails empties it (§6.4.4.1).
      for (const bad of ['NOPE', '99', 'NOT 99'])
        expect((await c.run(`SEARCH RETURN (SAVE) ${bad}`)).status).toBe('BAD');
      await c.ok('SEARCH RETURN (MIN) UID 2');
      await c.ok('SEARCH UID 2');
      expect(await found('UID SEARCH $')).toBe('3 8');
      await c.ok('UID SEARCH RETURN (SAVE) $ UID 8');
      expect(await found('UID SEARCH $')).toBe('8');
      expect((await c.run('SEARCH RETURN (SAVE) CHARSET X-NIE ALL')).text).toMatch(/^NO \[BADCHARSET \(/);
      expect(await found('UID SEARCH $')).toBe('');
      await c.ok('SEARCH RETURN (SAVE) ALL');
      await c.ok('SELECT INBOX');
      expect(await found('SEARCH $')).toBe('');
    });

    it('"$" and other numbers in one set, or a set after RETURN without a key, are BAD', async () => {
      for (const bad of ['FETCH $,1 (UID)', 'FETCH 1,$ (UID)', 'FETCH $:3 (UID)', 'SEARCH RETURN (SAVE)'])
        expect([bad, (await c.run(bad)).status]).toEqual([bad, 'BAD']);
    });

    it('a message that was expunged is in "$" no more', async () => {
      const other = await test.client();
      await other.ok('APPEND INBOX (\\Deleted Tam) ', mail('tam'));
      await c.ok('NOOP');
      await c.ok('SEARCH RETURN (SAVE) OR FLAGGED KEYWORD Tam');
      await other.ok('SELECT INBOX');
      await other.ok('EXPUNGE');
      await c.ok('NOOP');
      expect(await found('UID SEARCH $')).toBe('3 8');
    });

    it('sent at once, a search that saves comes before what uses it (§6.4.4.2)', async () => {
      c.raw('a1 SEARCH RETURN (SAVE) FLAGGED\r\na2 FETCH $ (UID)\r\na3 SEARCH RETURN (COUNT) $\r\n');
      expect((await c.until('a1')).lines).toEqual([]);
      expect((await c.until('a2')).lines).toEqual(['* 2 FETCH (UID 3)', '* 4 FETCH (UID 8)']);
      expect((await c.until('a3')).lines).toEqual(['* ESEARCH (TAG "a3") COUNT 2']);
    });
  });

  describe('in an empty mailbox', () => {
    beforeAll(async () => {
      await c.ok('SELECT Rong');
      await c.ok('STORE 1:* +FLAGS.SILENT (\\Deleted)');
      await c.ok('EXPUNGE');
    });
    // RFC 9051 §9, seq-range: there is no last number.
    it.each(['FETCH * FLAGS', 'FETCH 1:* FLAGS', 'STORE * +FLAGS (x)', 'SEARCH *', 'SEARCH 1:*', 'COPY 1:* INBOX'])(
      '%s is BAD',
      async (command) => expect((await c.run(command)).status).toBe('BAD'),
    );
    it.each([
      ['UID FETCH 1:* FLAGS', ''],
      ['UID FETCH * FLAGS', ''],
      ['UID STORE 1:* +FLAGS (x)', ''],
      ['UID COPY 1:* INBOX', ''],
      ['UID EXPUNGE 1:*', ''],
      ['EXPUNGE', ''],
      ['SEARCH UID 1:*', ''],
      ['SEARCH ALL', ''],
      ['SEARCH NOT ALL', ''],
      ['SEARCH RETURN (MIN COUNT) ALL', 'COUNT 0'],
      ['FETCH $ FLAGS', ''],
    ])('%s is OK', async (command, expected) => expect(await found(command)).toBe(expected));
  });
});

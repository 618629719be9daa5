/** Rules of every command: syntax, tags, states, ENABLE, sign-in (RFC 9051 §2.2, §6.1–6.3.1, §9; RFC 2971, 4959, 5161, 7888). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { HUNG, mail, PASSWORD, startServer, type TestServer } from '../testing/setup.ts';

const plain = (text: string): string => Buffer.from(text).toString('base64');

describe('a session', () => {
  let test: TestServer;
  let c: Dialogue;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase, { badCommands: 1000, preLoginCommands: 1000, wrongPasswords: 1000 });
    c = await test.client();
  });
  afterAll(() => test.dispose());
  /** What comes back for octets sent as they are, up to the line of this tag. */
  const sent = async (text: string, tag: string, dialogue = c): Promise<string> => {
    dialogue.raw(text);
    const { lines, text: last } = await dialogue.until(tag);
    return [...lines, last].join('\n');
  };

  describe('syntax', () => {
    it.each([
      ' NOOP',
      'NOOP ',
      'NOOP x',
      'CAPABILITY ',
      'LOGOUT now',
      'SELECT',
      'SELECT ',
      'SELECT  INBOX',
      'SELECT INBOX ',
      'SELECT INBOX x',
      'SELECT (INBOX)',
      'SELECT "INBOX',
      'SELECT INBOX()',
      'SELECT INBOX (CONDSTORE',
      'STATUS INBOX MESSAGES',
      'CREATE',
      'RENAME a',
      'RENAME a  b',
      'LIST ""',
      'LSUB ""',
      'LSUB "" (a)',
      'ENABLE',
      'ENABLE ',
      'ENABLE (CONDSTORE)',
      'ID',
      'ID x',
      'ID ("a")',
      'ID ("a" b)',
      'APPEND INBOX',
      'APPEND INBOX x',
      'APPEND INBOX () ""',
      'APPEND INBOX {1}x',
      'NAMESPACE x',
      'IDLE x',
      'UID',
      'UID FETCH',
      'UID NOOP',
      'FETCH',
      'FOO',
      '"NOOP"',
      'NO(OP',
      'DELETE {2}x',
      'SUBSCRIBE ()',
      'COMPRESS',
      'COMPRESS GZIP x',
      'MYRIGHTS',
      'GETQUOTA a b',
    ])('%j is BAD, and the next command is read', async (command) => {
      expect((await c.run(command)).status).toBe('BAD');
      expect((await c.run('NOOP')).status).toBe('OK');
    });
    it('names of commands, items and options are the same in any case', async () => {
      await c.ok('sElEcT inbox (CondStore)');
      await c.ok('uId fetch 1:* (fLaGs Body.Peek[header.fields (subject)])');
      await c.ok('Status INBOX (messages UidNext)');
      await c.ok('search return (min) unSeen');
      await c.ok('unselect');
    });
    it('a tag may come again, and may be any word without "+"', async () => {
      for (const tag of ['a', 'a', 'A001', '~x', 'a]b', '1', '&', "'"])
        expect(await sent(`${tag} NOOP\r\n`, tag)).toBe('OK done');
    });
    it.each(['+ NOOP', '* NOOP', '(a) NOOP', '"a" NOOP', '%a NOOP'])('%j has no tag', async (line) => {
      expect(await sent(`${line}\r\nz NOOP\r\n`, 'z')).toMatch(/^\* BAD .*\nOK done$/);
      expect(await sent('a+b NOOP\r\n', 'a')).toMatch(/^BAD/);
    });
    it('a line may end in LF alone, and an atom may be a string or a literal', async () => {
      expect(await sent('a STATUS INBOX (MESSAGES)\n', 'a')).toContain('* STATUS INBOX');
      expect(await sent('b STATUS {5+}\r\nINBOX (MESSAGES)\r\n', 'b')).toContain('* STATUS INBOX');
      expect(await sent('d STATUS "\\"\\\\" (MESSAGES)\r\n', 'd')).toContain('NO [NONEXISTENT]');
      expect(await sent('e STATUS "\\I" (MESSAGES)\r\n', 'e')).toMatch(/^BAD/);
    });
    it('a literal is asked for, also of no octets; one that comes unasked is not (RFC 7888 §3)', async () => {
      c.raw('a STATUS {0}\r\n');
      expect(await c.line()).toBe('+ go ahead');
      expect(await sent(' (MESSAGES)\r\n', 'a')).toContain('NO [NONEXISTENT]');
      expect(await sent('b STATUS {0+}\r\n (MESSAGES)\r\n', 'b')).toContain('NO [NONEXISTENT]');
      // Even of a command that nobody knows, what follows belongs to it.
      expect(await sent('d NOPE {7+}\r\ne NOOP\n x\r\nf NOOP\r\n', 'd')).toMatch(/^BAD/);
      expect((await c.until('f')).lines).toEqual([]);
    });
    it('NUL is no octet of a command', async () => {
      expect(await sent('a STATUS "IN\0BOX" (MESSAGES)\r\n', 'a')).toMatch(/^BAD/);
      expect(await sent('b NO\0OP\r\n', 'b')).toMatch(/^BAD/);
    });
  });

  describe('ENABLE', () => {
    it.each([
      ['CONDSTORE', 'CONDSTORE'],
      ['condstore X-NIE Imap4Rev2', 'CONDSTORE IMAP4rev2'],
      ['QRESYNC CONDSTORE QRESYNC', 'QRESYNC CONDSTORE'],
      ['UTF8=ACCEPT', 'UTF8=ACCEPT'],
      // Known, but nothing to enable; unknown
      ['IDLE MOVE UTF8=ONLY', ''],
      ['X-NIE', ''],
    ])('%s tells "%s", and the capabilities stay (RFC 5161 §3.1)', async (names, told) => {
      const d = await test.client();
      const before = await d.ok('CAPABILITY');
      expect(await d.ok(`ENABLE ${names}`)).toEqual([`* ENABLED ${told}`.trimEnd()]);
      expect(await d.ok('CAPABILITY')).toEqual(before);
      // Each answer has only what its command turned on.
      expect(await d.ok(`ENABLE ${names}`)).toEqual(['* ENABLED']);
    });
  });

  describe('CAPABILITY and ID', () => {
    it('names each capability once, the two revisions among them, and not LITERAL- beside LITERAL+ (RFC 7888 §5)', async () => {
      for (const [line = ''] of [await c.ok('CAPABILITY'), await (await test.stranger()).ok('CAPABILITY')]) {
        const names = line.split(' ').slice(2);
        expect(new Set(names).size).toBe(names.length);
        expect(names).toEqual(
          expect.arrayContaining(['IMAP4rev1', 'IMAP4rev2', 'SASL-IR', 'LITERAL+', 'ENABLE', 'ID']),
        );
        expect(names).not.toContain('LITERAL-');
      }
    });
    it('ID takes NIL, nothing and thirty fields, with any string; and answers in every state', async () => {
      const fields = (n: number): string => Array.from({ length: n }, (_, i) => `"f${i}" "v"`).join(' ');
      for (const args of ['NIL', 'nil', '()', '("name" NIL)', '("name" {3+}\r\nx y)', `(${fields(30)})`])
        expect(await c.ok(`ID ${args}`)).toEqual(['* ID ("name" "CongVu")']);
      expect((await c.run(`ID (${fields(31)})`)).status).toBe('BAD');
      expect(await (await test.stranger()).ok('ID NIL')).toHaveLength(1);
    });
  });

  describe('sign-in', () => {
    let d: Dialogue;
    beforeAll(async () => {
      d = await test.stranger();
    });
    it.each([
      // RFC 9051 §6.2.2, RFC 4959 §3: what is no base64, or no PLAIN
      ['PLAIN not*base64', 'BAD'],
      ['PLAIN =AAA', 'BAD'],
      ['PLAIN AAA=BBB=', 'BAD'],
      ['PLAIN AAA', 'BAD'],
      ['PLAIN =', 'BAD'],
      [`PLAIN "${plain('\0a\0b')}"`, 'BAD'],
      ['PLAIN {4+}\r\nAAAA', 'BAD'],
      [`PLAIN ${plain('no separators')}`, 'BAD'],
      [`PLAIN ${plain('\0a\0b\0c')}`, 'BAD'],
      [`PLAIN ${plain(`\0${HUNG}\0falsch`)}`, 'NO [AUTHENTICATIONFAILED]'],
      [`PLAIN ${plain(`other\0${HUNG}\0${PASSWORD}`)}`, 'NO [AUTHENTICATIONFAILED]'],
      ['SCRAM-SHA-256 AAAA', 'NO'],
      ['', 'BAD'],
    ])('AUTHENTICATE %j: %s', async (args, expected) => {
      const { text } = await d.run(`AUTHENTICATE ${args}`);
      expect(text.startsWith(expected), text).toBe(true);
    });
    it('the answer to the challenge is held to the same, and "*" gives up', async () => {
      for (const answer of ['*', 'not*base64', '=', ''])
        expect(await sent(`a AUTHENTICATE PLAIN\r\n${answer}\r\n`, 'a', d)).toMatch(/^\+ \nBAD/);
      expect(await sent(`b authenticate plain\r\n${plain(`${HUNG}\0${HUNG}\0${PASSWORD}`)}\r\n`, 'b', d)).toMatch(
        /^\+ \nOK \[CAPABILITY /,
      );
      for (const again of ['LOGIN a b', 'AUTHENTICATE PLAIN', 'STARTTLS'])
        expect((await d.run(again)).status).toBe('BAD');
    });
    it('before it only its own commands are taken, and after LOGOUT none', async () => {
      const e = await test.stranger();
      for (const early of [
        'SELECT INBOX',
        'LIST "" *',
        'ENABLE CONDSTORE',
        'NAMESPACE',
        'IDLE',
        'STATUS INBOX (MESSAGES)',
        'UNSELECT',
      ])
        expect((await e.run(early)).status).toBe('BAD');
      for (const fine of ['NOOP', 'CAPABILITY', 'ID NIL']) await e.ok(fine);
      e.raw('x LOGOUT\r\ny NOOP\r\n');
      const { lines, status } = await e.until('x');
      expect([lines, status]).toEqual([['* BYE see you'], 'OK']);
      expect(await e.line()).toBeUndefined();
    });
    it('STARTTLS is BAD where TLS is there already (§6.2.1)', async () => {
      const e = await test.stranger({ tls: true });
      expect((await e.run('STARTTLS')).status).toBe('BAD');
      expect((await e.ok('CAPABILITY')).join()).toContain('AUTH=PLAIN');
    });
  });

  describe('IDLE', () => {
    it('ends with DONE in any case, tells what waited, and anything else is BAD', async () => {
      await c.ok('SELECT INBOX');
      const other = await test.client();
      c.raw('a IDLE\r\n');
      expect(await c.line()).toBe('+ idling');
      await other.ok('APPEND INBOX ', mail('x'));
      expect(await c.line()).toMatch(/EXISTS$/);
      expect(await sent('dOnE\r\n', 'a')).toMatch(/^OK/);
      expect(await sent('b IDLE\r\nDONE x\r\n', 'b')).toMatch(/BAD/);
      expect(await sent('d IDLE\r\nDONE\r\n', 'd')).toBe('+ idling\nOK idle is over');
      await c.ok('UNSELECT');
      expect(await sent('e IDLE\r\nDONE\r\n', 'e')).toBe('+ idling\nOK idle is over');
    });
  });
});

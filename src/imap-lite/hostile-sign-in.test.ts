/** Octets in the clear around STARTTLS, and every wrong answer within AUTHENTICATE: nothing of it is ever executed as a command. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { bearerMessage, testIssuer, type TestIssuer } from '../directory/testing/issuer.ts';
import { faultLog } from './testing/faults.ts';
import type { Dialogue } from './testing/dialogue.ts';
import { HUNG, LAN, PASSWORD, startServer, type TestServer } from './testing/setup.ts';

const { faults, log } = faultLog();
let issuer: TestIssuer;
let test: TestServer;
beforeAll(async () => {
  issuer = await testIssuer();
  test = await startServer(
    sqliteDatabase,
    { preLoginLineBytes: 1000, wrongPasswords: 100, badCommands: 100 },
    log,
    issuer,
  );
});
afterAll(async () => {
  await test.dispose();
  await issuer.dispose();
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const upgraded = async (c: Dialogue, behind: string | Buffer): Promise<void> => {
  c.raw(Buffer.concat([Buffer.from('x STARTTLS\r\n'), Buffer.from(behind)]));
  expect((await c.until('x')).status).toBe('OK');
  await c.secure();
};

describe('what a stranger puts behind STARTTLS in the clear (CVE-2011-0411)', () => {
  const login = `y LOGIN ${HUNG} "${PASSWORD}"\r\n`;
  it.each([
    ['a command', 'y CAPABILITY\r\n'],
    ['a sign-in', login],
    ['a sign-in and more', `${login}z SELECT INBOX\r\n`],
    ['hundreds of commands', 'y NOOP\r\n'.repeat(500)],
    ['half a command, to be ended by the first one under TLS', `y LOGIN ${HUNG} `],
    ['a literal that would take in the first command under TLS', 'y LOGIN {30+}\r\n'],
    ['a literal that waits to be asked for', 'y LOGIN {30}\r\n'],
    ['a SASL exchange', `y AUTHENTICATE PLAIN\r\n${base64(`\0${HUNG}\0${PASSWORD}`)}\r\n`],
    ['another STARTTLS', 'y STARTTLS\r\n'],
    ['a lone line end', '\r\n'],
    ['octets of any kind', Buffer.from([0, 255, 13, 10, 22, 3, 1, 10])],
  ])('%s: is dropped', async (_, behind) => {
    const c = await test.stranger();
    await upgraded(c, behind);
    // The first that is answered is what was said under TLS, whole and by itself; and nobody has signed in.
    c.raw('t NOOP\r\n');
    expect(await c.until('t')).toMatchObject({ lines: [], status: 'OK' });
    expect((await c.run('SELECT INBOX')).status).toBe('BAD');
    await c.ok(`LOGIN ${HUNG} "${PASSWORD}"`);
  });

  it('octets that come after the answer end in the handshake, and with them the connection', async () => {
    const c = await test.stranger();
    await c.ok('STARTTLS');
    c.raw(`y LOGIN ${HUNG} "${PASSWORD}"\r\n`);
    expect(await c.line()).toBeUndefined();
  });

  it('STARTTLS with an argument, or in the middle of a sign-in, begins nothing', async () => {
    const c = await test.stranger();
    expect((await c.run('STARTTLS now')).status).toBe('BAD');
    c.raw('y AUTHENTICATE PLAIN\r\nz STARTTLS\r\n');
    expect((await c.until('y')).status).toBe('BAD');
    await c.ok('NOOP');
  });
});

describe.each(['PLAIN', 'OAUTHBEARER'])('AUTHENTICATE %s', (mechanism) => {
  const wrong: [string, string | Buffer][] = [
    ['given up', '*'],
    ['empty', ''],
    ['no base64', '!!!!'],
    ['base64 that was cut', 'AAA'],
    ['base64 with a space', 'AAAA AAAA'],
    ['base64 of another alphabet', '-_-_'],
    ['padding alone', '===='],
    ['padding in the middle', 'AA==AAAA'],
    ['NUL', '\0\0\0\0'],
    ['octets that are no text', Buffer.from([0xff, 0xfe, 0x80, 0xc3])],
    ['base64 of nothing but NUL', base64('\0\0\0\0\0\0')],
    ['one field', base64('hungnv')],
    ['a command', `z LOGIN ${HUNG} "${PASSWORD}"`],
    ['a literal', '{4+}\r\nAAAA'],
    ['a bare CR within', 'AAAA\rAAAA'],
  ];
  it.each(wrong)('answered by what is %s: NO or BAD, and the next line is a command again', async (_, answer) => {
    for (const initial of [false, true]) {
      const c = await test.stranger();
      c.raw(`x AUTHENTICATE ${mechanism}${initial ? ' ' : '\r\n'}`);
      if (!initial) expect(await c.line()).toBe('+ ');
      c.raw(Buffer.concat([Buffer.from(answer), Buffer.from('\r\n')]));
      let heard = await c.line();
      // RFC 7628 §3.2.3: the failure of a token is told first, and answered. In an initial response "*" and nothing are other things.
      while (heard?.startsWith('+ ')) {
        c.raw('*\r\n');
        heard = await c.line();
      }
      expect(heard).toMatch(/^(x|\*) (NO|BAD) /);
      c.raw('\r\nt NOOP\r\n');
      const { status, lines } = await c.until('t');
      expect([status, lines.filter((line) => !/^(\*|AAAA) BAD/.test(line))]).toEqual(['OK', []]);
      expect((await c.run('SELECT INBOX')).status).toBe('BAD');
      c.close();
    }
  });

  it('answered by more than a line may have: BYE, before it is whole', async () => {
    const c = await test.stranger();
    c.raw(`x AUTHENTICATE ${mechanism}\r\n`);
    expect(await c.line()).toBe('+ ');
    c.raw('A'.repeat(1001));
    expect(await c.line()).toBe('* BYE [TOOBIG] a line is too long');
  });
});

describe('a sign-in', () => {
  it('as another than the one whose password it is: NO', async () => {
    const c = await test.stranger();
    const as = (who: string): string => base64(`${who}\0${HUNG}\0${PASSWORD}`);
    expect((await c.run(`AUTHENTICATE PLAIN ${as(LAN)}`)).text).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    await c.ok(`AUTHENTICATE PLAIN ${as(HUNG)}`);
  });

  it('is done once: a second, by any way, is BAD, and what follows it is no answer of it', async () => {
    const c = await test.client();
    const token = await issuer.token(test.clock.now(), { email: LAN, scope: 'mail' });
    for (const command of [
      `LOGIN ${LAN} "${PASSWORD}"`,
      'AUTHENTICATE PLAIN',
      `AUTHENTICATE OAUTHBEARER ${bearerMessage(token)}`,
      'STARTTLS',
    ])
      expect((await c.run(command)).status, command).toBe('BAD');
    await c.ok('SELECT INBOX');
  });

  it('by a mechanism that there is not: NO at once, no challenge', async () => {
    const c = await test.stranger();
    for (const name of ['LOGIN', 'CRAM-MD5', 'EXTERNAL', 'ANONYMOUS', '__proto__', 'constructor'])
      expect(await c.run(`AUTHENTICATE ${name}`)).toMatchObject({ lines: [], status: 'NO' });
  });

  it('that goes wrong in any of these ways is no fault of ours', () => expect(faults).toEqual([]));
});

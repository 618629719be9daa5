import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { Dialogue } from './testing/dialogue.ts';
import { HUNG, mail, MOI, PASSWORD, startServer, type TestServer } from './testing/setup.ts';

describe('a connection', () => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase);
  });
  afterAll(() => test.dispose());

  it('greets with what it can do before sign-in, and tells more after it', async () => {
    const c = await Dialogue.connect(test.port);
    expect(await c.line()).toMatch(/^\* OK \[CAPABILITY IMAP4rev1 IMAP4rev2 .*STARTTLS AUTH=PLAIN\]/);
    const { text } = await c.run(`LOGIN ${HUNG} "${PASSWORD}"`);
    expect(text).toMatch(/^OK \[CAPABILITY .*IDLE.*UTF8=ACCEPT .*APPENDLIMIT=52428800\]/);
    expect((await c.ok('LOGOUT'))[0]).toMatch(/^\* BYE/);
    expect(await c.line()).toBeUndefined();
  });

  it('speaks TLS on its own port and after STARTTLS, and then offers no STARTTLS', async () => {
    const implicit = await test.stranger({ tls: true });
    expect((await implicit.ok('CAPABILITY'))[0]).not.toContain('STARTTLS');
    const upgraded = await test.stranger();
    await upgraded.startTls();
    expect((await upgraded.ok('CAPABILITY'))[0]).not.toContain('STARTTLS');
    expect((await upgraded.run('STARTTLS')).status).toBe('BAD');
    await upgraded.ok(`LOGIN ${HUNG} "${PASSWORD}"`);
  });

  it('forgets what was sent in clear behind STARTTLS', async () => {
    const c = await test.stranger();
    c.raw('x STARTTLS\r\ny CAPABILITY\r\n');
    expect((await c.until('x')).status).toBe('OK');
    const secure = await secured(c);
    secure.raw('z NOOP\r\n');
    expect(await secure.until('z')).toEqual({ lines: [], status: 'OK', text: 'OK done' });
  });

  it('outlives a STARTTLS without a handshake', async () => {
    const c = await test.stranger();
    c.raw('x STARTTLS\r\n');
    await c.until('x');
    c.raw('this is no TLS\r\n');
    expect(await c.line()).toBeUndefined();
    const d = await test.stranger();
    d.raw('x STARTTLS\r\n');
    await d.until('x');
    d.close();
    await (await test.stranger()).ok('NOOP');
  });

  it('takes no password in clear from elsewhere or without the setting', async () => {
    const strict = await test.another({ allowPlainOnLoopback: false });
    const c = await strict.stranger();
    expect((await c.ok('CAPABILITY'))[0]).toMatch(/LOGINDISABLED$/);
    expect((await c.run(`LOGIN ${HUNG} "${PASSWORD}"`)).text).toMatch(/^NO \[PRIVACYREQUIRED\]/);
    expect((await c.run('AUTHENTICATE PLAIN')).text).toMatch(/^NO \[PRIVACYREQUIRED\]/);
    await c.startTls();
    await c.ok(`LOGIN ${HUNG} "${PASSWORD}"`);
    await strict.dispose();
  });

  it('signs in by AUTHENTICATE PLAIN, with and without the initial response', async () => {
    const answer = Buffer.from(`\0${HUNG}\0${PASSWORD}`).toString('base64');
    const one = await test.stranger();
    expect((await one.run(`AUTHENTICATE PLAIN ${answer}`)).status).toBe('OK');
    const two = await test.stranger();
    two.raw('a AUTHENTICATE PLAIN\r\n');
    expect(await two.line()).toBe('+ ');
    two.raw(`${answer}\r\n`);
    expect((await two.until('a')).status).toBe('OK');
    const three = await test.stranger();
    three.raw('a AUTHENTICATE PLAIN\r\n*\r\n');
    expect((await three.until('a')).status).toBe('BAD');
    expect((await three.run('AUTHENTICATE GSSAPI')).status).toBe('NO');
  });

  it('answers a wrong password, an unknown address and a first password each in its way', async () => {
    const c = await test.stranger();
    const wrong = await c.run(`LOGIN ${HUNG} nein`);
    expect(wrong.text).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    expect((await c.run('LOGIN niemand@caoson.gov.vn nein')).text).toBe(wrong.text);
    const first = await (await test.stranger()).run(`LOGIN ${MOI} "${PASSWORD}"`);
    expect(first.text).toMatch(/^NO \[ALERT\] sign in to the web client first/);
  });

  it('takes the address and the password as literals, synchronizing or not', async () => {
    const d = await test.stranger();
    d.raw(`a LOGIN {${HUNG.length}}\r\n`);
    expect(await d.line()).toBe('+ go ahead');
    d.raw(`${HUNG} {${PASSWORD.length}+}\r\n${PASSWORD}\r\n`);
    expect((await d.until('a')).status).toBe('OK');
  });

  it('answers commands of another state, unknown ones and half ones with BAD and lives on', async () => {
    const c = await test.stranger();
    for (const bad of [
      'SELECT INBOX',
      'FETCH 1 FLAGS',
      'UID',
      'UID NOOP',
      'XYZZY',
      'LOGIN',
      'LOGIN a',
      'CAPABILITY x',
    ]) {
      expect([bad, (await c.run(bad)).status]).toEqual([bad, 'BAD']);
    }
    c.raw(' \r\n');
    expect(await c.line()).toMatch(/^\* BAD/);
    await c.ok(`LOGIN ${HUNG} "${PASSWORD}"`);
    expect((await c.run('FETCH 1 FLAGS')).status).toBe('BAD');
    expect((await c.run(`LOGIN ${HUNG} "${PASSWORD}"`)).status).toBe('BAD');
  });

  it('does pipelined commands in their order', async () => {
    const c = await test.client();
    const message = mail('x');
    c.raw(
      `1 CREATE Ong\r\n2 APPEND Ong {${Buffer.byteLength(message)}+}\r\n${message}\r\n3 SELECT Ong\r\n4 DELETE Ong\r\n5 NOOP\r\n`,
    );
    expect((await c.until('1')).status).toBe('OK');
    expect((await c.until('2')).status).toBe('OK');
    expect((await c.until('3')).status).toBe('OK');
    expect((await c.until('4')).status).toBe('OK');
    expect((await c.until('5')).status).toBe('OK');
  });
});

/** TLS over the socket of a dialogue that was told to begin. */
async function secured(c: Dialogue): Promise<Dialogue> {
  const { connect } = await import('node:tls');
  c.underlying.removeAllListeners();
  const socket = connect({ socket: c.underlying, rejectUnauthorized: false });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return Dialogue.over(socket);
}

/** Every limit of settings.ts, and strangers who speak something else. Time is the test's own. */
import { connect } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import * as v from 'valibot';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { Admission } from './admission.ts';
import { imapSettings } from './settings.ts';
import { Dialogue } from './testing/dialogue.ts';
import { HUNG, LAN, mail, PASSWORD, SHARED, startServer, type TestServer } from './testing/setup.ts';

describe('limits', () => {
  let base: TestServer;
  let test: TestServer;
  beforeAll(async () => {
    base = await startServer(sqliteDatabase);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await test.dispose();
  });
  afterAll(() => base.dispose());
  const given = async (settings: Parameters<TestServer['another']>[0]): Promise<void> => {
    test = await base.another(settings);
  };
  const fakeTime = (): void => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  /** The socket read of the server must wait already. */
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

  it('lineBytes: a longer command ends the connection', async () => {
    await given({ lineBytes: 1000 });
    const c = await test.client();
    await c.ok(`NOOP`);
    expect(await c.run(`SEARCH ${'SEEN '.repeat(300)}`)).toMatchObject({
      status: 'BYE',
      text: '* BYE [TOOBIG] a line is too long',
    });
  });

  it('lineBytes: who is still sending when it is told BYE can send the rest, and hears it', async () => {
    await given({ lineBytes: 1000 });
    const c = await test.client();
    c.underlying.pause();
    const sent = new Promise<Error | null | undefined>((resolve) =>
      c.underlying.write(`x ${'SEEN '.repeat(4_000_000)}`, resolve),
    );
    expect(await sent).toBeFalsy();
    c.underlying.resume();
    expect(await c.line()).toBe('* BYE [TOOBIG] a line is too long');
  });

  it('preLoginLineBytes: strangers have shorter lines', async () => {
    await given({ preLoginLineBytes: 300 });
    const c = await test.stranger();
    expect((await c.run(`LOGIN ${'x'.repeat(400)} y`)).text).toContain('a line is too long');
  });

  it('literalBytes and appendBytes: told before the octets come', async () => {
    await given({ literalBytes: 100, appendBytes: 2000 });
    const c = await test.client();
    c.raw('a CREATE {101}\r\n');
    expect((await c.until('a')).text).toMatch(/^NO \[TOOBIG\]/);
    c.raw('b APPEND INBOX {2001}\r\n');
    expect((await c.until('b')).text).toMatch(/^NO \[TOOBIG\]/);
    await c.ok('APPEND INBOX ', mail('x', '').padEnd(2000, 'x'));
    expect((await c.ok('CAPABILITY'))[0]).toContain('APPENDLIMIT=2000');
    expect((await c.run('APPEND INBOX ', 'x'.repeat(2001))).status).toBe('BYE');
  });

  it('preLoginLiteralBytes: a stranger cannot make us hold a message', async () => {
    await given({ preLoginLiteralBytes: 64 });
    const c = await test.stranger();
    c.raw('a APPEND INBOX {65}\r\n');
    expect((await c.until('a')).text).toMatch(/^NO \[TOOBIG\]/);
    c.raw('b LOGIN {99999999999+}\r\n');
    expect((await c.until('b')).text).toBe('* BYE [TOOBIG] a literal is too long');
  });

  it('preLoginSeconds: who does not sign in is sent away, busy or not', async () => {
    await given({ preLoginSeconds: 60 });
    fakeTime();
    const c = await test.stranger();
    await c.ok('NOOP');
    await settled();
    vi.advanceTimersByTime(59_000);
    await c.ok('NOOP');
    await settled();
    vi.advanceTimersByTime(2000);
    expect(await c.line()).toBe('* BYE not signed in for too long');
    expect(await c.line()).toBeUndefined();
  });

  it('idleSeconds: a silent client goes, in IDLE too', async () => {
    await given({ idleSeconds: 1800 });
    const [c, d] = [await test.client(), await test.client()];
    fakeTime();
    await c.ok('NOOP');
    d.raw('x IDLE\r\n');
    await d.line();
    await settled();
    vi.advanceTimersByTime(1_801_000);
    expect(await c.line()).toBe('* BYE nothing heard for too long');
    expect(await d.line()).toBe('* BYE nothing heard for too long');
  });

  it('stallSeconds: a client that takes nothing is dropped, and nobody else waits for it', async () => {
    await given({ stallSeconds: 5 });
    const [slow, quick] = [await test.client(), await test.client()];
    await quick.ok('APPEND INBOX ', mail('lon', 'x'.repeat(2_000_000)));
    await slow.ok('SELECT INBOX');
    fakeTime();
    slow.underlying.pause();
    slow.raw(`a FETCH * (BODY.PEEK[])\r\n`.repeat(30));
    await quick.ok('SELECT INBOX');
    for (let i = 0; i < 30; i++) await quick.ok('NOOP');
    expect(test.server.connectionCount()).toBe(2);
    // Content is read from real disks: as many turns as that takes.
    for (const start = process.hrtime.bigint(); process.hrtime.bigint() - start < 20_000_000_000n;) {
      if (test.server.connectionCount() === 1) break;
      vi.advanceTimersByTime(1000);
      await quick.ok('NOOP');
    }
    expect(test.server.connectionCount()).toBe(1);
  });

  it('preLoginCommands and badCommands: enough is enough', async () => {
    await given({ preLoginCommands: 5, badCommands: 3 });
    const c = await test.stranger();
    for (let i = 0; i < 4; i++) await c.ok('NOOP');
    c.raw('x NOOP\r\n');
    expect((await c.until('x')).status).toBe('OK');
    expect(await c.line()).toBe('* BYE too many commands before sign-in');
    const d = await test.client();
    for (let i = 0; i < 2; i++) await d.run('XYZZY');
    await d.ok('NOOP');
    for (let i = 0; i < 2; i++) await d.run('XYZZY');
    expect((await d.run('XYZZY')).text).toBe('* BYE too many bad commands');
  });

  it('wrongPasswords and wrongPasswordDelayMs: three attempts, each answered late', async () => {
    await given({ wrongPasswords: 3, wrongPasswordDelayMs: 2000 });
    const c = await test.stranger();
    fakeTime();
    for (let i = 0; i < 3; i++) {
      let answered = false;
      const answer = c.run(`LOGIN ${HUNG} nein`).finally(() => (answered = true));
      let waited = 0;
      for (; !answered; waited += 100) {
        vi.advanceTimersByTime(100);
        await settled();
      }
      expect(waited).toBeGreaterThanOrEqual(2000);
      expect((await answer).text).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    }
    expect(await c.line()).toBeUndefined();
  });

  it('connections, by address and by user', async () => {
    await given({ connectionsPerAddress: 4, connectionsPerUser: 2 });
    const [one] = [await test.client(), await test.client()];
    const third = await test.stranger();
    expect((await third.run(`LOGIN ${HUNG} "${PASSWORD}"`)).text).toMatch(/^NO \[LIMIT\]/);
    await third.ok(`LOGIN ${LAN} "${PASSWORD}"`);
    await test.stranger();
    const fifth = await Dialogue.connect(test.port);
    expect(await fifth.line()).toBe('* BYE [LIMIT] too many connections');
    await one.ok('LOGOUT');
    await one.line();
    while (test.server.connectionCount() > 3) await settled();
    await test.client();
  });

  it('connections: in all, whatever address they come from', async () => {
    await given({ connections: 2 });
    await test.client();
    await test.client();
    const third = await Dialogue.connect(test.port);
    expect(await third.line()).toBe('* BYE [LIMIT] too many connections');
    const overTls = connect(test.tlsPort, '127.0.0.1');
    await new Promise((resolve) => overTls.once('close', resolve));
  });

  it('connectionsPerAddress: a /64 of IPv6 is one address', () => {
    const admission = new Admission(v.parse(imapSettings, { connectionsPerAddress: 2 }));
    const leave = admission.enter('2001:db8:1:2::1');
    expect(admission.enter('2001:db8:1:2:3::ffff')).toBeDefined();
    expect(admission.enter('2001:db8:1:2::3')).toBeUndefined();
    expect(admission.enter('2001:db8:1:3::1')).toBeDefined();
    leave?.();
    expect(admission.enter('2001:db8:1:2::3')).toBeDefined();
  });

  it('accessSeconds: a right to a unit mailbox, once seen, is believed so long and no longer', async () => {
    await given({ accessSeconds: 30 });
    const lan = await test.client(LAN);
    await lan.ok('ENABLE UTF8=ACCEPT');
    await lan.ok(`SELECT "${SHARED}/Hộp thư đến"`);
    const { id } = (await test.directory.official({ address: LAN }))!;
    await test.db.write((tx) => test.directory.removeDelegate(tx, test.unitAccount, id));
    test.clock.advance(29_000);
    await lan.ok('FETCH 1:* FLAGS').catch(() => undefined);
    expect((await lan.run('NOOP')).status).toBe('OK');
    test.clock.advance(2000);
    expect((await lan.run('NOOP')).text).toBe('* BYE [NOPERM] access has ended');
    await test.db.write((tx) => test.directory.addDelegate(tx, test.unitAccount, id, { canSend: false }));
  });

  it.each([
    ['a tag', 'a'],
    ['a name', 'a LOG'],
    ['a literal that was promised', 'a LOGIN {20+}\r\nhung'],
    ['a literal before it comes', 'a LOGIN {20}\r\n'],
    ['a SASL exchange', 'a AUTHENTICATE PLAIN\r\n'],
  ])('a client that goes in the middle of %s leaves nothing behind', async (_what, half) => {
    await given({});
    const c = await test.stranger();
    c.raw(half);
    await settled();
    c.close();
    while (test.server.connectionCount() > 0) await settled();
  });

  it.each([
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n'],
    ['IMAP in clear', 'a CAPABILITY\r\n'],
    ['garbage', Buffer.alloc(5000, 0xa5)],
  ])('%s on the port with TLS ends the connection', async (_name, bytes) => {
    await given({});
    const socket = connect(test.tlsPort, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.write(bytes);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(test.server.connectionCount()).toBe(0);
  });

  it('searchTexts: so many words and phrases in one search, wherever they stand', async () => {
    await given({ searchTexts: 3 });
    const c = await test.client();
    await c.ok('SELECT INBOX');
    await c.ok('SEARCH OR BODY a NOT (SUBJECT b HEADER X-Loai "") SEEN');
    for (const keys of ['OR BODY a NOT (SUBJECT b HEADER X-Loai "") TEXT d', 'TEXT a TEXT a TEXT a TEXT a'])
      expect((await c.run(`SEARCH ${keys}`)).text).toMatch(/^NO \[LIMIT\] a search looks for at most 3/);
    await c.ok('NOOP');
  });

  it('acrossAccounts: a larger move into a unit mailbox is refused whole', async () => {
    await given({ acrossAccounts: 1 });
    const c = await test.client();
    await c.ok('ENABLE UTF8=ACCEPT');
    await c.ok('CREATE Nhieu');
    for (const name of ['a', 'b']) await c.ok('APPEND Nhieu ', mail(name));
    await c.ok('SELECT Nhieu');
    expect((await c.run(`MOVE 1:2 "${SHARED}/Hộp thư đến"`)).text).toMatch(/^NO \[LIMIT\]/);
    expect(await c.ok('SEARCH ALL')).toEqual(['* SEARCH 1 2']);
  });

  it('quota: an append that does not fit is NO [OVERQUOTA]', async () => {
    await given({});
    const c = await test.client();
    await test.db.write((tx) => test.mailstore.setAccount(tx, test.hung.accountId, { quotaBytes: 10 }));
    expect((await c.run('APPEND INBOX ', mail('x'))).text).toMatch(/^NO \[OVERQUOTA\]/);
    await test.db.write((tx) => test.mailstore.setAccount(tx, test.hung.accountId, { quotaBytes: 10 ** 9 }));
  });

  it.each([
    ['HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', /this is IMAP/],
    ['TLS', Buffer.from('16030100f2010000ee0303', 'hex'), /TLS begins with STARTTLS/],
    ['SMTP', 'EHLO x\r\nMAIL FROM:<a@b>\r\n'.repeat(10), /too many bad commands/],
    ['SSH', 'SSH-2.0-OpenSSH_9\r\n', /BAD/],
    ['zeros', Buffer.alloc(20_000), /a line is too long/],
    ['line ends', '\r\n'.repeat(100), /too many bad commands/],
  ])('%s on the plain port is answered and costs nothing', async (_name, bytes, expected) => {
    await given({});
    const socket = connect(test.port, '127.0.0.1');
    socket.on('error', () => undefined);
    let heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    socket.write(bytes);
    await vi.waitFor(() => expect(heard).toMatch(expected), { timeout: 5000, interval: 5 });
    socket.destroy();
    while (test.server.connectionCount() > 0) await settled();
  });

  it('a server that stops says so', async () => {
    await given({});
    const c = await test.client();
    await test.server.close();
    expect(await c.line()).toBe('* BYE [UNAVAILABLE] the server stops');
  });
});

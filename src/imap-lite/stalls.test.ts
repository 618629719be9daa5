/** A client that says nothing more, wherever it stops, is ended by the clock with BYE, and leaves nothing behind. */
import { connect } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import type { Dialogue } from './testing/dialogue.ts';
import { startServer, type TestServer } from './testing/setup.ts';

describe('a client that falls silent', () => {
  let base: TestServer;
  let test: TestServer;
  beforeAll(async () => {
    base = await startServer(sqliteDatabase);
    test = await base.another({ preLoginSeconds: 60, idleSeconds: 1800 });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await expect.poll(() => test.server.connectionCount()).toBe(0);
  });
  afterAll(async () => {
    await test.dispose();
    await base.dispose();
  });
  const fakeTime = (): void => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  /** Everything up to the end of the connection. */
  const heard = async (c: Dialogue): Promise<string[]> => {
    const lines: string[] = [];
    for (let line = await c.line(); line !== undefined; line = await c.line()) lines.push(line);
    return lines;
  };

  it.each([
    ['the greeting', ''],
    ['a tag', 'a'],
    ['a command without its end', 'a LOGIN hung'],
    ['a literal announced', 'a LOGIN {4}\r\n'],
    ['half a literal', 'a LOGIN {40+}\r\nhung'],
    ['AUTHENTICATE', 'a AUTHENTICATE PLAIN\r\n'],
    ['the name of AUTHENTICATE LOGIN', 'a AUTHENTICATE LOGIN\r\naHVuZw==\r\n'],
  ])('before sign-in, after %s: BYE after preLoginSeconds', async (_, said) => {
    fakeTime();
    const c = await test.stranger();
    c.raw(said);
    await turns();
    vi.advanceTimersByTime(59_000);
    await turns();
    expect(c.ended).toBe(false);
    vi.advanceTimersByTime(2000);
    expect((await heard(c)).at(-1)).toBe('* BYE not signed in for too long');
  });

  it('after STARTTLS, where no words can reach it: the end', async () => {
    fakeTime();
    const c = await test.stranger();
    c.raw('a STARTTLS\r\n');
    expect((await c.until('a')).status).toBe('OK');
    await turns();
    vi.advanceTimersByTime(61_000);
    expect(await heard(c)).toEqual([]);
  });

  it.each(['', '\u0016\u0003\u0001'])(
    'on the port with TLS, before its handshake is whole (%j): the end',
    async (said) => {
      const quick = await base.another({ preLoginSeconds: 1 });
      const socket = connect(quick.tlsPort, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      socket.write(said);
      await new Promise((resolve) => socket.once('close', resolve));
      await quick.dispose();
    },
  );

  it.each([
    ['a command', ''],
    ['half a command', 'a FETCH 1:'],
    ['a literal announced', 'a CREATE {4}\r\n'],
    ['the size of an APPEND', 'a APPEND INBOX {300}\r\n'],
    ['half the message of an APPEND', 'a APPEND INBOX {300+}\r\nSubject: nua\r\n\r\n'],
    ['the first of two messages of an APPEND', 'a APPEND INBOX {10+}\r\nA: b\r\n\r\nc\r {20+}\r\nx'],
    ['IDLE', 'a IDLE\r\n'],
    ['half of DONE', 'a IDLE\r\nDO'],
  ])('after sign-in, after %s: BYE after idleSeconds, and nothing is stored', async (_, said) => {
    const c = await test.client();
    await c.ok('SELECT INBOX');
    fakeTime();
    await c.ok('NOOP');
    c.raw(said);
    await turns();
    vi.advanceTimersByTime(1_799_000);
    await turns();
    expect(c.ended).toBe(false);
    vi.advanceTimersByTime(2000);
    expect((await heard(c)).at(-1)).toBe('* BYE nothing heard for too long');
    vi.useRealTimers();
    const again = await test.client();
    expect(await again.ok('STATUS INBOX (MESSAGES)')).toEqual(['* STATUS INBOX (MESSAGES 0)']);
    again.close();
  });

  it('after COMPRESS: BYE, compressed', async () => {
    const c = await test.client();
    await c.compress();
    fakeTime();
    await c.ok('NOOP');
    await turns();
    vi.advanceTimersByTime(1_801_000);
    expect((await heard(c)).at(-1)).toBe('* BYE nothing heard for too long');
  });
});

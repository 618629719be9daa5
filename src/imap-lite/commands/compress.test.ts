/** COMPRESS=DEFLATE (RFC 4978): a compressed client beside a plain one, bombs, garbage. */
import { constants, deflateRawSync, deflateSync, InflateRaw, inflateRawSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { random } from '../../base/testing/random.ts';
import { compressed } from '../deflate.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

describe('COMPRESS=DEFLATE', () => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase, { compressFromMs: 0 });
  });
  afterAll(() => test.dispose());

  it('what is compressed piece by piece is one stream to any inflater', () => {
    const pieces = ['* 1 EXISTS\r\n', 'x'.repeat(100_000), 'công văn'].map((text) => Buffer.from(text));
    const stream = Buffer.concat(pieces.map(compressed));
    expect(inflateRawSync(stream, { finishFlush: constants.Z_SYNC_FLUSH })).toEqual(Buffer.concat(pieces));
    expect(stream.length).toBeLessThan(1000);
  });

  it('after the answer both directions are compressed: large messages, literals, IDLE', async () => {
    const [a, b] = [await test.client(), await test.client()];
    expect((await a.ok('CAPABILITY'))[0]).toContain(' COMPRESS=DEFLATE');
    await a.compress();
    expect((await a.ok('CAPABILITY'))[0]).not.toContain('COMPRESS');
    expect((await a.run('COMPRESS DEFLATE')).text).toMatch(/^NO \[COMPRESSIONACTIVE\]/);
    const big = mail('lon', 'Kính gửi Ủy ban nhân dân tỉnh.\r\n'.repeat(100_000));
    await a.ok('APPEND INBOX ', big);
    await a.ok('SELECT INBOX');
    const received = a.underlying.bytesRead;
    const [line] = await a.ok('FETCH 1 BODY.PEEK[]');
    expect(line?.endsWith(`${big})`)).toBe(true);
    expect(a.underlying.bytesRead - received).toBeLessThan(Buffer.byteLength(big) / 20);
    a.raw('x IDLE\r\n');
    expect(await a.line()).toBe('+ idling');
    await b.ok('APPEND INBOX ', mail('hai'));
    expect(await a.line()).toBe('* 2 EXISTS');
    a.raw('DONE\r\n');
    expect((await a.until('x')).status).toBe('OK');
    expect((await a.ok('LOGOUT'))[0]).toMatch(/^\* BYE/);
    expect(await a.line()).toBeUndefined();
  });

  it('a client that is near is sent the same stream, not made smaller', async () => {
    const near = await test.another({ compressFromMs: 60_000 });
    const c = await near.client();
    await c.compress();
    const text = mail('gan', 'Kính gửi Ủy ban nhân dân tỉnh.\r\n'.repeat(10_000));
    await c.ok('CREATE Gan');
    await c.ok('APPEND Gan ', text);
    await c.ok('SELECT Gan');
    const received = c.underlying.bytesRead;
    expect((await c.ok('FETCH 1 BODY.PEEK[]'))[0]?.endsWith(`${text})`)).toBe(true);
    expect(c.underlying.bytesRead - received).toBeGreaterThan(Buffer.byteLength(text));
    await near.dispose();
  });

  it('works under TLS', async () => {
    const c = await test.stranger({ tls: true });
    expect((await c.run('COMPRESS DEFLATE')).status).toBe('BAD');
    await c.ok('LOGIN hungnv@caoson.gov.vn "mat khau 2026"');
    await c.compress();
    expect((await c.ok('STATUS INBOX (MESSAGES)'))[0]).toMatch(/^\* STATUS INBOX/);
  });

  it('refuses other algorithms, and octets sent before the answer', async () => {
    const c = await test.client();
    expect((await c.run('COMPRESS LZ4')).status).toBe('BAD');
    expect((await c.run('COMPRESS')).status).toBe('BAD');
    c.raw('a COMPRESS DEFLATE\r\nb NOOP\r\n');
    expect((await c.until('a')).status).toBe('BAD');
    expect((await c.until('b')).status).toBe('OK');
  });

  it('a bomb meets the limit of a line before it fills memory', async () => {
    const c = await test.client();
    await c.compress();
    const bomb = deflateRawSync(Buffer.alloc(300_000_000, 'A'), { finishFlush: constants.Z_SYNC_FLUSH });
    const before = process.memoryUsage.rss();
    c.underlying.write(bomb);
    expect(await c.line()).toBe('* BYE [TOOBIG] a line is too long');
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
  });

  it.each([
    ['a block of a kind that there is not', Buffer.alloc(100, 0xff)],
    ['a stored block whose length is denied by its check', Buffer.from([0, 5, 0, 5, 0, 1, 2, 3])],
    ['a distance to before the beginning', Buffer.from([0x63, 0x04, 0x61, 0x00, 0xff, 0xff, 0xff])],
    [
      'more behind the last block of a stream',
      Buffer.concat([deflateRawSync(Buffer.from('a NOOP\r\n')), Buffer.from('b')]),
    ],
    ['a stream of another format (zlib)', deflateSync(Buffer.from('a NOOP\r\n'.repeat(20)))],
    ['words that are not compressed', Buffer.from('a NOOP\r\n')],
  ])('%s: BYE, and nobody else notices', async (_, bytes) => {
    const c = await test.client();
    await c.compress();
    c.underlying.write(bytes);
    const heard: string[] = [];
    for (let line = await c.line(); line !== undefined; line = await c.line()) heard.push(line);
    expect(heard.at(-1)).toBe('* BYE what came compressed is damaged');
    await (await test.client()).ok('NOOP');
  });

  it.each(['x IDLE\r\n', 'x APPEND INBOX {500000+}\r\nSubject: nua\r\n'])('damage after %j: BYE', async (said) => {
    const c = await test.client();
    await c.compress();
    c.raw(said);
    if (said.includes('IDLE')) expect(await c.line()).toBe('+ idling');
    c.underlying.write(Buffer.alloc(100, 0xff));
    expect(await c.line()).toBe('* BYE what came compressed is damaged');
    expect(await c.line()).toBeUndefined();
  });

  it('a stream that was changed or cut anywhere is answered or ends with BYE', async () => {
    const { int } = random(4978);
    const whole = deflateRawSync(Buffer.from('a NOOP\r\nb SELECT INBOX\r\nc FETCH 1:* FLAGS\r\nd NOOP\r\n'), {
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    for (let round = 0; round < 40; round++) {
      const c = await test.client();
      await c.compress();
      const bytes = Buffer.from(whole).subarray(0, round % 2 ? 1 + int(whole.length) : whole.length);
      const at = int(bytes.length);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << int(8)), at);
      c.underlying.end(bytes);
      const heard: string[] = [];
      for (let line = await c.line(); line !== undefined; line = await c.line()) heard.push(line);
      // A client that ended after what could be understood hears no farewell.
      for (const line of heard) expect(line).toMatch(/^(\* |[^ ]+ (OK|NO|BAD) )/);
    }
    await (await test.client()).ok('NOOP');
    expect(test.server.connectionCount()).toBeLessThan(40);
  });

  it('nothing is taken apart any more behind the farewell', async () => {
    const c = await test.client();
    await c.compress();
    const others = test.server.connectionCount() - 1;
    const pieces = vi.spyOn(InflateRaw.prototype, 'push');
    const bomb = deflateRawSync(Buffer.alloc(100_000_000, 'A'), { finishFlush: constants.Z_SYNC_FLUSH });
    c.underlying.end(Buffer.concat(Array.from({ length: 8 }, () => bomb)));
    expect(await c.line()).toBe('* BYE [TOOBIG] a line is too long');
    await expect.poll(() => test.server.connectionCount()).toBeLessThanOrEqual(others);
    const taken = pieces.mock.calls.length;
    pieces.mockRestore();
    // Of 16 KiB each; the bomb has some 50,000.
    expect(taken).toBeLessThan(50);
  });
});

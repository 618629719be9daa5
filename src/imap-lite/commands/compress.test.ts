/** COMPRESS=DEFLATE (RFC 4978): a compressed client beside a plain one, bombs, garbage. */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
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

  it('garbage ends the connection', async () => {
    const c = await test.client();
    await c.compress();
    c.underlying.write(Buffer.alloc(100, 0xff));
    expect(await c.line()).toBeUndefined();
    await (await test.client()).ok('NOOP');
  });
});

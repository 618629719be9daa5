/** A client that asks for much and takes nothing: it costs a small buffer, and nobody else's time. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { HUNG, mail, PASSWORD, startServer, type TestServer } from './testing/setup.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MB = 1024 * 1024;
const LARGE = 12 * MB;

describe('a client that does not read', () => {
  let test: TestServer;
  const large = mail('lon', `${'Công văn số một hai ba. '.repeat(40)}\r\n`.repeat(LARGE / 1200));
  const deaf: Socket[] = [];
  beforeAll(async () => {
    test = await startServer(sqliteDatabase, { stallSeconds: 3600 });
    const c = await test.client();
    await c.ok('APPEND INBOX ', large);
    for (let i = 0; i < 20; i++) await c.ok('APPEND INBOX ', mail(`nho ${i}`));
    c.close();
  });
  afterAll(async () => {
    for (const socket of deaf) socket.destroy();
    await test.dispose();
  });

  /** Signs in, selects, asks, and never reads again. */
  const ask = (command: string, tls = false): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const host = '127.0.0.1';
      const socket = tls
        ? connectTls({ port: test.tlsPort, host, rejectUnauthorized: false })
        : connect({ port: test.port, host });
      deaf.push(socket);
      let heard = '';
      socket.on('error', reject);
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString('latin1');
        if (!heard.includes('\r\nb OK')) return;
        socket.pause();
        socket.removeAllListeners('data');
        socket.write(command, () => resolve(socket));
      });
      socket.write(`a LOGIN ${HUNG} "${PASSWORD}"\r\nb SELECT INBOX\r\n`);
    });
  /** What waits to be collected is not held. */
  const held = (): number => {
    collectGarbage();
    const { external, arrayBuffers } = process.memoryUsage();
    return external + arrayBuffers;
  };

  it('holds no more than a piece of a large message, whatever it asks for besides', async () => {
    const before = held();
    const many = Array.from({ length: 20 }, (_, i) => `c${i} FETCH 1:* (BODY.PEEK[])\r\n`).join('');
    for (let i = 0; i < 8; i++) await ask(many);
    // Another client goes through all of it meanwhile, again and again.
    const c = await test.client();
    await c.ok('SELECT INBOX');
    for (let i = 0; i < 3; i++) {
      const lines = await c.ok('FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])');
      expect(lines).toHaveLength(21);
    }
    // Eight times the large message would be 96 MB; the kernel's buffers are not ours.
    expect(held() - before).toBeLessThan(40 * MB);
  });

  it.each([false, true])('is heard when it reads again, and has every octet (TLS: %s)', async (tls) => {
    const socket = await ask('c FETCH 1:3 (BODY.PEEK[])\r\n', tls);
    // Meanwhile it is written to as far as the buffers of both sides go.
    await sleep(20);
    const heard: Buffer[] = [];
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        heard.push(chunk);
        if (Buffer.concat(heard.slice(-2)).toString('latin1').endsWith('c OK fetched\r\n')) resolve();
      });
      socket.resume();
    });
    const answer = (seq: number, message: Buffer | string) =>
      `* ${seq} FETCH (BODY[] {${Buffer.byteLength(message)}}\r\n${message.toString()})\r\n`;
    const wanted = [large, mail('nho 0'), mail('nho 1')].map((message, i) => answer(i + 1, message));
    expect(Buffer.concat(heard).equals(Buffer.from(`${wanted.join('')}c OK fetched\r\n`))).toBe(true);
  });

  it('does not keep others from being told of new messages', async () => {
    const c = await test.client();
    await c.ok('SELECT INBOX');
    c.raw('i IDLE\r\n');
    expect(await c.line()).toBe('+ idling');
    const d = await test.client();
    await d.ok('APPEND INBOX ', mail('moi'));
    expect(await c.line()).toBe('* 22 EXISTS');
  });
});

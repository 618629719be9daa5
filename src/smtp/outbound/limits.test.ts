/** The limits of [smtp.outbound] and of the queue in [delivery] at their border, over real sockets; the clock is the test's own. */
import { Worker } from 'node:worker_threads';
import { connect, type Socket } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { WayOut } from '../testing/outbound.ts';
import { mailPeer, type Peer, type PeerOptions } from '../testing/peer.ts';
import type { Zone } from '../testing/dns.ts';

const minute = 60_000;
const way = new WayOut();
const { start, send, run, states, reports } = way;
const others: Peer[] = [];
afterEach(async () => {
  for (const peer of others.splice(0)) await peer.stop();
});

/** bo.example has so many mail hosts, at 127.0.0.1 and on. */
const hosts = (n: number): Zone => ({
  'bo.example': { MX: Array.from({ length: n }, (_, i): [number, string] => [10 + i, `mx${i}.bo.example`]) },
  ...Object.fromEntries(Array.from({ length: n }, (_, i) => [`mx${i}.bo.example`, { A: [`127.0.0.${i + 1}`] }])),
});
const refusing: PeerOptions = { answer: (step) => (step === 'connect' ? '554 5.3.2 not today' : undefined) };

describe('the servers of one domain', () => {
  it('maxHosts: so many are asked in one attempt, those that answer', async () => {
    const first = await start({ zone: hosts(3), outbound: { maxHosts: 2 }, peer: refusing });
    others.push(await mailPeer({ ...refusing, host: '127.0.0.2', port: first.port }));
    others.push(await mailPeer({ host: '127.0.0.3', port: first.port }));
    await send('a@bo.example');
    await run();
    expect([first.connections, ...others.map(({ connections }) => connections)]).toEqual([1, 1, 0]);
    expect(await states()).toEqual([['a@bo.example', 'queued', 1]]);
  });

  it('maxHosts: and those that do not, each once', async () => {
    // Nobody listens at 127.0.0.2 and 127.0.0.3.
    const setup = (maxHosts: number) => ({ zone: hosts(4), outbound: { maxHosts }, peer: refusing });
    const first = await start(setup(3));
    others.push(await mailPeer({ host: '127.0.0.4', port: first.port }));
    await send('a@bo.example');
    await run();
    expect([first.connections, others[0]?.connections, await states()]).toEqual([
      ...[1, 0],
      [['a@bo.example', 'queued', 1]],
    ]);
    expect((await way.world.queue.list())[0]?.lastReply).toContain('not today');
    await others.pop()?.stop();
    await way.world.dispose();
    const again = await start(setup(4));
    others.push(await mailPeer({ host: '127.0.0.4', port: again.port }));
    await send('a@bo.example');
    await run();
    expect([again.connections, others[0]?.connections, await states()]).toEqual([
      ...[1, 1],
      [['a@bo.example', 'delivered', 1]],
    ]);
  });

  it('attemptTimeout: for all of them together', async () => {
    const drips: PeerOptions = { answer: (step) => (step === 'ehlo' ? 'drip' : undefined) };
    const first = await start({ zone: hosts(2), outbound: { attemptTimeout: 400 }, peer: drips });
    others.push(await mailPeer({ host: '127.0.0.2', port: first.port }));
    await send('a@bo.example');
    await run();
    expect([first.connections, others[0]?.connections, await states()]).toEqual([
      ...[1, 0],
      [['a@bo.example', 'queued', 1]],
    ]);
  });

  it('connectTimeout: one that takes no connection is passed over', async () => {
    const full = await fullListener('127.0.0.2');
    try {
      const zone = { ...hosts(2), 'mx0.bo.example': { A: ['127.0.0.2'] }, 'mx1.bo.example': { A: ['127.0.0.1'] } };
      const outbound = { port: full.port, connectTimeout: 100, attemptTimeout: 60_000 };
      await start({ zone, outbound });
      others.push(await mailPeer({ host: '127.0.0.1', port: full.port }));
      await send('a@bo.example');
      await run();
      expect([others[0]?.connections, await states()]).toEqual([1, [['a@bo.example', 'delivered', 1]]]);
    } finally {
      await full.stop();
    }
  });

  it.each([true, false])('ipv6 (%s): whether addresses of that kind are asked for', async (ipv6) => {
    const peer = await start({ outbound: { ipv6 } });
    await send('a@bo.example');
    await run();
    expect(way.world.dns.questions.includes('AAAA mx.bo.example')).toBe(ipv6);
    expect(peer.taken).toHaveLength(1);
  });
});

/** A listener whose queue is full: the system lets further connections wait without an answer. */
async function fullListener(host: string): Promise<{ port: number; stop(): Promise<void> }> {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     const server = require('node:net').createServer().listen({ port: 0, host: workerData, backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       // This thread takes nothing any more.
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true, workerData: host },
  );
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const waiting: Socket[] = [];
  for (let i = 0; i < 4; i++) waiting.push(connect(port, host).on('error', () => undefined));
  await new Promise((resolve) => waiting[0]?.once('connect', resolve));
  return {
    port,
    async stop() {
      for (const socket of waiting) socket.destroy();
      await worker.terminate();
    },
  };
}

describe('the queue', () => {
  const busy = (delivery: object) =>
    start({ world: { delivery }, peer: { answer: (step) => (step === 'connect' ? '421 4.3.2 Busy' : undefined) } });
  const nextIn = async (): Promise<number> => (await way.world.queue.list())[0]!.nextAt - way.world.clock.now();

  it('retryAfter: the waits in their order, the last one ever again', async () => {
    await busy({ retryAfter: [1000, 5000] });
    await send('a@bo.example');
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      expect(await run()).toBe(1);
      waits.push(await nextIn());
      way.world.clock.advance(waits[i]! - 1);
      expect(await run()).toBe(0);
      way.world.clock.advance(1);
    }
    expect(waits).toEqual([1000, 5000, 5000, 5000]);
  });

  it('queueLifetime: tried a last time when it has come, and given up with a report', async () => {
    await busy({ retryAfter: [minute], queueLifetime: 2 * minute, delayReportAfter: 10 * minute });
    await send('a@bo.example');
    await run();
    way.world.clock.advance(2 * minute - 1);
    await run();
    expect([await states(), await nextIn(), await reports()]).toEqual([[['a@bo.example', 'queued', 2]], 1, []]);
    way.world.clock.advance(1);
    await run();
    expect(await states()).toEqual([['a@bo.example', 'expired', 3]]);
    expect((await reports())[0]).toMatch(/Action: failed\r\nStatus: 4\.4\.7/);
  });

  it('delayReportAfter: told once that it still waits', async () => {
    await busy({ retryAfter: [1000], delayReportAfter: minute });
    await send('a@bo.example');
    way.world.clock.advance(minute - 1);
    await run();
    expect(await reports()).toEqual([]);
    way.world.clock.advance(1000);
    await run();
    way.world.clock.advance(1000);
    await run();
    const told = await reports();
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('Action: delayed');
  });

  it('reportOriginalBytes and reportLocalPart: a larger message comes back by its header only', async () => {
    const refused: PeerOptions = { answer: (step) => (step === 'rcpt' ? '550 5.1.1 nobody' : undefined) };
    await start({ world: { delivery: { reportLocalPart: 'buu-ta', hostname: 'thu.example' } }, peer: refused });
    const size = (await sendFull(), (await way.world.queue.message(1))!.size);
    await run();
    expect((await reports())[0]).toMatch(/^From: .*\r\n <buu-ta@caoson\.gov\.vn>\r\n/m);
    // delivery.hostname
    expect((await reports())[0]).toContain('Reporting-MTA: dns; thu.example');
    for (const [limit, comesBack] of [
      [size, true],
      [size - 1, false],
    ] as const) {
      await way.world.dispose();
      await start({ world: { delivery: { reportOriginalBytes: limit } }, peer: refused });
      await sendFull();
      await run();
      expect((await reports())[0]?.includes('dòng hai')).toBe(comesBack);
    }
  });

  /** RFC 3461 §4.3: by RET=FULL. */
  async function sendFull(): Promise<void> {
    const { world } = way;
    const { hung } = world.people;
    const bytes = Buffer.from(`From: ${hung.address}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\ndòng hai\r\n`);
    const to = { mailFrom: hung.address, rcptTo: [{ address: 'a@bo.example' }], ret: 'FULL' as const };
    await world.delivery.send(await world.mailstore.prepare(bytes), to, { ...hung, sentCopy: 'exists' });
  }
});

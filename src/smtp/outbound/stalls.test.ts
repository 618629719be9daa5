/** A peer that stalls, drips, hangs up or talks nonsense costs time and nothing else, at whatever step it does. */
import { afterEach, describe, expect, it } from 'vitest';

import type { Zone } from '../testing/dns.ts';
import { boZone, outboundWorld, type OutboundSetup, type OutboundWorld } from '../testing/outbound.ts';
import { mailPeer, type Peer } from '../testing/peer.ts';
import { testTls } from '../testing/servers.ts';

const minute = 60_000;

let world: OutboundWorld;
afterEach(() => world.dispose());
const start = async (setup?: OutboundSetup): Promise<Peer> => {
  world = await outboundWorld(setup);
  return world.peer;
};
const send = (...to: Parameters<OutboundWorld['send']>) => world.send(...to);
const run = () => world.run();
const states = () => world.states();

describe('a peer that stalls', () => {
  it.each(['connect', 'ehlo', 'mail', 'rcpt', 'data', 'dot'] as const)(
    'at %s is given up in time and asked again later',
    async (at) => {
      const peer = await start({
        peer: { answer: (step, { attempt }) => (step === at && attempt === 1 ? 'stall' : undefined) },
      });
      await send('a@bo.example');
      const started = Date.now();
      await run();
      expect(Date.now() - started).toBeLessThan(3000);
      expect(await states()).toEqual([['a@bo.example', 'queued', 1]]);
      expect(await run()).toBe(0);
      world.clock.advance(minute);
      await run();
      expect(await states()).toEqual([['a@bo.example', 'delivered', 2]]);
      expect(await run()).toBe(0);
      // RFC 5321 §4.5.3.2.6: who took the message and never answers its dot gets it again; before the dot nothing was taken.
      expect(peer.heard.filter((line) => line === 'DATA').length).toBe(at === 'data' || at === 'dot' ? 2 : 1);
      expect(peer.taken.length).toBe(1);
    },
  );

  it.each(['stall', 'drop'])(
    'at the answer to STARTTLS (%s) is asked at once in clear text where the settings allow',
    async (answer) => {
      const peer = await start({
        peer: {
          tls: await testTls(),
          answer: (step, { attempt }) => (step === 'starttls' && attempt === 1 ? answer : undefined),
        },
      });
      await send('a@bo.example');
      await run();
      expect([await states(), peer.connections, peer.taken.length]).toEqual([[['a@bo.example', 'delivered', 1]], 2, 1]);
    },
  );

  it('at the answer to STARTTLS is asked again later where they do not', async () => {
    const peer = await start({
      outbound: { clearTextAfterTlsFailure: false },
      peer: { tls: await testTls(), answer: (step) => (step === 'starttls' ? 'stall' : undefined) },
    });
    await send('a@bo.example');
    await run();
    expect([await states(), peer.taken.length]).toEqual([[['a@bo.example', 'queued', 1]], 0]);
  });

  it.each(['stall', 'drop'])('or at QUIT (%s) has the message once, and the connection goes', async (answer) => {
    const peer = await start({ peer: { answer: (step) => (step === 'quit' ? answer : undefined) } });
    await send('a@bo.example');
    const started = Date.now();
    await run();
    expect(Date.now() - started).toBeLessThan(1000);
    expect(await states()).toEqual([['a@bo.example', 'delivered', 1]]);
    expect(await run()).toBe(0);
    expect([peer.taken.length, peer.connections]).toEqual([1, 1]);
    await expect.poll(() => peer.open(), { timeout: 3000 }).toBe(0);
  });

  it('holds up no other destination, however much waits for it', async () => {
    const zone: Zone = {
      ...boZone(),
      'ca.example': { MX: [[10, 'mx.ca.example']] },
      'mx.ca.example': { A: ['127.0.0.2'] },
    };
    const patient = { greetingTimeout: minute, replyTimeout: minute, attemptTimeout: minute };
    const peer = await start({
      zone,
      outbound: { concurrency: 4, concurrencyPerDomain: 2, ...patient },
      peer: { answer: (step) => (step === 'mail' ? 'stall' : undefined) },
    });
    const other = await mailPeer({ host: '127.0.0.2', port: peer.port });
    for (let i = 0; i < 6; i++) await send('a@bo.example');
    await send('b@ca.example');
    world.jobs.start();
    await expect.poll(() => other.taken.length, { timeout: 5000 }).toBe(1);
    await expect.poll(async () => (await states()).filter(([, state]) => state === 'delivered').length).toBe(1);
    expect((await states()).filter(([who, state]) => who === 'a@bo.example' && state === 'queued').length).toBe(6);
    expect(peer.connections).toBe(2);
    await Promise.all([peer.stop(), other.stop()]);
  });

  it.each(['ehlo', 'rcpt', 'dot'] as const)(
    'or whose reply to %s drips without end is given up in time',
    async (at) => {
      await start({
        outbound: { attemptTimeout: 600 },
        peer: { answer: (step) => (step === at ? 'drip' : undefined) },
      });
      await send('a@bo.example');
      await run();
      expect(await states()).toEqual([['a@bo.example', 'queued', 1]]);
    },
  );

  it.each(['connect', 'ehlo', 'mail', 'rcpt', 'data', 'dot'] as const)(
    'or hangs up at %s is asked again later',
    async (at) => {
      await start({ peer: { answer: (step, { attempt }) => (step === at && attempt === 1 ? 'drop' : undefined) } });
      await send('a@bo.example');
      await run();
      expect(await states()).toEqual([['a@bo.example', 'queued', 1]]);
      world.clock.advance(minute);
      await run();
      expect(await states()).toEqual([['a@bo.example', 'delivered', 2]]);
    },
  );

  it.each([
    ['garbage', 'hello?'],
    ['a reply without end', '250-a'],
    ['an odd code', '999 what'],
    ['control characters', '451 4.0.0 a\u0007\u0000b'],
  ])('or answers with %s does no harm', async (_, answer) => {
    await start({ peer: { answer: (step) => (step === 'rcpt' ? answer : undefined) } });
    await send('a@bo.example');
    await run();
    const [row] = await world.queue.list();
    expect(['queued', 'failed']).toContain(row?.state);
    expect(row?.lastReply).toMatch(/^[\x20-\x7e]+$/);
  });
});

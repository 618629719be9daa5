/** A peer that stalls, drips, hangs up or talks nonsense costs time and nothing else, at whatever step it does. */
import { describe, expect, it } from 'vitest';

import type { Zone } from '../testing/dns.ts';
import { boZone, WayOut } from '../testing/outbound.ts';
import { mailPeer } from '../testing/peer.ts';
import { testTls } from '../testing/servers.ts';

const minute = 60_000;

const way = new WayOut();
const { start, send, run, states } = way;

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
      way.world.clock.advance(minute);
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
    way.world.jobs.start();
    await expect.poll(() => other.taken.length, { timeout: 5000 }).toBe(1);
    await expect.poll(async () => (await states()).filter(([, state]) => state === 'delivered').length).toBe(1);
    expect((await states()).filter(([who, state]) => who === 'a@bo.example' && state === 'queued').length).toBe(6);
    // One connection, as long as it has not shown that it answers.
    expect(peer.connections).toBe(1);
    await Promise.all([peer.stop(), other.stop()]);
  });

  it('and twice as many such destinations as there are connections hold up nothing either', async () => {
    const slow = Array.from({ length: 8 }, (_, n) => `cham${n}.example`);
    const zone: Zone = { 'ca.example': { MX: [[10, 'mx.ca.example']] }, 'mx.ca.example': { A: ['127.0.0.2'] } };
    for (const name of slow) {
      zone[name] = { MX: [[10, `mx.${name}`]] };
      zone[`mx.${name}`] = { A: ['127.0.0.1'] };
    }
    const patient = { greetingTimeout: minute, replyTimeout: minute, attemptTimeout: minute };
    const peer = await start({
      zone,
      // All on one address, where each of them may be asked.
      outbound: { concurrency: 4, concurrencyPerDomain: 20, slowAfter: 100, slowConcurrency: 20, ...patient },
      peer: { answer: (step) => (step === 'connect' ? 'stall' : undefined) },
    });
    const other = await mailPeer({ host: '127.0.0.2', port: peer.port });
    for (const name of slow) for (let i = 0; i < 3; i++) await send(`a@${name}`);
    way.world.jobs.start();
    await expect.poll(() => peer.connections, { timeout: 5000 }).toBe(8);
    for (let i = 0; i < 3; i++) {
      await send('b@ca.example');
      await expect.poll(() => other.taken.length, { timeout: 5000 }).toBe(i + 1);
    }
    // Each of them still has its one connection, which nobody cut short.
    expect([peer.connections, peer.open()]).toEqual([8, 8]);
    await Promise.all([peer.stop(), other.stop()]);
  });

  it.each(['host', 'address'])('and any number of them on one %s leave connections to others', async (shared) => {
    const slow = Array.from({ length: 30 }, (_, n) => `cham${n}.example`);
    const zone: Zone = { 'ca.example': { MX: [[10, 'mx.ca.example']] }, 'mx.ca.example': { A: ['127.0.0.2'] } };
    for (const [n, name] of slow.entries()) {
      const host = shared === 'host' ? 'mx.nha.example' : `mx${n}.nha.example`;
      zone[name] = { MX: [[10, host]] };
      zone[host] = { A: ['127.0.0.1'] };
    }
    const patient = { greetingTimeout: minute, replyTimeout: minute, attemptTimeout: minute };
    const peer = await start({
      zone,
      outbound: { concurrency: 6, concurrencyPerDomain: 2, slowAfter: 100, slowConcurrency: 8, ...patient },
      peer: { answer: (step) => (step === 'connect' ? 'stall' : undefined) },
    });
    const other = await mailPeer({ host: '127.0.0.2', port: peer.port });
    for (const name of slow) await send(`a@${name}`);
    way.world.jobs.start();
    // Who finds no place asks again after a second or so of our clock.
    const later = () => {
      way.world.clock.advance(500);
      return peer.connections;
    };
    await expect.poll(later, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
    for (let i = 0; i < 3; i++) {
      await send('b@ca.example');
      await expect.poll(() => other.taken.length, { timeout: 5000 }).toBe(i + 1);
    }
    // Half of those that may take long, and one that had begun before the last of them did.
    expect(peer.connections).toBeLessThanOrEqual(5);
    // Nobody was asked for the others, so that no attempt of theirs counts.
    expect((await states()).filter(([who, , attempts]) => who !== 'b@ca.example' && attempts !== 0)).toEqual([]);
    await Promise.all([peer.stop(), other.stop()]);
  });

  it('is asked by one connection again once it stalls, and by more when it has answered', async () => {
    let answers = true;
    let most = 0;
    const peer = await start({
      outbound: { slowAfter: 400, replyTimeout: 1000 },
      peer: {
        answer: (step) => {
          if (step === 'mail') most = Math.max(most, peer.open());
          return answers || step !== 'mail' ? undefined : 'stall';
        },
      },
    });
    const round = async (): Promise<number> => {
      most = 0;
      for (let i = 0; i < 4; i++) await send('a@bo.example');
      await run();
      await expect.poll(() => peer.open(), { timeout: 3000 }).toBe(0);
      return most;
    };
    expect(await round()).toBe(1);
    way.world.clock.advance(10_000);
    expect(await round()).toBe(5);
    answers = false;
    way.world.clock.advance(10_000);
    await round();
    way.world.clock.advance(60 * minute);
    expect(await round()).toBe(1);
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
      way.world.clock.advance(minute);
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
    const [row] = await way.world.queue.list();
    expect(['queued', 'failed']).toContain(row?.state);
    expect(row?.lastReply).toMatch(/^[\x20-\x7e]+$/);
  });
});

/** To which host mail for a domain goes, and whether under TLS. */
import { afterEach, describe, expect, it } from 'vitest';

import type { Zone } from '../testing/dns.ts';
import { boZone, WayOut, type OutboundSetup } from '../testing/outbound.ts';
import { mailPeer, type Peer } from '../testing/peer.ts';
import { testTls } from '../testing/servers.ts';

const open: Peer[] = [];
afterEach(async () => {
  for (const peer of open.splice(0)) await peer.stop();
});
const way = new WayOut();
const { start, send, run, states, reports } = way;

describe('where mail goes', () => {
  const outcome = async (names: Zone, domain = 'bo.example', outbound: OutboundSetup['outbound'] = {}) => {
    const peer = await start({ zone: names, outbound });
    await send(`a@${domain}`);
    await run();
    const [row] = await way.world.queue.list();
    return { peer, state: row?.state, reply: row?.lastReply ?? '' };
  };

  it('to the MX of least preference that answers', async () => {
    const names: Zone = {
      'bo.example': {
        MX: [
          [20, 'backup.bo.example'],
          [10, 'dead.bo.example'],
        ],
      },
      'dead.bo.example': { A: ['127.0.0.9'] },
      'backup.bo.example': { A: ['127.0.0.1'] },
    };
    const { state, peer } = await outcome(names);
    expect([state, peer.taken.length]).toEqual(['delivered', 1]);
    expect((await way.world.db.read.select().from(way.world.db.t.outboundRecipients))[0]).toMatchObject({
      deliveredTo: 'backup.bo.example',
    });
  });

  it('to the next host when the first one greets with a refusal', async () => {
    const first = await start({
      zone: {
        'bo.example': {
          MX: [
            [10, 'a.bo.example'],
            [20, 'b.bo.example'],
          ],
        },
        'a.bo.example': { A: ['127.0.0.1'] },
        'b.bo.example': { A: ['127.0.0.2'] },
      },
      peer: { answer: (step) => (step === 'connect' ? '554 5.3.2 not today' : undefined) },
    });
    const second = await mailPeer({ host: '127.0.0.2', port: first.port });
    open.push(second);
    await send('a@bo.example');
    await run();
    expect([first.connections, second.taken.length]).toEqual([1, 1]);
  });

  it('to the domain itself when it has no MX', async () => {
    expect((await outcome({ 'bo.example': { A: ['127.0.0.1'] } })).state).toBe('delivered');
  });

  it('to an address literal', async () => {
    expect((await outcome({}, '[127.0.0.1]')).state).toBe('delivered');
  });

  it('to the relay of the settings whatever DNS says', async () => {
    expect((await outcome({}, 'anywhere.example', { relayHost: '127.0.0.1' })).state).toBe('delivered');
  });

  it('nowhere, at once, when the domain says so (null MX) or does not exist', async () => {
    expect(await outcome({ 'bo.example': { MX: [[0, '.']] } })).toMatchObject({
      state: 'failed',
      reply: expect.stringMatching(/^556 5\.1\.10/) as unknown,
    });
    expect((await reports())[0]).toMatch(/Status: 5\.1\.10/);
    await way.world.dispose();
    expect(await outcome({})).toMatchObject({
      state: 'failed',
      reply: expect.stringMatching(/^550 5\.1\.2/) as unknown,
    });
    await way.world.dispose();
    expect(await outcome({ 'bo.example': { MX: [[10, 'nowhere.bo.example']] } })).toMatchObject({
      state: 'failed',
      reply: expect.stringMatching(/^550 5\.4\.4/) as unknown,
    });
  });

  it('later, when DNS fails or is silent', async () => {
    expect(await outcome({ 'bo.example': { fails: 'servfail' } })).toMatchObject({
      state: 'queued',
      reply: expect.stringMatching(/^451 4\.4\.3/) as unknown,
    });
    await way.world.dispose();
    expect(await outcome({ 'bo.example': { fails: 'silent' } })).toMatchObject({ state: 'queued' });
  });

  it('never to ourselves and never, unless allowed, to private addresses', async () => {
    expect(await outcome({ 'bo.example': { MX: [[10, `mail.${'caoson.gov.vn'}`]] } })).toMatchObject({
      state: 'failed',
      reply: expect.stringMatching(/^554 5\.4\.6/) as unknown,
    });
    await way.world.dispose();
    const { state, peer } = await outcome(boZone(), 'bo.example', { allowLocalAddresses: false });
    expect([state, peer.connections]).toEqual(['failed', 0]);
  });
});

describe('TLS', () => {
  it('is used when offered, and written down', async () => {
    const peer = await start({ peer: { tls: await testTls() } });
    await send('a@bo.example');
    await run();
    expect(peer.taken[0]?.secure).toBe(true);
    expect((await way.world.db.read.select().from(way.world.db.t.outboundRecipients))[0]).toMatchObject({
      tls: 'TLSv1.3',
      deliveredTo: 'mx.bo.example',
    });
  });

  it('that breaks is followed by clear text where the settings allow', async () => {
    const peer = await start({ peer: { tls: 'broken' } });
    await send('a@bo.example');
    await run();
    expect([await states(), peer.taken[0]?.secure, peer.connections]).toEqual([
      [['a@bo.example', 'delivered', 1]],
      false,
      2,
    ]);
  });

  it('that hangs up during the handshake too', async () => {
    const peer = await start({ peer: { tls: 'dropped' } });
    await send('a@bo.example');
    await run();
    expect([await states(), peer.connections]).toEqual([[['a@bo.example', 'delivered', 1]], 2]);
  });

  it('that stalls in the handshake too', async () => {
    const peer = await start({ peer: { tls: 'silent' } });
    await send('a@bo.example');
    await run();
    expect([await states(), peer.connections]).toEqual([[['a@bo.example', 'delivered', 1]], 2]);
  });

  it('that breaks means waiting where they do not', async () => {
    const peer = await start({ peer: { tls: 'broken' }, outbound: { clearTextAfterTlsFailure: false } });
    await send('a@bo.example');
    await run();
    expect([await states(), peer.taken.length]).toEqual([[['a@bo.example', 'queued', 1]], 0]);
  });
});

/** Mail to others, over real sockets and a real queue; the clock is the test's own. */
import { describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import { mail } from '../../delivery/testing/world.ts';
import { createDkimKeys } from '../dkim.ts';
import { WayOut } from '../testing/outbound.ts';

const minute = 60_000;
const hour = 60 * minute;

const way = new WayOut();
const { start, send, run, states, reports } = way;
const minutesToNext = async () => ((await way.world.queue.list())[0]!.nextAt - way.world.clock.now()) / minute;

describe.each(dialects)('the way out on $dialect', ({ open: database }) => {
  it('a peer that says 4xx, then drops the connection, then drops after the final dot, then accepts: once delivered, waiting ever longer', async () => {
    const peer = await start({
      database,
      peer: {
        answer: (step, { attempt }) => {
          if (attempt === 1 && step === 'rcpt') return '451 4.7.1 Greylisted';
          if (attempt === 2 && step === 'data') return 'drop';
          if (attempt === 3 && step === 'dot') return 'drop';
          return undefined;
        },
      },
    });
    await send('ban@bo.example');
    const seen: unknown[] = [];
    for (const wait of [1, 5, 15]) {
      expect(await run()).toBe(1);
      const [row] = await way.world.queue.list();
      seen.push([row?.state, row?.attempts, await minutesToNext(), row?.lastReply?.slice(0, 9)]);
      way.world.clock.advance(wait * minute - 1);
      expect(await run()).toBe(0);
      way.world.clock.advance(1);
    }
    expect(seen).toEqual([
      ['queued', 1, 1, '451 4.7.1'],
      ['queued', 2, 5, '451 4.4.2'],
      ['queued', 3, 15, '451 4.4.2'],
    ]);
    await run();
    expect(await states()).toEqual([['ban@bo.example', 'delivered', 4]]);
    expect(peer.taken.length).toBe(1);
    expect(peer.taken[0]?.data).toMatch(/\r\n\r\nd\u00c3\u00b2ng m.*\r\n\.d\u00c3/s);
    expect(await way.world.jobs.stats()).toEqual([]);
    expect(await reports()).toEqual([]);
    expect(await run()).toBe(0);
  });

  it('a 5xx ends it and tells the sender; the others of the same transaction arrive', async () => {
    const peer = await start({
      database,
      peer: {
        answer: (step, { line }) => (step === 'rcpt' && line.includes('gone') ? '550 5.1.1 No such user' : undefined),
      },
    });
    await send('ban@bo.example', 'gone@bo.example', 'ca@bo.example');
    await run();
    expect((await states()).sort()).toEqual([
      ['ban@bo.example', 'delivered', 1],
      ['ca@bo.example', 'delivered', 1],
      ['gone@bo.example', 'failed', 1],
    ]);
    expect(peer.taken[0]?.rcptTo.length).toBe(2);
    const [report, ...more] = await reports();
    expect(more).toEqual([]);
    expect(report).toMatch(
      /Final-Recipient: rfc822; gone@bo\.example\r\nAction: failed\r\nStatus: 5\.1\.1\r\nRemote-MTA: dns; mx\.bo\.example\r\nDiagnostic-Code: smtp; 550 5\.1\.1 No such user/,
    );
    expect(report).not.toContain('ban@bo.example');
    expect(report).toMatch(/Auto-Submitted: auto-replied/);
  });

  it('can be seen, hurried and given up by the administrator', async () => {
    await start({ database, peer: { answer: (step) => (step === 'mail' ? '450 4.3.0 Later' : undefined) } });
    await send('ban@bo.example', 'ca@bo.example');
    await run();
    expect(await way.world.queue.stats()).toMatchObject({ queued: 2, due: 0 });
    expect(await way.world.queue.retryNow()).toBe(1);
    expect(await way.world.queue.stats()).toMatchObject({ queued: 2, due: 2 });
    expect(await run()).toBe(1);
    const [row] = await way.world.queue.list({ state: 'queued' });
    expect(await way.world.queue.cancel(row!.outboundId, 'ban@bo.example')).toBe(1);
    expect((await states()).sort()).toEqual([
      ['ban@bo.example', 'failed', 2],
      ['ca@bo.example', 'queued', 2],
    ]);
    expect(await way.world.queue.prune(way.world.clock.now() + 1)).toBe(0);
    await way.world.queue.cancel(row!.outboundId);
    expect(await way.world.queue.prune(way.world.clock.now() + 1)).toBe(1);
    expect(await way.world.queue.list()).toEqual([]);
  });

  it('a process that dies between the answer and its record asks again; what was recorded is final', async () => {
    const peer = await start({ database });
    await send('ban@bo.example');
    const { outboundId } = (await way.world.queue.list())[0]!;
    const message = await way.world.queue.message(outboundId);
    const job = { outboundId, domain: 'bo.example' };
    const recipients = await way.world.queue.queued(job);
    await run();
    // The first worker wakes up again after its lease had gone to the second.
    const late = { recipient: recipients[0]!, kind: 'failed' as const, reply: '550 5.0.0 late' };
    await way.world.queue.settle(message!, job, [late], (unit) => way.world.db.write(unit));
    expect(await states()).toEqual([['ban@bo.example', 'delivered', 1]]);
    expect([await reports(), peer.taken.length]).toEqual([[], 1]);
  });
});

describe('giving up', () => {
  it('comes after five days, with one word of the delay after four hours', async () => {
    await start({ peer: { answer: (step) => (step === 'connect' ? '421 4.3.2 Busy' : undefined) } });
    await send(
      'ban@bo.example',
      { address: 'quiet@bo.example', notify: 'NEVER' },
      { address: 'end@bo.example', notify: 'FAILURE' },
    );
    const started = way.world.clock.now();
    let delayed = 0;
    for (let i = 0; i < 60 && (await way.world.queue.list({ state: 'queued' })).length > 0; i++) {
      await run();
      if (way.world.clock.now() - started < 5 * 24 * hour && (await reports()).length === 1 && delayed === 0)
        delayed = way.world.clock.now() - started;
      way.world.clock.set((await way.world.queue.list({ state: 'queued' }))[0]?.nextAt ?? way.world.clock.now());
    }
    expect((await states()).map(([, state]) => state)).toEqual(['expired', 'expired', 'expired']);
    expect(way.world.clock.now() - started).toBe(5 * 24 * hour);
    expect(delayed).toBeGreaterThanOrEqual(4 * hour);
    const [first, last, ...more] = await reports();
    expect(more).toEqual([]);
    expect(first).toMatch(/Action: delayed\r\nStatus: 4\.3\.2/);
    expect(first).toContain('Will-Retry-Until:');
    expect(first).not.toMatch(/end@|quiet@/);
    expect(last?.match(/Action: failed\r\nStatus: 4\.4\.7/g)?.length).toBe(2);
    expect(last).not.toContain('quiet@');
  });

  it('writes no report about a message with a null reverse-path', async () => {
    await start({ peer: { answer: (step) => (step === 'rcpt' ? '550 5.1.1 no' : undefined) } });
    await way.world.delivery.report(
      await way.world.mailstore.prepare(mail({ From: `mailer-daemon@${way.world.domain}` })),
      'ban@bo.example',
    );
    await run();
    expect(await states()).toEqual([['ban@bo.example', 'failed', 1]]);
    expect(await reports()).toEqual([]);
  });
});

describe('what travels', () => {
  it('is signed by DKIM', async () => {
    const peer = await start();
    await way.world.db.write((tx) => createDkimKeys(tx, way.world.secrets, way.world.domain));
    await send('a@bo.example');
    await run();
    expect(peer.taken[0]?.data).toMatch(
      /^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=caoson\.gov\.vn; s=cv1-rsa;[^]*DKIM-Signature: v=1; a=ed25519-sha256/,
    );
  });

  it('carries RFC 3461 wishes to a peer that knows them, each recipient its own', async () => {
    const peer = await start({ peer: { offers: ['DSN', 'PIPELINING'] } });
    await send(
      { address: 'a@bo.example', notify: 'SUCCESS', orcpt: 'rfc822;a+1@bo.example' },
      { address: 'b@bo.example', notify: 'NEVER' },
      'c@bo.example',
    );
    await run();
    const rcpt = peer.heard.filter((line) => line.startsWith('RCPT'));
    expect(rcpt).toEqual([
      'RCPT TO:<a@bo.example> NOTIFY=SUCCESS ORCPT=rfc822;a+2B1@bo.example',
      'RCPT TO:<b@bo.example> NOTIFY=NEVER',
      'RCPT TO:<c@bo.example>',
    ]);
    expect(await reports()).toEqual([]);
  });

  it('is reported as "relayed" by us when the peer does not report by itself', async () => {
    await start();
    await send({ address: 'a@bo.example', notify: 'SUCCESS' }, 'b@bo.example');
    await run();
    const [report, ...more] = await reports();
    expect(more).toEqual([]);
    expect(report).toMatch(/Final-Recipient: rfc822; a@bo\.example\r\nAction: relayed/);
  });

  it('goes in transactions of a bounded size, each recorded before the next', async () => {
    const peer = await start({
      world: { delivery: { recipientsPerTransaction: 2 } },
      peer: { answer: (step, { attempt }) => (attempt === 2 && step === 'mail' ? '451 4.0.0 wait' : undefined) },
    });
    await send(...Array.from({ length: 5 }, (_, i) => `r${i}@bo.example`));
    await run();
    expect(peer.taken.map((one) => one.rcptTo.length)).toEqual([2, 1]);
    expect((await states()).map(([, state]) => state).sort()).toEqual([
      'delivered',
      'delivered',
      'delivered',
      'queued',
      'queued',
    ]);
    way.world.clock.advance(minute);
    await run();
    expect(peer.taken.map((one) => one.rcptTo.length)).toEqual([2, 1, 2]);
  });

  it('keeps to a number of connections to one domain', async () => {
    let together = 0;
    let most = 0;
    const peer = await start({
      outbound: { concurrencyPerDomain: 2 },
      peer: {
        answer: (step) => {
          if (step === 'connect') most = Math.max(most, ++together);
          if (step === 'dot') together--;
          return undefined;
        },
      },
    });
    for (let i = 0; i < 8; i++) await send('a@bo.example');
    for (let i = 0; i < 20 && peer.taken.length < 8; i++) {
      await run();
      way.world.clock.advance(6000);
    }
    expect([peer.taken.length, most <= 2]).toEqual([8, true]);
  });

  it('is refused by us when it is larger than the peer takes, or needs what the peer does not know', async () => {
    await start({ peer: { offers: ['SIZE 10'] } });
    await send('a@bo.example');
    await run();
    await send('hùng@bo.example');
    await run();
    expect((await way.world.queue.list()).map(({ lastReply }) => lastReply?.slice(0, 9)).sort()).toEqual([
      '552 5.3.4',
      '553 5.6.7',
    ]);
  });
});

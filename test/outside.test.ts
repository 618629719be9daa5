/** Mail to and from the world, over the whole server: authentication results, relay, retries, reports, odd messages. */
import { generateKeyPairSync } from 'node:crypto';

import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Authentication } from '../src/base/api-types.ts';
import { mailPeer, type Answer, type Peer, type Step } from '../src/smtp/testing/peer.ts';
import { withImap } from './support/imap.ts';
import { noLimits } from './support/limits.ts';
import { collected, smtpTalk, withoutReturnPath } from './support/odd-mail.ts';
import { OfficialAtWork, until } from './support/official.ts';
import { PASSWORD, populate } from './support/people.ts';
import { tryProgram } from './support/programs.ts';
import { congvu, install, serve, type Installation, type ServerProcess } from './support/server.ts';

const VU = 'vulh@caoson.gov.vn';
const HUNG = 'hungnv@caoson.gov.vn';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dkimText = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

/** Another domain's mail server; what its next connections meet, and the last of it those after them. */
let peer: Peer;
let plan: Partial<Record<Step, Answer>>[] = [{}];
const DEFERS = { rcpt: '451 4.7.1 come back later' };
const REFUSES = { rcpt: '550 5.1.1 no such user' };
const DROPS = { dot: 'drop' };
const ACCEPTS = {};
let installation: Installation;
let server: ServerProcess;
let vu: OfficialAtWork;

beforeAll(async () => {
  let met = plan[0];
  peer = await mailPeer({
    offers: ['8BITMIME'],
    answer: (step) => {
      if (step === 'connect') met = plan.length > 1 ? plan.shift() : plan[0];
      return met?.[step];
    },
  });
  installation = await install({
    zone: {
      'good.test': { TXT: ['v=spf1 ip4:127.0.0.1 -all'] },
      's1._domainkey.good.test': { TXT: [dkimText] },
      '_dmarc.good.test': { TXT: ['v=DMARC1; p=reject'] },
      'bad.test': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
      '_dmarc.bad.test': { TXT: ['v=DMARC1; p=none'] },
      'strict.test': { TXT: ['v=spf1 -all'] },
      '_dmarc.strict.test': { TXT: ['v=DMARC1; p=reject'] },
      'peer.test': { MX: [[10, 'mx.peer.test']] },
      'mx.peer.test': { A: ['127.0.0.1'] },
    },
    toml: `
[smtp.mx]
bannerDelay = 0
maxMessageBytes = 2000000
${noLimits('mx')}
[smtp.outbound]
port = ${peer.port}
allowLocalAddresses = true
ipv6 = false
replyTimeout = 2000
[delivery]
retryAfter = [1000]
queueLifetime = 60000
`,
  });
  await populate(installation);
  server = await serve(installation);
  vu = await OfficialAtWork.signIn(`http://127.0.0.1:${installation.ports.http}`, VU, PASSWORD);
});
afterAll(async () => {
  await server.kill();
  await peer.stop();
  await installation.dispose();
});

const newest = async (subject: string) =>
  until(subject, async () =>
    (await vu.inbox(['id', 'subject', 'congvu:authentication', 'mailboxIds'])).find((e) => e['subject'] === subject),
  );

describe('mail from outside', () => {
  const send = async (from: string, subject: string, sign: boolean, alter?: (raw: Buffer) => Buffer) => {
    const domain = from.split('@')[1] ?? '';
    const streamer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const built = await streamer.sendMail({
      from,
      to: VU,
      subject,
      text: 'Kính gửi UBND xã.',
      ...(sign ? { dkim: { domainName: domain, keySelector: 's1', privateKey: key } } : {}),
    });
    const raw = alter ? alter(built.message as Buffer) : (built.message as Buffer);
    const transport = createTransport({
      host: '127.0.0.1',
      port: installation.ports.smtp,
      tls: { rejectUnauthorized: false },
    });
    return transport.sendMail({ envelope: { from, to: [VU] }, raw }).finally(() => transport.close());
  };
  const authentication = async (subject: string) => (await newest(subject))['congvu:authentication'] as Authentication;

  it('shows good SPF, DKIM and DMARC', async () => {
    await send('vanthu@good.test', 'Thu tot', true);
    expect(await authentication('Thu tot')).toMatchObject({
      spf: 'pass',
      dkim: 'pass',
      dmarc: 'pass',
      alignedDomain: 'good.test',
    });
  });
  it('shows a broken DKIM signature and a failing SPF', async () => {
    await send('vanthu@good.test', 'Thu bi sua', true, (raw) =>
      Buffer.from(raw.toString('latin1').replace('=C3=A3', '=C3=A2'), 'latin1'),
    );
    expect((await authentication('Thu bi sua')).dkim).not.toBe('pass');
    await send('ai@bad.test', 'Thu gia', false);
    expect(await authentication('Thu gia')).toMatchObject({ spf: 'fail', dmarc: 'fail' });
  });
  it('is refused when its domain asks for that', async () => {
    await expect(send('ai@strict.test', 'Thu cam', false)).rejects.toMatchObject({ responseCode: 550 });
  });

  it('is not relayed, and its unknown recipients are refused one by one (swaks)', async () => {
    const swaks = (...args: string[]) =>
      tryProgram('swaks', [
        '--server',
        `127.0.0.1:${installation.ports.smtp}`,
        '--from',
        'vanthu@good.test',
        '--helo',
        'good.test',
        ...args,
      ]);
    const relayed = await swaks('--to', 'ai@peer.test', '--quit-after', 'RCPT');
    expect(relayed.output).toMatch(/<\*\* 55[04] 5\.7\.1/);
    const unknown = await swaks('--to', 'khongco@caoson.gov.vn', '--quit-after', 'RCPT');
    expect(unknown.output).toMatch(/<\*\* 550 5\.1\.1/);
    const good = await swaks('--to', VU, '--tls', '--header', 'Subject: bang swaks', '--body', 'xin chao');
    expect(good.code).toBe(0);
    await newest('bang swaks');
  });
  it('beyond the size limit is refused with 552 or 5.3.4 and leaves nothing', async () => {
    const before = (await vu.inbox(['id'])).length;
    const transport = createTransport({
      host: '127.0.0.1',
      port: installation.ports.smtp,
      tls: { rejectUnauthorized: false },
    });
    await expect(
      transport.sendMail({ from: 'vanthu@good.test', to: VU, subject: 'to', text: 'x'.repeat(2_100_000) }),
    ).rejects.toThrow(/552|5\.3\.4|SIZE|size/i);
    transport.close();
    expect((await vu.inbox(['id'])).length).toBe(before);
  });
});

describe('mail to the world', () => {
  const submit = (to: string, subject: string) => {
    const transport = createTransport({
      host: '127.0.0.1',
      port: installation.ports.submissions,
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user: HUNG, pass: PASSWORD },
    });
    return transport
      .sendMail({ from: HUNG, to, subject, text: 'Kính gửi quý cơ quan.' })
      .finally(() => transport.close());
  };
  const queued = async () =>
    JSON.parse((await congvu(installation, 'queue', 'list', '--json', '--all')).stdout) as {
      recipient: string;
      state: string;
      attempts: number;
      lastReply: string | null;
    }[];

  it('waits out a 4xx and a dropped connection, and is recorded as delivered once', async () => {
    plan = [DEFERS];
    await submit('ban@peer.test', 'Thu cho');
    const waiting = await until('a first refusal in the queue', async () =>
      (await queued()).find((r) => r.recipient === 'ban@peer.test' && r.attempts > 0),
    );
    expect(waiting).toMatchObject({ state: 'queued' });
    plan = [DROPS, ACCEPTS];
    const done = await until(
      'delivery',
      async () => (await queued()).find((r) => r.recipient === 'ban@peer.test' && r.state === 'delivered'),
      30_000,
    );
    expect(done.attempts).toBeGreaterThanOrEqual(3);
    expect((await queued()).filter((r) => r.recipient === 'ban@peer.test')).toHaveLength(1);
    expect(peer.taken).toHaveLength(1);
    expect(peer.taken[0]?.data).toMatch(/^DKIM-Signature:[^]*d=caoson\.gov\.vn/m);
  });

  it("that is refused for good comes back as a delivery report in the sender's inbox", async () => {
    plan = [REFUSES];
    await submit('khongco@peer.test', 'Thu bi tra');
    const report = await until('the report', async () =>
      withImap(installation, HUNG, async (client) => {
        const { exists } = await client.mailboxOpen('INBOX');
        // An empty mailbox has no number to ask for (RFC 9051 §9).
        if (exists === 0) return undefined;
        for await (const m of client.fetch('1:*', { source: true })) {
          const text = m.source?.toString() ?? '';
          if (text.includes('multipart/report') && text.includes('khongco@peer.test')) return text;
        }
        return undefined;
      }),
    );
    expect(report).toContain('Action: failed');
    expect(report).toMatch(/Status: 5\.1\.1/);
    expect(report).toMatch(/^Auto-Submitted: auto-replied/m);
  });
});

describe('mail as it really is', () => {
  it('goes through SMTP and comes back from IMAP octet for octet below our trace', async () => {
    const messages = collected();
    const stored: { name: string; wire: Buffer }[] = [];
    const refused: string[] = [];
    const talk = await smtpTalk(installation.ports.smtp);
    for (const { name, wire } of messages) {
      const marked = Buffer.concat([
        Buffer.from(`X-Odd: ${stored.length}\r\n`),
        wire.subarray(-2).equals(Buffer.from('\r\n')) ? wire : Buffer.concat([wire, Buffer.from('\r\n')]),
      ]);
      const reply = await talk.deliver('odd@nowhere.test', HUNG, marked);
      if (reply.startsWith('250')) stored.push({ name, wire: marked });
      else refused.push(`${name}: ${reply}`);
    }
    await talk.end();
    // Only size may be a reason; every other message is somebody's mail.
    expect(refused.filter((r) => !/ 5\d\d |552|5\.3\.4|5\.6\.|5\.4\.6|5\.7\.1/.test(r))).toEqual([]);
    expect(refused.length).toBeLessThan(messages.length / 20);
    await withImap(installation, HUNG, async (client) => {
      const found = new Map<number, Buffer>();
      for (const box of ['INBOX', 'Thư rác']) {
        await client.mailboxOpen(box);
        if (client.mailbox && client.mailbox.exists === 0) continue;
        for await (const m of client.fetch('1:*', { source: true, bodyStructure: true, envelope: true })) {
          const source = m.source ?? Buffer.alloc(0);
          const at = source.indexOf('X-Odd: ');
          if (at < 0) continue;
          expect(m.bodyStructure).toBeDefined();
          const body = source.subarray(at);
          found.set(Number(/^X-Odd: (\d+)/.exec(body.toString('latin1'))?.[1]), body);
        }
      }
      const differs = stored.filter(({ wire }, i) => !found.get(i)?.equals(withoutReturnPath(wire)));
      expect(differs.map((d) => d.name)).toEqual([]);
    });
  });
});

/** Mail to and from the world, over the whole server: authentication results, relay, retries, reports, odd messages. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Authentication } from '../src/base/api-types.ts';
import { packageRoot } from '../src/base/paths.ts';
import { oddMessages } from '../src/message/testing/collection.ts';
import { withImap } from './support/imap.ts';
import { OfficialAtWork, until } from './support/official.ts';
import { PASSWORD, people } from './support/people.ts';
import { congvu, install, serve, type Installation, type ServerProcess } from './support/server.ts';

const VU = 'vulh@caoson.gov.vn';
const HUNG = 'hungnv@caoson.gov.vn';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dkimText = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

let peer: TestMx;
let installation: Installation;
let server: ServerProcess;
let vu: OfficialAtWork;

beforeAll(async () => {
  peer = await testMx();
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
[smtp.mx.perAddress]
connections = 100
connectionsPerMinute = 10000
messagesPerHour = 100000
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
  const parts = await installation.open();
  await people(parts);
  await parts.close();
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
      run('swaks', [
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
    peer.behave('defer');
    await submit('ban@peer.test', 'Thu cho');
    const waiting = await until('a first refusal in the queue', async () =>
      (await queued()).find((r) => r.recipient === 'ban@peer.test' && r.attempts > 0),
    );
    expect(waiting).toMatchObject({ state: 'queued' });
    peer.behave('drop', 'accept');
    const done = await until(
      'delivery',
      async () => (await queued()).find((r) => r.recipient === 'ban@peer.test' && r.state === 'delivered'),
      30_000,
    );
    expect(done.attempts).toBeGreaterThanOrEqual(3);
    expect((await queued()).filter((r) => r.recipient === 'ban@peer.test')).toHaveLength(1);
    const accepted = peer.messages.filter((m) => m.accepted);
    expect(accepted).toHaveLength(1);
    expect(accepted[0]?.data).toMatch(/^DKIM-Signature:[^]*d=caoson\.gov\.vn/m);
  });

  it("that is refused for good comes back as a delivery report in the sender's inbox", async () => {
    peer.behave('refuse');
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
  const corpus = join(packageRoot, '../shared/corpus');
  const collected = (): { name: string; bytes: Buffer }[] => {
    const ours = oddMessages().map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) }));
    if (!existsSync(corpus)) return ours;
    const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((f) => /\.eml(\.gz)?$/.test(f));
    return [
      ...ours,
      ...files.map((f) => ({
        name: f,
        bytes: f.endsWith('.gz') ? gunzipSync(readFileSync(join(corpus, f))) : readFileSync(join(corpus, f)),
      })),
    ];
  };

  it('goes through SMTP and comes back from IMAP octet for octet below our trace', async () => {
    const messages = collected().map((m) => ({
      ...m,
      wire: Buffer.from(m.bytes.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1'),
    }));
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
    talk.end();
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

/** RFC 5321 §4.4: the last server takes out a Return-Path that came with the message, and writes its own. */
function withoutReturnPath(message: Buffer): Buffer {
  const text = message.toString('latin1');
  const end = text.indexOf('\r\n\r\n') < 0 ? text.length : text.indexOf('\r\n\r\n') + 2;
  return Buffer.from(
    text.slice(0, end).replace(/^return-path[ \t]*:[^]*?\r\n(?![ \t])/gim, '') + text.slice(end),
    'latin1',
  );
}

function run(program: string, args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  child.stdout.on('data', (c: Buffer) => out.push(c));
  child.stderr.on('data', (c: Buffer) => out.push(c));
  return new Promise((resolve, reject) =>
    child.on('error', reject).on('close', (code) => resolve({ code, output: Buffer.concat(out).toString() })),
  );
}

async function smtpTalk(port: number) {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  const read = lines(socket);
  const say = async (line: string) => {
    socket.write(`${line}\r\n`);
    return read();
  };
  await read();
  await say('EHLO nowhere.test');
  return {
    async deliver(from: string, to: string, bytes: Buffer): Promise<string> {
      for (const line of [`MAIL FROM:<${from}> BODY=8BITMIME`, `RCPT TO:<${to}>`, 'DATA']) {
        const reply = await say(line);
        if (!/^[23]/.test(reply)) {
          await say('RSET');
          return reply;
        }
      }
      socket.write(Buffer.from(bytes.toString('latin1').replace(/^\./gm, '..'), 'latin1'));
      return say('.');
    },
    end: () => socket.end('QUIT\r\n'),
  };
}

/** The last line of each reply. */
function lines(socket: Socket): () => Promise<string> {
  const ready: string[] = [];
  let wanted: ((line: string) => void) | undefined;
  let rest = '';
  socket.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString('latin1')).split('\r\n');
    rest = parts.pop() ?? '';
    for (const line of parts.filter((l) => /^\d{3} /.test(l))) {
      if (wanted) {
        wanted(line);
        wanted = undefined;
      } else ready.push(line);
    }
  });
  return () => {
    const line = ready.shift();
    return line === undefined ? new Promise((resolve) => (wanted = resolve)) : Promise.resolve(line);
  };
}

type Behaviour = 'accept' | 'defer' | 'drop' | 'refuse';
interface TestMx {
  port: number;
  messages: { data: string; accepted: boolean }[];
  /** What the next connections meet; the last one stays. */
  behave(...what: Behaviour[]): void;
  stop(): Promise<void>;
}

/** Another domain's mail server, written by hand so that it can misbehave. */
async function testMx(): Promise<TestMx> {
  const messages: TestMx['messages'] = [];
  let plan: Behaviour[] = ['accept'];
  const server = createServer((socket) => {
    const behaviour = (plan.length > 1 ? plan.shift() : plan[0]) ?? 'accept';
    let data: string | undefined;
    let rest = '';
    socket.on('error', () => undefined);
    socket.write('220 mx.peer.test ESMTP\r\n');
    const command = (line: string): string | undefined => {
      if (data !== undefined) {
        if (line !== '.') {
          data += `${line}\r\n`;
          return undefined;
        }
        messages.push({ data, accepted: behaviour === 'accept' });
        data = undefined;
        if (behaviour === 'drop') {
          socket.destroy();
          return undefined;
        }
        return '250 2.0.0 taken\r\n';
      }
      if (/^(EHLO|HELO)/i.test(line)) return '250-mx.peer.test\r\n250 8BITMIME\r\n';
      if (/^RCPT/i.test(line))
        return behaviour === 'defer'
          ? '451 4.7.1 come back later\r\n'
          : behaviour === 'refuse'
            ? '550 5.1.1 no such user\r\n'
            : '250 2.1.5 ok\r\n';
      if (/^DATA/i.test(line)) {
        data = '';
        return '354 go on\r\n';
      }
      if (/^QUIT/i.test(line)) {
        socket.end('221 2.0.0 bye\r\n');
        return undefined;
      }
      return '250 2.0.0 ok\r\n';
    };
    socket.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString('latin1')).split('\r\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        const reply = command(line);
        if (reply && !socket.destroyed) socket.write(reply);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    behave: (...what) => {
      plan = what;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

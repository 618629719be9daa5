/** Relays of our own (smtp.mx.trustedNetworks), and how long a greeting waits. */
import { generateKeyPairSync } from 'node:crypto';

import { createTransport } from 'nodemailer';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { inNetworks, isNetwork } from '../base/networks.ts';
import { dialogue } from './testing/dialogue.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const zone = {
  'good.example': { TXT: ['v=spf1 -all'] },
  's._domainkey.good.example': { TXT: [`v=DKIM1; k=rsa; p=${rsa.publicKey.toString('base64')}`] },
  '_dmarc.good.example': { TXT: ['v=DMARC1; p=reject'] },
};

describe('a trusted relay', () => {
  let servers: SmtpServers;
  beforeAll(async () => {
    servers = await smtpServers({
      zone,
      mx: {
        trustedNetworks: ['192.0.2.0/24', '127.0.0.0/8'],
        bannerDelay: 3_600_000,
        perAddress: { connections: 1, connectionsPerMinute: 1, messagesPerHour: 1 },
      },
    });
  });
  afterAll(() => servers.dispose());
  const send = async (from: string, dkim: boolean) => {
    const transport = createTransport({
      host: '127.0.0.1',
      port: servers.mxPort,
      tls: { rejectUnauthorized: false },
      ...(dkim ? { dkim: { domainName: 'good.example', keySelector: 's', privateKey: rsa.privateKey } } : {}),
    });
    await transport.sendMail({ from, to: servers.people.hung.address, subject: 'Thư', text: 'Nội dung' });
    transport.close();
  };
  const stored = async (role: 'inbox' | 'junk') =>
    (await servers.inbox(servers.people.hung.accountId, role)).at(-1) ?? '';

  it('is greeted at once and has no limits, however often it comes', async () => {
    const peers = await Promise.all(Array.from({ length: 5 }, () => dialogue(servers.mxPort)));
    for (const peer of peers) expect(await peer.hear()).toMatch(/^220/);
    for (const peer of peers) {
      await peer.say('EHLO relay.example');
      expect(await peer.say('MAIL FROM:<a@good.example>')).toMatch(/^250/);
      await peer.say('QUIT');
    }
  });

  it('is not taken for the sender: no SPF, no DMARC that fails, no question to DNS', async () => {
    const asked = servers.dns.questions.length;
    await send('a@good.example', false);
    expect(servers.dns.questions.length).toBe(asked);
    expect(await stored('inbox')).toMatch(
      /^Return-Path: .*\r\nAuthentication-Results: mail\.caoson\.gov\.vn; none\r\n/,
    );
  });

  it('a signature that vouches for the sender counts all the same', async () => {
    await send('a@good.example', true);
    const results = /^Authentication-Results: .*(?:\r\n\t.*)+/m.exec(await stored('inbox'))?.[0];
    expect(results).toMatch(/dkim=pass header.d=good.example/);
    expect(results).toMatch(/spf=none/);
    expect(results).toMatch(/dmarc=pass header.from=good.example/);
  });

  it('nobody else vouches for our own domain, and a signature of another domain does not either', async () => {
    await send(`somebody@${servers.domain}`, true);
    expect(await stored('junk')).toMatch(/dkim=pass header.d=good.example[^;]*;\r\n\tspf=none;\r\n\tdmarc=none/);
  });
});

describe('the greeting', () => {
  let servers: SmtpServers;
  afterEach(async () => {
    vi.useRealTimers();
    await servers.dispose();
  });

  it('waits for nothing on the submission ports, nor for strangers when bannerDelay is 0', async () => {
    servers = await smtpServers({ mx: { bannerDelay: 0 } });
    // No timer ever ends.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    expect(await (await dialogue(servers.mxPort)).hear()).toMatch(/^220/);
    expect(await (await dialogue(servers.submissionPort)).hear()).toMatch(/^220/);
    expect(await (await dialogue(servers.submissionsPort, { tls: true })).hear()).toMatch(/^220/);
  });

  it('ends a stranger who talks before it', async () => {
    servers = await smtpServers({ mx: { trustedNetworks: ['192.0.2.0/24'], bannerDelay: 60_000 } });
    const peer = await dialogue(servers.mxPort);
    expect(await peer.say('EHLO bo.example')).toMatch(/^421 .*too soon/);
  });
});

describe('networks', () => {
  it.each([
    ['10.0.0.0/8', true],
    ['2001:db8::/32', true],
    ['192.0.2.1', true],
    ['::1', true],
    ['10.0.0.0/33', false],
    ['2001:db8::/129', false],
    ['10.0.0/8', false],
    ['relay.example', false],
    ['', false],
  ])('%s: %s', (text, valid) => expect(isNetwork(text)).toBe(valid));

  it('hold the addresses of their own family, mapped ones too', () => {
    const isIn = inNetworks(['10.20.0.0/16', '2001:db8::/32', '::1']);
    for (const address of ['10.20.3.4', '::ffff:10.20.3.4', '2001:db8:1::5', '::1'])
      expect(isIn(address), address).toBe(true);
    for (const address of ['10.21.0.1', '2001:db9::1', '127.0.0.1', '', 'unknown'])
      expect(isIn(address), address).toBe(false);
    expect(inNetworks([])('127.0.0.1')).toBe(false);
  });
});

/** The settings of [smtp.mx] and [smtp.submission] at their border, over real sockets and a DNS of the test's own. */
import { afterEach, describe, expect, it } from 'vitest';

import type { Dialogue } from './testing/dialogue.ts';
import { dialogue } from './testing/dialogue.ts';
import type { Zone } from './testing/dns.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';
import { inbox, openData, talk } from './testing/visitor.ts';

let servers: SmtpServers;
afterEach(() => servers.dispose());

const KiB64 = 64 * 1024;
/** A message of so many octets. */
const message = (octets: number, from = 'lan@bo.example'): string => {
  const head = `From: ${from}\r\n\r\n`;
  const line = `${'x'.repeat(62)}\r\n`;
  const lines = line.repeat(Math.floor((octets - head.length - 2) / 64));
  return `${head}${lines}${'y'.repeat(octets - head.length - lines.length - 2)}\r\n`;
};
const signedIn = async (port = servers.submissionsPort): Promise<Dialogue> => {
  const { address, password } = servers.people.hung;
  const peer = await dialogue(port, { tls: true });
  await peer.hear();
  await peer.say('EHLO laptop');
  const plain = Buffer.from(`\0${address}\0${password}`).toString('base64');
  expect(await peer.say(`AUTH PLAIN ${plain}`)).toMatch(/^235/);
  return peer;
};
const junk = (): Promise<string[]> => servers.inbox(servers.people.hung.accountId, 'junk');

describe('mail from outside', () => {
  const given = async (mx: Parameters<typeof smtpServers>[0] & object): Promise<void> => {
    servers = await smtpServers(mx);
  };
  const deliver = async (from: string): Promise<string> => {
    const peer = await openData(servers);
    peer.write(`From: ${from}\r\n\r\nx\r\n.\r\n`);
    const reply = await peer.hear();
    peer.close();
    return reply;
  };

  it('maxMessageBytes: announced by SIZE, the last octet that is taken and the first that is not', async () => {
    await given({ mx: { maxMessageBytes: KiB64 } });
    const peer = await talk(servers);
    expect(await peer.say('EHLO bo.example')).toContain(`SIZE ${KiB64}`);
    expect(await peer.say(`MAIL FROM:<lan@bo.example> SIZE=${KiB64 + 1}`)).toMatch(/^552 5\.3\.4/);
    expect(await peer.say(`MAIL FROM:<lan@bo.example> SIZE=${KiB64}`)).toMatch(/^250/);
    const reply = async (octets: number): Promise<string> => {
      const one = await openData(servers);
      one.write(`${message(octets)}.\r\n`);
      return one.hear();
    };
    expect(await reply(KiB64)).toMatch(/^250/);
    expect(await reply(KiB64 + 1)).toMatch(/^552 5\.3\.4/);
    expect(await inbox(servers)).toHaveLength(1);
  });

  it('maxErrors: the last refusal ends the connection', async () => {
    await given({ mx: { maxErrors: 2 } });
    const peer = await talk(servers);
    await peer.say('EHLO bo.example');
    await peer.say('MAIL FROM:<lan@bo.example>');
    expect(await peer.say('RCPT TO:<a@elsewhere.example>')).toMatch(/^550 5\.7\.1/);
    expect(await peer.say('RCPT TO:<b@elsewhere.example>')).toMatch(/^421 4\.7\.0 Too many errors/);
    expect(await peer.rest()).toBe('');
  });

  it('maxClients and perAddress.connections: the next one is told 421, and let in once another went', async () => {
    await given({ mx: { maxClients: 2, perAddress: { connections: 2 } } });
    const [first] = [await talk(servers), await talk(servers)];
    expect((await talk(servers)).greeting).toMatch(/^421/);
    first.close();
    const again = async (): Promise<string> => {
      const peer = await talk(servers);
      peer.close();
      return peer.greeting;
    };
    await expect.poll(again).toMatch(/^220/);
  });

  it('maxBytesInFlight: one message may have all of it, and not an octet more', async () => {
    const MiB = 1024 * 1024;
    await given({ mx: { maxBytesInFlight: MiB } });
    const reply = async (octets: number): Promise<string> => {
      const one = await openData(servers);
      one.write(`${message(octets)}.\r\n`);
      return one.hear();
    };
    expect(await reply(MiB)).toMatch(/^250/);
    expect(await reply(MiB + 1)).toMatch(/^452 4\.3\.1/);
    expect(await reply(MiB)).toMatch(/^250/);
  });

  const disowning: Zone = { '_dmarc.bo.example': { TXT: ['v=DMARC1; p=reject'] } };
  it.each([
    [true, /^550 5\.7\.1 .*DMARC/, 0],
    [false, /^250/, 1],
  ])('dmarcReject (%s): what the domain in From disowns', async (dmarcReject, reply, stored) => {
    await given({ mx: { dmarcReject }, zone: disowning });
    expect(await deliver('a@bo.example')).toMatch(reply);
    expect([(await inbox(servers)).length, (await junk()).length]).toEqual([0, stored]);
  });

  it.each([
    [true, [0, 1]],
    [false, [1, 0]],
  ])('protectOwnDomain (%s): our own name in From that nobody vouches for', async (protectOwnDomain, stored) => {
    await given({ mx: { protectOwnDomain } });
    expect(await deliver(`chutich@${servers.domain}`)).toMatch(/^250/);
    expect([(await inbox(servers)).length, (await junk()).length]).toEqual(stored);
  });

  const silent: Zone = { 'bo.example': { fails: 'silent' }, '_dmarc.bo.example': { fails: 'silent' } };
  it('authenticationTimeout: a DNS that says nothing is "temperror" after it, however long each question may take', async () => {
    await given({ mx: { authenticationTimeout: 100 }, smtp: { dnsTimeout: 60_000 }, zone: silent });
    expect(await deliver('a@bo.example')).toMatch(/^250/);
    expect((await inbox(servers))[0]).toMatch(/spf=temperror/);
  });

  it('dnsTimeout: and the other way round', async () => {
    await given({ mx: { authenticationTimeout: 60_000 }, smtp: { dnsTimeout: 100 }, zone: silent });
    expect(await deliver('a@bo.example')).toMatch(/^250/);
    expect((await inbox(servers))[0]).toMatch(/spf=temperror/);
  });

  it('dnsKeep: an answer is good for so long', async () => {
    await given({ smtp: { dnsKeep: 5000 }, zone: { 'bo.example': { TXT: ['v=spf1 ip4:127.0.0.1 -all'] } } });
    const asked = async (): Promise<number> => {
      await deliver('a@bo.example');
      return servers.dns.questions.filter((question) => question === 'TXT bo.example').length;
    };
    expect(await asked()).toBe(1);
    servers.clock.advance(4999);
    expect(await asked()).toBe(1);
    servers.clock.advance(1);
    expect(await asked()).toBe(2);
  });
});

describe('mail of our own people', () => {
  const send = async (peer: Dialogue, octets: number): Promise<string> => {
    const { hung } = servers.people;
    const replies = [await peer.say(`MAIL FROM:<${hung.address}>`), await peer.say(`RCPT TO:<${hung.address}>`)];
    expect(replies.map((reply) => reply.slice(0, 3))).toEqual(['250', '250']);
    await peer.say('DATA');
    peer.write(`${message(octets, hung.address)}.\r\n`);
    return peer.hear();
  };

  it('maxMessageBytes: the last octet that is taken and the first that is not', async () => {
    servers = await smtpServers({ submission: { maxMessageBytes: KiB64 } });
    const peer = await signedIn();
    expect(await send(peer, KiB64)).toMatch(/^250/);
    expect(await send(peer, KiB64 + 1)).toMatch(/^552 5\.3\.4/);
  });

  it('maxRecipients: at least the hundred of the standard, and no more than is set', async () => {
    servers = await smtpServers({ submission: { maxRecipients: 100 } });
    const peer = await signedIn();
    await peer.say(`MAIL FROM:<${servers.people.hung.address}>`);
    for (let i = 0; i < 100; i++) expect(await peer.say(`RCPT TO:<a${i}@bo.example>`)).toMatch(/^250/);
    expect(await peer.say('RCPT TO:<a100@bo.example>')).toMatch(/^452 4\.5\.3/);
  });

  it('maxClients, maxBytesInFlight and dataTimeout hold here as for mail from outside', async () => {
    servers = await smtpServers({ submission: { maxClients: 1, maxBytesInFlight: 1024 * 1024, dataTimeout: 300 } });
    const { hung } = servers.people;
    const peer = await signedIn();
    const second = await dialogue(servers.submissionsPort, { tls: true });
    expect(await second.hear()).toMatch(/^421/);
    expect(await send(peer, 1024 * 1024 + 1)).toMatch(/^452 4\.3\.1/);
    expect(await send(peer, 1000)).toMatch(/^250/);
    await peer.say(`MAIL FROM:<${hung.address}>`);
    await peer.say(`RCPT TO:<${hung.address}>`);
    await peer.say('DATA');
    const drip = setInterval(() => peer.write('x\r\n'), 40);
    expect(await peer.rest()).toMatch(/^421 4\.4\.2/);
    clearInterval(drip);
  });

  it('maxErrors and idleTimeout too', async () => {
    servers = await smtpServers({ submission: { maxErrors: 2, idleTimeout: 500 } });
    const [peer, silent] = [await signedIn(), await signedIn()];
    const other = `MAIL FROM:<${servers.people.nhung.address}>`;
    expect(await peer.say(other)).toMatch(/^550 5\.7\.1/);
    expect(await peer.say(other)).toMatch(/^421 4\.7\.0 Too many errors/);
    expect(await silent.rest()).toMatch(/^421/);
  });

  it('perAddress.connectionsPerMinute and messagesPerHour: told to come again', async () => {
    const perAddress = { connections: 9, connectionsPerMinute: 2, messagesPerHour: 2 };
    servers = await smtpServers({ submission: { perAddress } });
    const peer = await signedIn();
    expect([await send(peer, 100), await send(peer, 100)].map((reply) => reply.slice(0, 3))).toEqual(['250', '250']);
    expect(await peer.say(`MAIL FROM:<${servers.people.hung.address}>`)).toMatch(/^451 4\.7\.1/);
    await signedIn();
    const third = await dialogue(servers.submissionsPort, { tls: true });
    expect(await third.hear()).toMatch(/^421 4\.7\.0 Too many connections from your address, try again in a minute/);
  });

  it.each([true, false])('keepSentCopy (%s): whether we file what a person sends', async (keepSentCopy) => {
    servers = await smtpServers({ submission: { keepSentCopy } });
    await send(await signedIn(), 100);
    expect(await servers.inbox(servers.people.hung.accountId, 'sent')).toHaveLength(keepSentCopy ? 1 : 0);
  });

  it.each([true, false])('traceClientAddress (%s): whether Received tells where from', async (traceClientAddress) => {
    servers = await smtpServers({ submission: { traceClientAddress } });
    await send(await signedIn(), 100);
    expect((await inbox(servers))[0]?.includes('[127.0.0.1]')).toBe(traceClientAddress);
  });
});

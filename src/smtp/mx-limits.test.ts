import { afterEach, describe, expect, it } from 'vitest';

import { dialogue } from './testing/dialogue.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';
import { inbox, openData, talk } from './testing/visitor.ts';

let servers: SmtpServers;
afterEach(() => servers.dispose());

describe('limits of the mail server', () => {
  it('refuses a message over the limit, announced or not, and goes on', async () => {
    servers = await smtpServers({ mx: { maxMessageBytes: 64 * 1024 } });
    const peer = await talk(servers);
    await peer.say('EHLO bo.example');
    expect(await peer.say('MAIL FROM:<lan@bo.example> SIZE=70000')).toMatch(/^552 5\.3\.4/);
    await peer.say('MAIL FROM:<lan@bo.example>');
    await peer.say(`RCPT TO:<${servers.people.hung.address}>`);
    await peer.say('DATA');
    peer.write(`From: a@b.example\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(1000)}.\r\n`);
    expect(await peer.hear()).toMatch(/^552 5\.3\.4/);
    expect(await peer.say('NOOP')).toMatch(/^250/);
    expect(await inbox(servers)).toEqual([]);
  });

  it('bounds what all connections together may hold, and frees it again', async () => {
    servers = await smtpServers({ mx: { maxBytesInFlight: 1024 * 1024 } });
    const half = `From: a@b.example\r\n\r\n${`${'x'.repeat(98)}\r\n`.repeat(6000)}`;
    const first = await openData(servers);
    first.write(half);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = await openData(servers);
    second.write(`${half}.\r\n`);
    expect(await second.hear()).toMatch(/^452 4\.3\.1/);
    first.write('.\r\n');
    expect(await first.hear()).toMatch(/^250/);
    const third = await openData(servers);
    third.write(`${half}.\r\n`);
    expect(await third.hear()).toMatch(/^250/);
  });

  it('ends a connection that talks before the greeting', async () => {
    servers = await smtpServers({ mx: { bannerDelay: 300 } });
    const peer = await dialogue(servers.mxPort);
    peer.write('EHLO spam.example\r\n');
    expect(await peer.rest()).toMatch(/^421 .*talk too soon/);
  });

  it('ends a connection after too many errors, unknown commands, long lines', async () => {
    servers = await smtpServers({ mx: { maxErrors: 3 } });
    const first = await talk(servers);
    await first.say('EHLO bo.example');
    await first.say('MAIL FROM:<lan@bo.example>');
    await first.say('RCPT TO:<a@elsewhere.example>');
    await first.say('RCPT TO:<b@elsewhere.example>');
    expect(await first.say('RCPT TO:<c@elsewhere.example>')).toMatch(/^421 4\.7\.0 Too many errors/);
    expect(await first.rest()).toBe('');
    const second = await talk(servers);
    second.write('GUG\r\n'.repeat(20));
    expect(await second.rest()).toMatch(/421 .*too many unrecognized/);
    const third = await talk(servers);
    third.write('N'.repeat(100_000));
    await third.rest();
    const fourth = await talk(servers);
    fourth.write('GET / HTTP/1.1\r\n');
    expect(await fourth.rest()).toMatch(/^421/);
  });

  it('ends a silent connection and a message that drips', async () => {
    servers = await smtpServers({ mx: { idleTimeout: 150, dataTimeout: 400 } });
    const silent = await talk(servers);
    expect(await silent.rest()).toMatch(/^421/);
    const slow = await openData(servers);
    const drip = setInterval(() => slow.write('x\r\n'), 50);
    expect(await slow.rest()).toMatch(/^421 4\.4\.2/);
    clearInterval(drip);
    expect(await inbox(servers)).toEqual([]);
  });

  it('bounds connections at once and connections and messages in a while from one address', async () => {
    servers = await smtpServers({
      mx: { perAddress: { connections: 2, connectionsPerMinute: 4, messagesPerHour: 1 } },
    });
    const first = await talk(servers);
    const second = await talk(servers);
    expect((await talk(servers)).greeting).toMatch(/^421 4\.7\.0 Too many connections/);
    await first.say('EHLO bo.example');
    expect(await first.say('MAIL FROM:<lan@bo.example>')).toMatch(/^250/);
    await second.say('EHLO bo.example');
    expect(await second.say('MAIL FROM:<lan@bo.example>')).toMatch(/^451 4\.7\.1/);
    first.close();
    second.close();
    const again = async () => {
      const peer = await talk(servers);
      peer.close();
      return peer.greeting;
    };
    await expect.poll(again).toMatch(/^421 4\.7\.0 Too many connections from your address, try again/);
  });

  it('bounds recipients and all connections together', async () => {
    servers = await smtpServers({ mx: { maxRecipients: 1, maxClients: 1 } });
    const peer = await talk(servers);
    await peer.say('EHLO bo.example');
    await peer.say('MAIL FROM:<lan@bo.example>');
    await peer.say(`RCPT TO:<${servers.people.hung.address}>`);
    expect(await peer.say(`RCPT TO:<${servers.people.nhung.address}>`)).toMatch(/^452 4\.5\.3/);
    expect((await talk(servers)).greeting).toMatch(/^421/);
  });

  it('answers 451 with a number when we fail, and stores nothing', async () => {
    servers = await smtpServers();
    await servers.db.write(async ({ q }) => q.delete(servers.db.t.mailboxes));
    const peer = await openData(servers);
    peer.write('From: lan@bo.example\r\n\r\nx\r\n.\r\n');
    expect(await peer.hear()).toMatch(/^451 4\.3\.0 Local error in processing, number \S+$/);
  });

  it('lets a transaction at work end when it closes, and ends the idle ones', async () => {
    servers = await smtpServers();
    const busy = await openData(servers);
    const idle = await talk(servers);
    const closed = servers.mx.close(5000);
    expect(await idle.rest()).toMatch(/^421 4\.3\.2/);
    busy.write('From: lan@bo.example\r\n\r\nx\r\n.\r\n');
    expect(await busy.hear()).toMatch(/^250/);
    busy.close();
    await closed;
    expect((await inbox(servers)).length).toBe(1);
  });
});

import { afterEach, describe, expect, it } from 'vitest';

import { DomainError } from '../base/errors.ts';
import type { Verify } from '../delivery/testing/world.ts';
import { dialogue } from './testing/dialogue.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';

let servers: SmtpServers;
afterEach(() => servers.dispose());

const signed = (from: string, to: string) =>
  `From: ${from}\r\nTo: ${to}\r\nDate: Sun, 22 Nov 2026 09:00:00 +0700\r\nMessage-ID: <a@b>\r\nContent-Type: multipart/signed; boundary=x\r\n\r\n--x\r\n\r\nmot\r\n--x--\r\n.\r\n`;
const kept = async () => {
  const { emails, jobs, outboundMessages } = servers.db.t;
  const { read } = servers.db;
  return [await read.select().from(emails), await read.select().from(jobs), await read.select().from(outboundMessages)];
};
const fromOutside = async () => {
  const peer = await dialogue(servers.mxPort);
  await peer.hear();
  await peer.say('EHLO bo.example');
  await peer.say('MAIL FROM:<lan@bo.example>');
  await peer.say(`RCPT TO:<${servers.people.hung.address}>`);
  await peer.say('DATA');
  peer.write(signed('lan@bo.example', servers.people.hung.address));
  return peer.hear();
};
const fromOurs = async () => {
  const { hung, lan } = servers.people;
  const peer = await dialogue(servers.submissionsPort, { tls: true });
  await peer.hear();
  await peer.say('EHLO laptop');
  await peer.say(`AUTH PLAIN ${Buffer.from(`\0${hung.address}\0${hung.password}`).toString('base64')}`);
  await peer.say(`MAIL FROM:<${hung.address}>`);
  await peer.say(`RCPT TO:<${lan.address}>`);
  await peer.say('RCPT TO:<ai@bo.example>');
  await peer.say('DATA');
  peer.write(signed(hung.address, lan.address));
  return peer.hear();
};

describe('while signatures cannot be checked', () => {
  it.each<[string, Verify]>([
    ['too many wait', () => Promise.reject(new DomainError('unavailable', 'worker.busy', 'too many tasks'))],
    ['the threads are gone', () => Promise.reject(new DomainError('unavailable', 'signing.unavailable', 'not now'))],
    ['we failed ourselves', () => Promise.reject(new Error('no'))],
  ])('(%s) the peer shall come again, and nothing is kept', async (_, verify) => {
    servers = await smtpServers({ world: { verify } });
    expect(await fromOutside()).toMatch(/^451 4\.3\.0 /);
    expect(await fromOurs()).toMatch(/^451 4\.3\.0 /);
    expect(await kept()).toEqual([[], [], []]);
  });

  it('(a check took too long) the message is taken without a verdict, and checked again', async () => {
    servers = await smtpServers({
      world: {
        verify: () =>
          Promise.resolve({
            verdict: { kind: 'altered', checkedAt: '', files: { signed: 0, unsigned: 0 }, checks: [] },
            unfinished: true,
          }),
      },
    });
    expect(await fromOutside()).toMatch(/^250/);
    expect(await fromOurs()).toMatch(/^250/);
    const { messages, jobs } = servers.db.t;
    const stored = await servers.db.read.select({ hash: messages.hash, verdict: messages.verdict }).from(messages);
    expect(stored.map(({ verdict }) => verdict)).toEqual([null, null]);
    const queued = (await servers.db.read.select().from(jobs)).filter(({ queue }) => queue === 'signing.recheck');
    expect(queued.map(({ payload }) => (payload as { hash: string }).hash).sort()).toEqual(
      stored.map(({ hash }) => hash).sort(),
    );
  });
});

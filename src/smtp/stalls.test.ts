/** A client that says nothing more, wherever it stops, is ended by the clock with the protocol's words, and leaves nothing behind. */
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialogue } from './testing/dialogue.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';

const IDLE = 150;
const timeouts = { idleTimeout: IDLE, dataTimeout: 10_000 };

let servers: SmtpServers;
beforeAll(async () => {
  servers = await smtpServers({ mx: timeouts, submission: timeouts });
});
afterAll(() => servers.dispose());

/** What is said before the silence; `rest` goes out without waiting for an answer. */
interface Stop {
  after: string;
  said: string[];
  rest?: string;
}

const envelope = () => ['EHLO bo.example', 'MAIL FROM:<lan@bo.example>', `RCPT TO:<${servers.people.hung.address}>`];
const stops: (Omit<Stop, 'said'> & { said: () => string[] })[] = [
  { after: 'the greeting', said: () => [] },
  { after: 'half a command', said: () => [], rest: 'EHL' },
  { after: 'EHLO', said: () => envelope().slice(0, 1) },
  { after: 'MAIL', said: () => envelope().slice(0, 2) },
  { after: 'RCPT', said: envelope },
  { after: 'DATA', said: () => [...envelope(), 'DATA'] },
  { after: 'half a message', said: () => [...envelope(), 'DATA'], rest: 'Subject: x\r\n\r\nnua' },
  { after: 'all of it but the dot', said: () => [...envelope(), 'DATA'], rest: 'Subject: x\r\n\r\nca\r\n' },
];

describe('a client that falls silent', () => {
  it.each(stops)('after $after is told 421 and ended', async ({ said, rest }) => {
    const peer = await dialogue(servers.mxPort);
    await peer.hear();
    for (const line of said()) expect(await peer.say(line)).toMatch(/^[23]/);
    if (rest !== undefined) peer.write(rest);
    const started = performance.now();
    expect(await peer.rest()).toMatch(/^421 4\.4\.2 .*\r\n$/);
    expect(performance.now() - started).toBeGreaterThan(IDLE / 2);
    expect(await servers.inbox(servers.people.hung.accountId)).toEqual([]);
  });

  it('after STARTTLS, where no words can reach it, is ended', async () => {
    const peer = await dialogue(servers.mxPort);
    await peer.hear();
    await peer.say('EHLO bo.example');
    expect(await peer.say('STARTTLS')).toMatch(/^220/);
    expect(await peer.rest()).toBe('');
  });

  it('after a whole TLS handshake is told 421 inside it', async () => {
    const peer = await dialogue(servers.mxPort);
    await peer.hear();
    await peer.say('EHLO bo.example');
    await peer.say('STARTTLS');
    await peer.startTls();
    expect(await peer.rest()).toMatch(/^421 4\.4\.2/);
  });

  it.each(['AUTH PLAIN', 'AUTH LOGIN'])('in the middle of %s is told 421 and ended', async (command) => {
    const peer = await dialogue(servers.submissionPort);
    await peer.hear();
    await peer.say('EHLO may-tram.example');
    await peer.say('STARTTLS');
    await peer.startTls();
    await peer.say('EHLO may-tram.example');
    expect(await peer.say(command)).toMatch(/^334/);
    expect(await peer.rest()).toMatch(/^421 4\.4\.2/);
  });

  it.each(['', '\u0016\u0003\u0001'])(
    'on the port with TLS, before its handshake is whole (%j), is ended',
    async (said) => {
      const socket = connect(servers.submissionsPort, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      socket.write(said);
      await new Promise((resolve) => socket.once('close', resolve));
    },
  );
});

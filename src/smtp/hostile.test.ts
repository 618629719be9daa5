/** What strangers send to be taken for something else: commands in clear behind STARTTLS, answers to AUTH that are none, BDAT, smuggled messages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialogue, type Dialogue } from './testing/dialogue.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';
import { inbox, talk } from './testing/visitor.ts';

let servers: SmtpServers;
const perAddress = { connections: 1000, connectionsPerMinute: 10_000, messagesPerHour: 10_000 };
beforeAll(async () => {
  servers = await smtpServers({ mx: { bannerDelay: 0, perAddress }, submission: { perAddress } });
});
afterAll(() => servers.dispose());
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plain = (...fields: string[]): string => base64(fields.join('\0'));

describe.each(['mx', 'submission'] as const)('in the clear behind STARTTLS (%s, CVE-2011-0411)', (which) => {
  const sign = (): string => plain('', servers.people.hung.address, servers.people.hung.password);
  it.each<[string, () => string]>([
    ['a command', () => 'NOOP\r\n'],
    ['an envelope', () => 'EHLO x\r\nMAIL FROM:<evil@bo.example>\r\n'],
    ['a sign-in', () => `AUTH PLAIN ${sign()}\r\n`],
    ['a sign-in in steps', () => `AUTH PLAIN\r\n${sign()}\r\n`],
    ['half a command', () => 'MAIL FROM:<evil@bo.example> '],
    ['hundreds of commands', () => 'NOOP\r\n'.repeat(500)],
    ['another STARTTLS', () => 'STARTTLS\r\n'],
    ['a whole message', () => 'EHLO x\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\nx\r\n.\r\n'],
  ])('%s is dropped', async (_, behind) => {
    const peer = await dialogue(which === 'mx' ? servers.mxPort : servers.submissionPort);
    await peer.hear();
    await peer.say('EHLO bo.example');
    peer.write(`STARTTLS\r\n${behind()}`);
    expect(await peer.hear()).toMatch(/^220/);
    await peer.startTls();
    // The first answer under TLS is that of the first command under TLS.
    expect(await peer.say('HELP')).toMatch(/^214/);
    expect(await peer.say('RSET')).toMatch(/^250/);
    expect(await peer.say('MAIL FROM:<a@b.c>')).toMatch(/^503/);
    expect(await peer.say('EHLO after.example')).toMatch(/^250-/);
    expect(await peer.say('RCPT TO:<a@b.c>')).toMatch(which === 'mx' ? /^503/ : /^530/);
    peer.close();
  });
});

describe('AUTH', () => {
  const secure = async (): Promise<Dialogue> => {
    const peer = await dialogue(servers.submissionsPort, { tls: true });
    await peer.hear();
    await peer.say('EHLO laptop');
    return peer;
  };
  const noBase64 = ['!!!!', 'AAA', 'AA==AAAA', '====', '-_-_', 'A\0AA', '{4+}', 'Äpfel'];

  it.each(noBase64)('an answer that is no base64 (%j) is 501, and counts as no wrong password', async (answer) => {
    const peer = await secure();
    const tries: string[][] = [['AUTH PLAIN'], ['AUTH LOGIN'], ['AUTH LOGIN', base64('hungnv')], []];
    for (const said of tries) {
      for (const line of said) expect(await peer.say(line)).toMatch(/^334/);
      expect(await peer.say(said.length === 0 ? `AUTH PLAIN ${answer}` : answer)).toBe('501 5.5.2 That is no base64');
      expect(await peer.say('NOOP')).toMatch(/^250/);
    }
    const { hung } = servers.people;
    expect(await peer.say(`AUTH PLAIN ${plain('', hung.address, hung.password)}`)).toMatch(/^235/);
    peer.close();
  });

  it.each([['AUTH PLAIN'], ['AUTH LOGIN'], ['AUTH LOGIN', base64('hungnv')]])(
    '%s %s is given up by "*"',
    async (...said) => {
      const peer = await secure();
      for (const line of said.filter(Boolean)) expect(await peer.say(line)).toMatch(/^334/);
      expect(await peer.say('*')).toMatch(/^501/);
      expect(await peer.say('MAIL FROM:<a@b.c>')).toMatch(/^530/);
      peer.close();
    },
  );

  it.each(['', '=', plain('a', 'b'), plain('a', 'b', 'c', 'd'), base64('\0\0\0'), base64('\r\n\0a\0b')])(
    'PLAIN that is no message (%j) is 501',
    async (answer) => {
      const peer = await secure();
      expect(await peer.say('AUTH PLAIN')).toMatch(/^334/);
      expect(await peer.say(answer)).toMatch(/^501/);
      peer.close();
    },
  );

  it('as another than the one whose password it is, is refused; the own name twice, or there alone, is not', async () => {
    const { hung, nhung } = servers.people;
    const peer = await secure();
    expect(await peer.say(`AUTH PLAIN ${plain(nhung.address, hung.address, hung.password)}`)).toMatch(/^535 5\.7\.8/);
    expect(await peer.say(`MAIL FROM:<${hung.address}>`)).toMatch(/^530/);
    expect(await peer.say(`AUTH PLAIN ${plain(hung.address, hung.address, hung.password)}`)).toMatch(/^235/);
    const other = await secure();
    expect(await other.say(`AUTH PLAIN ${plain(hung.address, '', hung.password)}`)).toMatch(/^235/);
    for (const one of [peer, other]) one.close();
  });

  it('answered by a command is neither a sign-in nor that command', async () => {
    const peer = await secure();
    expect(await peer.say('AUTH PLAIN')).toMatch(/^334/);
    expect(await peer.say('MAIL FROM:<a@b.c>')).toMatch(/^5/);
    expect(await peer.say('RCPT TO:<a@b.c>')).toMatch(/^530/);
    peer.close();
  });

  it('an answer longer than a line may be ends the connection', async () => {
    const peer = await secure();
    expect(await peer.say('AUTH PLAIN')).toMatch(/^334/);
    peer.write('A'.repeat(17_000));
    expect(await peer.rest()).toMatch(/^421/);
  });
});

describe('a message', () => {
  it('by BDAT, which was not offered, ends the connection: its octets are no commands', async () => {
    const peer = await talk(servers);
    await peer.say('EHLO bo.example');
    await peer.say('MAIL FROM:<lan@bo.example>');
    await peer.say(`RCPT TO:<${servers.people.hung.address}>`);
    peer.write('BDAT 12 LAST\r\nRSET\r\nNOOP\r\n');
    expect(await peer.rest()).toBe('502 5.5.1 CHUNKING is not offered\r\n');
  });

  it.each(['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\r.\r\n', '\n.\r', '\0\n.\n', '\r\r\n.\r\r\n'])(
    'of our own people may not end in %j either (CVE-2023-51764)',
    async (end) => {
      const { hung } = servers.people;
      const peer = await dialogue(servers.submissionsPort, { tls: true });
      await peer.hear();
      await peer.say('EHLO laptop');
      await peer.say(`AUTH PLAIN ${plain('', hung.address, hung.password)}`);
      await peer.say(`MAIL FROM:<${hung.address}>`);
      await peer.say('RCPT TO:<ban@bo.example>');
      expect(await peer.say('DATA')).toMatch(/^354/);
      const smuggled = `MAIL FROM:<evil@bo.example>\r\nRCPT TO:<${hung.address}>\r\nDATA\r\nx\r\n`;
      peer.write(`From: ${hung.address}\r\n\r\nx${end}${smuggled}.\r\n`);
      expect(await peer.hear()).toMatch(/^554 5\.6\.0 Bare/);
      expect(await peer.say('NOOP')).toMatch(/^250/);
      expect(await servers.queue.list()).toEqual([]);
      expect(await inbox(servers)).toEqual([]);
      peer.close();
    },
  );
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dialogue } from './testing/dialogue.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';

let servers: SmtpServers;
afterEach(() => servers.dispose());

const talk = async () => {
  const peer = await dialogue(servers.mxPort);
  const greeting = await peer.hear();
  return { ...peer, greeting };
};
/** Up to DATA's 354. */
const openData = async (to = servers.people.hung.address) => {
  const peer = await talk();
  await peer.say('EHLO bo.example');
  await peer.say('MAIL FROM:<lan@bo.example>');
  await peer.say(`RCPT TO:<${to}>`);
  expect(await peer.say('DATA')).toMatch(/^354/);
  return peer;
};
const inbox = () => servers.inbox(servers.people.hung.accountId);

describe('the mail server for mail from outside', () => {
  beforeEach(async () => {
    servers = await smtpServers();
  });

  it('greets, says what it can, and offers no AUTH and no jokes', async () => {
    const peer = await talk();
    expect(peer.greeting).toBe(`220 mail.${servers.domain} ESMTP`);
    const lines = (await peer.say('EHLO bo.example')).split('\r\n');
    const offered = lines.slice(1).map((line) => line.slice(4).split(' ')[0]);
    expect(offered.sort()).toEqual(['8BITMIME', 'ENHANCEDSTATUSCODES', 'PIPELINING', 'SIZE', 'SMTPUTF8', 'STARTTLS']);
    for (const command of [
      'WIZ x',
      'SHELL',
      'KILL',
      'XCLIENT ADDR=1.2.3.4',
      'AUTH PLAIN AGEAYg==',
      'EXPN all',
      'BDAT 5 LAST',
      'GUG',
    ])
      expect(await peer.say(command), command).toMatch(/^50[02] 5\.5\.[12]/);
    expect(await peer.say('VRFY hung')).toMatch(/^252/);
    expect(await peer.say('QUIT')).toMatch(/^221/);
  });

  it('stores what it answered 250 for, byte for byte behind its trace', async () => {
    const peer = await openData();
    const body = 'From: lan@bo.example\r\nSubject: =?utf-8?q?B=C3=A1o?=\r\n\r\nKính gửi\r\n..hai chấm\r\n';
    peer.write(`${body.replace(/^\./gm, '..')}.\r\n`);
    expect(await peer.hear()).toMatch(/^250 2\.0\.0 Taken as [\w-]+\.1$/);
    const [stored] = await inbox();
    expect(stored?.endsWith(body)).toBe(true);
    expect(stored).toMatch(
      /^Return-Path: <lan@bo.example>\r\nAuthentication-Results: mail\.caoson\.gov\.vn;\r\n\tdkim=none;\r\n\tspf=none/,
    );
    expect(stored).toMatch(
      /\r\nReceived: from bo\.example \(\[127\.0\.0\.1\]\)\r\n\tby mail\.caoson\.gov\.vn with ESMTP id \S+\r\n\tfor <[^>]+>;\r\n\tSun, 22 Nov 2026 03:00:00 \+0000\r\n/,
    );
  });

  it('takes mail for its own people only', async () => {
    const peer = await talk();
    await peer.say('EHLO bo.example');
    expect(await peer.say('RCPT TO:<a@b.example>')).toMatch(/^503/);
    await peer.say('MAIL FROM:<>');
    expect(await peer.say('RCPT TO:<a@elsewhere.example>')).toMatch(/^550 5\.7\.1 Relaying denied/);
    expect(await peer.say(`RCPT TO:<a%elsewhere.example@${servers.domain}>`)).toMatch(/^550 5\.1\.1/);
    expect(await peer.say(`RCPT TO:<@${servers.domain}:a@elsewhere.example>`)).toMatch(/^550 5\.7\.1/);
    expect(await peer.say(`RCPT TO:<nobody@${servers.domain}>`)).toMatch(/^550 5\.1\.1 No such mailbox here$/);
    expect(await peer.say('RCPT TO:<webmaster>')).toMatch(/^501 5\.1\.3/);
    expect(await peer.say('DATA')).toMatch(/^503/);
    expect(await peer.say(`RCPT TO:<${servers.people.hung.address}>`)).toMatch(/^250 2\.1\.5/);
  });

  // RFC 5321 §4.5.1
  it('takes mail for the postmaster without a domain, in any case', async () => {
    await servers.db.write((tx) => servers.directory.openPostmaster(tx));
    const peer = await talk();
    await peer.say('EHLO bo.example');
    await peer.say('MAIL FROM:<>');
    for (const name of ['Postmaster', 'postmaster', `POSTMASTER@${servers.domain}`])
      expect(await peer.say(`RCPT TO:<${name}>`)).toMatch(/^250 2\.1\.5/);
  });

  it('says when a mailbox is closed or full', async () => {
    const { hung, lan } = servers.people;
    await servers.db.write((tx) => servers.directory.disableOfficial(tx, lan.officialId));
    await servers.db.write((tx) => servers.mailstore.setAccount(tx, hung.accountId, { quotaBytes: 0 }));
    const peer = await talk();
    await peer.say('EHLO bo.example');
    await peer.say('MAIL FROM:<lan@bo.example>');
    expect(await peer.say(`RCPT TO:<${lan.address}>`)).toMatch(/^550 5\.2\.1/);
    expect(await peer.say(`RCPT TO:<${hung.address}>`)).toMatch(/^452 4\.2\.2/);
  });

  it('answers pipelined commands in order, and a message that follows in the same segment', async () => {
    const peer = await talk();
    const to = servers.people.hung.address;
    peer.write(
      `EHLO bo.example\r\nMAIL FROM:<a@bo.example>\r\nRCPT TO:<${to}>\r\nRCPT TO:<x@elsewhere.example>\r\nDATA\r\nFrom: a@bo.example\r\n\r\n1\r\n.\r\nMAIL FROM:<b@bo.example>\r\nRCPT TO:<${to}>\r\nDATA\r\nFrom: b@bo.example\r\n\r\n2\r\n.\r\nQUIT\r\n`,
    );
    const codes: string[] = [];
    for (let i = 0; i < 10; i++) codes.push((await peer.hear()).slice(0, 3));
    expect(codes).toEqual(['250', '250', '250', '550', '354', '250', '250', '250', '354', '250']);
    expect((await inbox()).length).toBe(2);
  });

  it.each([
    ['LF dot LF', 'a\n.\nMAIL FROM:<evil@bo.example>\r\n'],
    ['LF dot CRLF', 'a\n.\r\nMAIL FROM:<evil@bo.example>\r\n'],
    ['CRLF dot LF', 'a\r\n.\nMAIL FROM:<evil@bo.example>\r\n'],
    ['CR dot CR', 'a\r.\rMAIL FROM:<evil@bo.example>\r\n'],
    ['CRLF dot CR', 'a\r\n.\rMAIL FROM:<evil@bo.example>\r\n'],
    ['CR CRLF dot CRLF', 'a\r\r\nb\r\n'],
    ['a bare LF in the header', 'Subject: a\nBcc: b\r\n'],
  ])('is not smuggled past by %s', async (_, evil) => {
    const peer = await openData();
    peer.write(`From: lan@bo.example\r\n\r\n${evil}`);
    peer.write('\r\n.\r\n');
    expect(await peer.hear()).toMatch(/^554 5\.6\.0 Bare/);
    expect(await peer.say('NOOP')).toMatch(/^250/);
    expect(await inbox()).toEqual([]);
  });

  it('keeps nothing of a message whose connection was lost before the final dot', async () => {
    const peer = await openData();
    peer.write('From: lan@bo.example\r\n\r\nhalf');
    peer.close();
    const next = await openData();
    next.write('From: lan@bo.example\r\n\r\nwhole\r\n.\r\n');
    expect(await next.hear()).toMatch(/^250/);
    expect((await inbox()).map((raw) => raw.split('\r\n\r\n')[1])).toEqual(['whole\r\n']);
  });

  it('speaks TLS after STARTTLS and forgets what was said before it', async () => {
    const peer = await talk();
    await peer.say('EHLO bo.example');
    await peer.say('MAIL FROM:<lan@bo.example>');
    // RFC 3207 §4.2, and whatever was put behind STARTTLS in clear text.
    peer.write('STARTTLS\r\nRSET\r\n');
    expect(await peer.hear()).toMatch(/^220/);
    await peer.startTls();
    expect(await peer.say(`RCPT TO:<${servers.people.hung.address}>`)).toMatch(/^503/);
    expect(await peer.say('EHLO bo.example')).not.toContain('STARTTLS');
    await peer.say('MAIL FROM:<lan@bo.example>');
    await peer.say(`RCPT TO:<${servers.people.hung.address}>`);
    await peer.say('DATA');
    peer.write('From: lan@bo.example\r\n\r\nx\r\n.\r\n');
    expect(await peer.hear()).toMatch(/^250/);
    expect((await inbox())[0]).toMatch(/with ESMTPS id \S+\r\n\t\(TLSv1\.3 /);
  });

  it('takes internationalized addresses and 8-bit text', async () => {
    const peer = await talk();
    await peer.say('EHLO bo.example');
    expect(await peer.say('MAIL FROM:<hùng@bộ.example> SMTPUTF8 BODY=8BITMIME')).toMatch(/^250/);
    await peer.say(`RCPT TO:<${servers.people.hung.address}>`);
    await peer.say('DATA');
    peer.write('From: hùng@bộ.example\r\nSubject: Điều hành\r\n\r\nTiếng Việt\r\n.\r\n');
    expect(await peer.hear()).toMatch(/^250/);
    expect((await inbox())[0]).toMatch(/^Return-Path: <hùng@bộ.example>/);
  });
});

describe('limits of the mail server', () => {
  it('refuses a message over the limit, announced or not, and goes on', async () => {
    servers = await smtpServers({ mx: { maxMessageBytes: 64 * 1024 } });
    const peer = await talk();
    await peer.say('EHLO bo.example');
    expect(await peer.say('MAIL FROM:<lan@bo.example> SIZE=70000')).toMatch(/^552 5\.3\.4/);
    await peer.say('MAIL FROM:<lan@bo.example>');
    await peer.say(`RCPT TO:<${servers.people.hung.address}>`);
    await peer.say('DATA');
    peer.write(`From: a@b.example\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(1000)}.\r\n`);
    expect(await peer.hear()).toMatch(/^552 5\.3\.4/);
    expect(await peer.say('NOOP')).toMatch(/^250/);
    expect(await inbox()).toEqual([]);
  });

  it('bounds what all connections together may hold, and frees it again', async () => {
    servers = await smtpServers({ mx: { maxBytesInFlight: 1024 * 1024 } });
    const half = `From: a@b.example\r\n\r\n${`${'x'.repeat(98)}\r\n`.repeat(6000)}`;
    const first = await openData();
    first.write(half);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = await openData();
    second.write(`${half}.\r\n`);
    expect(await second.hear()).toMatch(/^452 4\.3\.1/);
    first.write('.\r\n');
    expect(await first.hear()).toMatch(/^250/);
    const third = await openData();
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
    const first = await talk();
    await first.say('EHLO bo.example');
    await first.say('MAIL FROM:<lan@bo.example>');
    await first.say('RCPT TO:<a@elsewhere.example>');
    await first.say('RCPT TO:<b@elsewhere.example>');
    expect(await first.say('RCPT TO:<c@elsewhere.example>')).toMatch(/^421 4\.7\.0 Too many errors/);
    expect(await first.rest()).toBe('');
    const second = await talk();
    second.write('GUG\r\n'.repeat(20));
    expect(await second.rest()).toMatch(/421 .*too many unrecognized/);
    const third = await talk();
    third.write('N'.repeat(100_000));
    await third.rest();
    const fourth = await talk();
    fourth.write('GET / HTTP/1.1\r\n');
    expect(await fourth.rest()).toMatch(/^421/);
  });

  it('ends a silent connection and a message that drips', async () => {
    servers = await smtpServers({ mx: { idleTimeout: 150, dataTimeout: 400 } });
    const silent = await talk();
    expect(await silent.rest()).toMatch(/^421/);
    const slow = await openData();
    const drip = setInterval(() => slow.write('x\r\n'), 50);
    expect(await slow.rest()).toMatch(/^421 4\.4\.2/);
    clearInterval(drip);
    expect(await inbox()).toEqual([]);
  });

  it('bounds connections at once and connections and messages in a while from one address', async () => {
    servers = await smtpServers({
      mx: { perAddress: { connections: 2, connectionsPerMinute: 4, messagesPerHour: 1 } },
    });
    const first = await talk();
    const second = await talk();
    expect((await talk()).greeting).toMatch(/^421 4\.7\.0 Too many connections/);
    await first.say('EHLO bo.example');
    expect(await first.say('MAIL FROM:<lan@bo.example>')).toMatch(/^250/);
    await second.say('EHLO bo.example');
    expect(await second.say('MAIL FROM:<lan@bo.example>')).toMatch(/^451 4\.7\.1/);
    first.close();
    second.close();
    const again = async () => {
      const peer = await talk();
      peer.close();
      return peer.greeting;
    };
    await expect.poll(again).toMatch(/^421 4\.7\.0 Too many connections from your address, try again/);
  });

  it('bounds recipients and all connections together', async () => {
    servers = await smtpServers({ mx: { maxRecipients: 1, maxClients: 1 } });
    const peer = await talk();
    await peer.say('EHLO bo.example');
    await peer.say('MAIL FROM:<lan@bo.example>');
    await peer.say(`RCPT TO:<${servers.people.hung.address}>`);
    expect(await peer.say(`RCPT TO:<${servers.people.nhung.address}>`)).toMatch(/^452 4\.5\.3/);
    expect((await talk()).greeting).toMatch(/^421/);
  });

  it('answers 451 with a number when we fail, and stores nothing', async () => {
    servers = await smtpServers();
    await servers.db.write(async ({ q }) => q.delete(servers.db.t.mailboxes));
    const peer = await openData();
    peer.write('From: lan@bo.example\r\n\r\nx\r\n.\r\n');
    expect(await peer.hear()).toMatch(/^451 4\.3\.0 Local error in processing, number \S+$/);
  });

  it('lets a transaction at work end when it closes, and ends the idle ones', async () => {
    servers = await smtpServers();
    const busy = await openData();
    const idle = await talk();
    const closed = servers.mx.close(5000);
    expect(await idle.rest()).toMatch(/^421 4\.3\.2/);
    busy.write('From: lan@bo.example\r\n\r\nx\r\n.\r\n');
    expect(await busy.hear()).toMatch(/^250/);
    busy.close();
    await closed;
    expect((await inbox()).length).toBe(1);
  });
});

describe('garbage', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('never stops the server (seed %i)', async (seed) => {
    servers = await smtpServers({ mx: { perAddress: { connections: 100, connectionsPerMinute: 1000 } } });
    let state = seed * 2654435761;
    const random = (n: number) => {
      state = (state * 1664525 + 1013904223) >>> 0;
      return state % n;
    };
    const words = [
      'EHLO x',
      'HELO',
      'MAIL FROM:',
      '<a@b.c>',
      'RCPT TO:',
      `<${servers.people.hung.address}>`,
      'DATA',
      '.',
      'RSET',
      'NOOP',
      'SIZE=',
      '=',
      'BODY=8BITMIME',
      'SMTPUTF8',
      '\u0000',
      'é',
      '<',
      '>',
      '@',
      '..',
      ' ',
      '\t',
      'RET=FULL',
      'ENVID=+',
      'VRFY',
      'HELP',
      '99999999999999999999',
      '"',
      '\\',
      '[1.2.3.4]',
      'IPv6:',
    ];
    const lines = Array.from({ length: 60 }, () =>
      Array.from({ length: random(6) }, () => words[random(words.length)] ?? '').join(random(2) ? ' ' : ''),
    );
    const peer = await talk();
    peer.write(
      Buffer.from(lines.map((line) => line + (['\r\n', '\n', '\r\n', '\r'][random(4)] ?? '')).join(''), 'utf8'),
    );
    peer.write(Buffer.from(Array.from({ length: 500 }, () => random(256))));
    setTimeout(() => peer.close(), 150);
    await peer.rest();
    const next = await openData();
    next.write('From: lan@bo.example\r\n\r\nstill here\r\n.\r\n');
    expect(await next.hear()).toMatch(/^250/);
    expect((await inbox()).at(-1)).toContain('still here');
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { smtpServers, type SmtpServers } from './testing/servers.ts';
import { inbox, openData, talk } from './testing/visitor.ts';

let servers: SmtpServers;
afterEach(() => servers.dispose());

describe('the mail server for mail from outside', () => {
  beforeEach(async () => {
    servers = await smtpServers();
  });

  it('greets, says what it can, and offers no AUTH and no jokes', async () => {
    const peer = await talk(servers);
    expect(peer.greeting).toBe(`220 mail.${servers.domain} ESMTP`);
    const lines = (await peer.say('EHLO bo.example')).split('\r\n');
    const offered = lines.slice(1).map((line) => line.slice(4).split(' ')[0]);
    expect(offered.sort()).toEqual(['8BITMIME', 'ENHANCEDSTATUSCODES', 'PIPELINING', 'SIZE', 'SMTPUTF8', 'STARTTLS']);
    for (const command of ['WIZ x', 'SHELL', 'KILL', 'XCLIENT ADDR=1.2.3.4', 'AUTH PLAIN AGEAYg==', 'EXPN all', 'GUG'])
      expect(await peer.say(command), command).toMatch(/^50[02] 5\.5\.[12]/);
    expect(await peer.say('VRFY hung')).toMatch(/^252/);
    expect(await peer.say('QUIT')).toMatch(/^221/);
  });

  it('stores what it answered 250 for, byte for byte behind its trace', async () => {
    const peer = await openData(servers);
    const body = 'From: lan@bo.example\r\nSubject: =?utf-8?q?B=C3=A1o?=\r\n\r\nKính gửi\r\n..hai chấm\r\n';
    peer.write(`${body.replace(/^\./gm, '..')}.\r\n`);
    expect(await peer.hear()).toMatch(/^250 2\.0\.0 Taken as [\w-]+\.1$/);
    const [stored] = await inbox(servers);
    expect(stored?.endsWith(body)).toBe(true);
    expect(stored).toMatch(
      /^Return-Path: <lan@bo.example>\r\nAuthentication-Results: mail\.caoson\.gov\.vn;\r\n\tdkim=none;\r\n\tspf=none/,
    );
    expect(stored).toMatch(
      /\r\nReceived: from bo\.example \(\[127\.0\.0\.1\]\)\r\n\tby mail\.caoson\.gov\.vn with ESMTP id \S+\r\n\tfor <[^>]+>;\r\n\tSun, 22 Nov 2026 03:00:00 \+0000\r\n/,
    );
  });

  it('says whose mail it hands over: nobody else waits for it', async () => {
    const accept = vi.spyOn(servers.incoming, 'accept');
    const { hung, nhung, unit } = servers.people;
    const peer = await openData(servers);
    peer.write('From: a@b.example\r\n\r\n\r\n.\r\n');
    await peer.hear();
    await peer.say('MAIL FROM:<lan@bo.example>');
    for (const to of [unit.address, nhung.address.toUpperCase()]) await peer.say(`RCPT TO:<${to}>`);
    await peer.say('DATA');
    peer.write('From: a@b.example\r\n\r\n\r\n.\r\n');
    expect(await peer.hear()).toMatch(/^250/);
    expect(accept.mock.calls.map(([, accounts]) => accounts)).toEqual([
      [hung.accountId],
      [unit.accountId, nhung.accountId],
    ]);
  });

  it('takes mail for its own people only', async () => {
    const peer = await talk(servers);
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
  it('refuses parameters that it did not offer (RFC 5321 §4.1.1.11)', async () => {
    const peer = await talk(servers);
    await peer.say('EHLO bo.example');
    for (const parameter of ['FOO=1', 'SIZE=10 HOLDFOR=5', 'RET=FULL', 'AUTH=<>'])
      expect(await peer.say(`MAIL FROM:<lan@bo.example> ${parameter}`), parameter).toMatch(/^555 5\.5\.4/);
    expect(await peer.say('MAIL FROM:<lan@bo.example> SIZE=10 BODY=8BITMIME SMTPUTF8')).toMatch(/^250/);
    for (const parameter of ['FOO', 'NOTIFY=NEVER'])
      expect(await peer.say(`RCPT TO:<${servers.people.hung.address}> ${parameter}`), parameter).toMatch(
        /^555 5\.5\.4/,
      );
    expect(await peer.say(`RCPT TO:<${servers.people.hung.address}>`)).toMatch(/^250/);
  });

  it('takes mail for the postmaster without a domain, in any case', async () => {
    await servers.db.write((tx) => servers.directory.openPostmaster(tx));
    const peer = await talk(servers);
    await peer.say('EHLO bo.example');
    await peer.say('MAIL FROM:<>');
    for (const name of ['Postmaster', 'postmaster', `POSTMASTER@${servers.domain}`])
      expect(await peer.say(`RCPT TO:<${name}>`)).toMatch(/^250 2\.1\.5/);
  });

  it('says when a mailbox is closed or full', async () => {
    const { hung, lan } = servers.people;
    await servers.db.write((tx) => servers.directory.disableOfficial(tx, lan.officialId));
    await servers.db.write((tx) => servers.mailstore.setAccount(tx, hung.accountId, { quotaBytes: 0 }));
    const peer = await talk(servers);
    await peer.say('EHLO bo.example');
    await peer.say('MAIL FROM:<lan@bo.example>');
    expect(await peer.say(`RCPT TO:<${lan.address}>`)).toMatch(/^550 5\.2\.1/);
    expect(await peer.say(`RCPT TO:<${hung.address}>`)).toMatch(/^452 4\.2\.2/);
  });

  it('answers pipelined commands in order, and a message that follows in the same segment', async () => {
    const peer = await talk(servers);
    const to = servers.people.hung.address;
    peer.write(
      `EHLO bo.example\r\nMAIL FROM:<a@bo.example>\r\nRCPT TO:<${to}>\r\nRCPT TO:<x@elsewhere.example>\r\nDATA\r\nFrom: a@bo.example\r\n\r\n1\r\n.\r\nMAIL FROM:<b@bo.example>\r\nRCPT TO:<${to}>\r\nDATA\r\nFrom: b@bo.example\r\n\r\n2\r\n.\r\nQUIT\r\n`,
    );
    const codes: string[] = [];
    for (let i = 0; i < 10; i++) codes.push((await peer.hear()).slice(0, 3));
    expect(codes).toEqual(['250', '250', '250', '550', '354', '250', '250', '250', '354', '250']);
    expect((await inbox(servers)).length).toBe(2);
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
    const peer = await openData(servers);
    peer.write(`From: lan@bo.example\r\n\r\n${evil}`);
    peer.write('\r\n.\r\n');
    expect(await peer.hear()).toMatch(/^554 5\.6\.0 Bare/);
    expect(await peer.say('NOOP')).toMatch(/^250/);
    expect(await inbox(servers)).toEqual([]);
  });

  it('keeps nothing of a message whose connection was lost before the final dot', async () => {
    const peer = await openData(servers);
    peer.write('From: lan@bo.example\r\n\r\nhalf');
    peer.close();
    const next = await openData(servers);
    next.write('From: lan@bo.example\r\n\r\nwhole\r\n.\r\n');
    expect(await next.hear()).toMatch(/^250/);
    expect((await inbox(servers)).map((raw) => raw.split('\r\n\r\n')[1])).toEqual(['whole\r\n']);
  });

  it('speaks TLS after STARTTLS and forgets what was said before it', async () => {
    const peer = await talk(servers);
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
    expect((await inbox(servers))[0]).toMatch(/with ESMTPS id \S+\r\n\t\(TLSv1\.3 /);
  });

  it('takes internationalized addresses and 8-bit text', async () => {
    const peer = await talk(servers);
    await peer.say('EHLO bo.example');
    expect(await peer.say('MAIL FROM:<hùng@bộ.example> SMTPUTF8 BODY=8BITMIME')).toMatch(/^250/);
    await peer.say(`RCPT TO:<${servers.people.hung.address}>`);
    await peer.say('DATA');
    peer.write('From: hùng@bộ.example\r\nSubject: Điều hành\r\n\r\nTiếng Việt\r\n.\r\n');
    expect(await peer.hear()).toMatch(/^250/);
    expect((await inbox(servers))[0]).toMatch(/^Return-Path: <hùng@bộ.example>/);
  });
});

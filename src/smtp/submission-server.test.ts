import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Person } from '../delivery/testing/world.ts';
import { dialogue } from './testing/dialogue.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';

let servers: SmtpServers;
beforeAll(async () => {
  servers = await smtpServers({ submission: { perAddress: { connections: 100, connectionsPerMinute: 1000 } } });
});
afterAll(() => servers.dispose());

const plain = (address: string, password: string) =>
  `AUTH PLAIN ${Buffer.from(`\0${address}\0${password}`).toString('base64')}`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const secure = async () => {
  const peer = await dialogue(servers.submissionsPort, { tls: true });
  await peer.hear();
  await peer.say('EHLO laptop');
  return peer;
};
const signedIn = async (person: Person) => {
  const peer = await secure();
  expect(await peer.say(plain(person.address, person.password))).toMatch(/^235/);
  return peer;
};
const mailer = (person: Person, options: { starttls?: boolean } = {}) =>
  createTransport({
    host: '127.0.0.1',
    port: options.starttls ? servers.submissionPort : servers.submissionsPort,
    secure: !options.starttls,
    requireTLS: options.starttls ?? false,
    tls: { rejectUnauthorized: false },
    auth: { user: person.address, pass: person.password },
  });

describe('submission', () => {
  it('takes no password in clear text and nothing before a sign-in', async () => {
    const { hung } = servers.people;
    const peer = await dialogue(servers.submissionPort);
    await peer.hear();
    expect(await peer.say('EHLO laptop')).not.toContain('AUTH');
    expect(await peer.say(plain(hung.address, hung.password))).toMatch(/^538/);
    expect(await peer.say(`MAIL FROM:<${hung.address}>`)).toMatch(/^530/);
    expect(await peer.say('STARTTLS')).toMatch(/^220/);
    await peer.startTls();
    expect(await peer.say('EHLO laptop')).toMatch(/AUTH PLAIN LOGIN/);
    expect(await peer.say(`MAIL FROM:<${hung.address}>`)).toMatch(/^530/);
    expect(await peer.say(plain(hung.address, hung.password))).toMatch(/^235/);
    peer.close();
  });

  it('signs in by PLAIN and LOGIN, with the password or an app password, with or without the domain', async () => {
    const { hung } = servers.people;
    const { password } = await servers.credentials.createAppPassword(hung.officialId, 'điện thoại');
    const byLogin = await secure();
    expect(await byLogin.say('AUTH LOGIN')).toBe('334 VXNlcm5hbWU6');
    expect(await byLogin.say(base64(hung.address.split('@')[0] ?? ''))).toBe('334 UGFzc3dvcmQ6');
    expect(await byLogin.say(base64(password))).toMatch(/^235/);
    const wrong = await secure();
    expect(await wrong.say(plain(hung.address, 'no'))).toMatch(/^535 5\.7\.8/);
    expect(await wrong.say(plain(`nobody@${servers.domain}`, 'no'))).toMatch(/^535 5\.7\.8/);
    expect(await wrong.say('AUTH CRAM-MD5')).toMatch(/^504/);
    expect(await wrong.say(plain(servers.people.unit.address, 'no'))).toMatch(/^535 5\.7\.8/);
  });

  it('sends from own addresses and the units that one may write for, and says so otherwise', async () => {
    const { hung, nhung, unit } = servers.people;
    const peer = await signedIn(hung);
    expect(await peer.say(`MAIL FROM:<${nhung.address}>`)).toMatch(/^550 5\.7\.1 You may not send as /);
    expect(await peer.say(`MAIL FROM:<${unit.address}>`)).toMatch(/^550 5\.7\.1/);
    expect(await peer.say(`MAIL FROM:<${hung.address}>`)).toMatch(/^250/);
    expect(await peer.say(`RCPT TO:<nobody@${servers.domain}>`)).toMatch(/^550 5\.1\.1/);
    expect(await peer.say(`RCPT TO:<${nhung.address}>`)).toMatch(/^250/);
    expect(await peer.say('DATA')).toMatch(/^354/);
    peer.write(`From: ${nhung.address}\r\n\r\nx\r\n.\r\n`);
    expect(await peer.hear()).toMatch(/^550 5\.7\.1 may not send as/);
    expect(await servers.inbox(nhung.accountId)).toEqual([]);
  });

  it('delivers inside, queues outside, adds what is missing and tells nobody the network address', async () => {
    const { hung, nhung } = servers.people;
    const peer = await signedIn(hung);
    await peer.say(`MAIL FROM:<${hung.address}> RET=HDRS ENVID=QQ+2B1`);
    await peer.say(`RCPT TO:<${nhung.address}>`);
    await peer.say('RCPT TO:<ban@bo.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;ban@bo.example');
    await peer.say('DATA');
    peer.write(`From: ${hung.address}\r\nSubject: x\r\n\r\nthân\r\n.\r\n`);
    expect(await peer.hear()).toMatch(/^250 2\.0\.0 Taken as/);
    const stored = (await servers.inbox(nhung.accountId)).at(-1) ?? '';
    expect(stored).toMatch(/^Received: by mail\.caoson\.gov\.vn with ESMTPSA id \S+\r\n\t\(TLSv1\.3 /);
    expect(stored).not.toContain('127.0.0.1');
    expect(stored).toMatch(/\r\nMessage-ID: <[\w-]{24}@caoson\.gov\.vn>\r\nDate: Sun, 22 Nov 2026 03:00:00 \+0000\r\n/);
    expect(await servers.queue.list()).toMatchObject([
      { recipient: 'ban@bo.example', returnPath: hung.address, state: 'queued' },
    ]);
    const [row] = await servers.db.read.select().from(servers.db.t.outboundMessages);
    expect(row).toMatchObject({ envId: 'QQ+1', ret: 'HDRS' });
    const [recipient] = await servers.db.read.select().from(servers.db.t.outboundRecipients);
    expect(recipient).toMatchObject({ notify: 'SUCCESS,FAILURE', orcpt: 'rfc822;ban@bo.example' });
  });

  it('adds nothing to a signed message but its own trace', async () => {
    const { hung, nhung } = servers.people;
    const raw = `From: ${hung.address}\r\nContent-Type: multipart/signed;\r\n boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n`;
    servers.signing.verify = async () => ({
      verdict: { kind: 'unknownSigner', checkedAt: '', files: { signed: 0, unsigned: 0 }, checks: [] },
    });
    await mailer(hung).sendMail({ envelope: { from: hung.address, to: nhung.address }, raw });
    expect((await servers.inbox(nhung.accountId)).at(-1)?.replace(/^Received:(.|\r\n\t)*\r\n/, '')).toBe(raw);
  });

  it('works with a common client over STARTTLS, and keeps a unit’s letter in the unit’s Sent', async () => {
    const { nhung, lan, unit } = servers.people;
    await mailer(nhung, { starttls: true }).sendMail({
      from: `Văn thư <${unit.address}>`,
      to: lan.address,
      bcc: servers.people.hung.address,
      subject: 'Mời họp',
      text: 'Kính mời',
    });
    expect((await servers.inbox(lan.accountId)).length).toBe(1);
    expect((await servers.inbox(unit.accountId, 'sent')).length).toBe(1);
    expect((await servers.inbox(nhung.accountId, 'sent')).length).toBe(0);
  });

  it('wants the first password changed elsewhere first', async () => {
    const made = await servers.db.write((tx) =>
      servers.directory.addOfficial(
        tx,
        { fullName: 'Lê Mới', title: 'Chuyên viên', unitCode: 'H99' },
        { password: 'mat-khau-dai-2', mustChange: true },
      ),
    );
    const peer = await secure();
    expect(await peer.say(plain(made.official.address, 'mat-khau-dai-2'))).toMatch(
      /^535 5\.7\.8 Change your first password/,
    );
  });

  it('locks out who guesses', async () => {
    const { lan } = servers.people;
    const replies: string[] = [];
    for (let i = 0; i < 8; i++) {
      const peer = await secure();
      replies.push((await peer.say(plain(lan.address, `guess${i}`))).slice(0, 9));
      peer.close();
    }
    expect(new Set(replies)).toEqual(new Set(['535 5.7.8', '454 4.7.0']));
  });
});

describe('a stolen password', () => {
  it('sends only so many messages an hour', async () => {
    const local = await smtpServers({ submission: { messagesPerOfficialPerHour: 2 } });
    const { hung } = local.people;
    const peer = await dialogue(local.submissionsPort, { tls: true });
    await peer.hear();
    await peer.say('EHLO laptop');
    await peer.say(plain(hung.address, hung.password));
    const replies: string[] = [];
    for (let i = 0; i < 3; i++) {
      replies.push((await peer.say(`MAIL FROM:<${hung.address}>`)).slice(0, 9));
      await peer.say('RSET');
    }
    expect(replies).toEqual(['250 2.1.0', '250 2.1.0', '451 4.7.1']);
    await local.dispose();
  });
});

describe('clear text on loopback', () => {
  it('is possible when the settings say so', async () => {
    const local = await smtpServers({ submission: { allowPlainOnLoopback: true } });
    const peer = await dialogue(local.submissionPort);
    await peer.hear();
    expect(await peer.say('EHLO laptop')).toContain('AUTH PLAIN LOGIN');
    expect(await peer.say(plain(local.people.hung.address, local.people.hung.password))).toMatch(/^235/);
    await local.dispose();
  });
});

import { afterEach, describe, expect, it } from 'vitest';

import { ROW_BYTES } from '../blobs/blob-store.ts';
import { dialects, sqliteDatabase } from '../../test/support/databases.ts';
import { isDomainError } from '../base/errors.ts';
import { defaultFile, documentWith } from './testing/documents.ts';
import { mail, openWorld, type World, type WorldOptions } from './testing/world.ts';
import type { Envelope } from './types.ts';

let world: World;
afterEach(() => world.dispose());

const outsider = 'lan@bo.example';
const envelope = (mailFrom: string, ...rcptTo: (string | Envelope['rcptTo'][number])[]): Envelope => ({
  mailFrom,
  rcptTo: rcptTo.map((to) => (typeof to === 'string' ? { address: to } : to)),
});
const origin = { authentication: {}, remote: '192.0.2.1' };

async function receive(bytes: Uint8Array, to: Envelope, mailbox?: 'junk') {
  return world.delivery.receive(await world.mailstore.prepare(bytes), to, {
    ...origin,
    ...(mailbox ? { mailbox } : {}),
  });
}
async function send(bytes: Uint8Array, to: Envelope, by = world.people.hung, sentCopy: 'make' | 'exists' = 'exists') {
  return world.delivery.send(await world.mailstore.prepare(bytes), to, {
    officialId: by.officialId,
    accountId: by.accountId,
    sentCopy,
  });
}
const jobPayloads = async (queue: string) =>
  (await world.db.read.select().from(world.db.t.jobs)).filter((row) => row.queue === queue).map((row) => row.payload);

describe.each(dialects)('delivery on $dialect', ({ open }) => {
  const start = async (options?: WorldOptions) => {
    world = await openWorld(open, options);
    return world.people;
  };

  it('puts a message from outside into every inbox once, however often an account is named', async () => {
    const { hung, nhung, unit } = await start();
    const bytes = mail({ From: outsider, To: hung.address, Subject: 'Báo cáo' });
    const outcome = await receive(
      bytes,
      envelope(
        outsider,
        hung.address,
        hung.address.toUpperCase(),
        nhung.address,
        unit.address,
        hung.address.replace('@', '+viec@'),
      ),
    );
    expect(outcome.delivered.map((one) => one.accountId)).toEqual(
      [hung, nhung, unit].map((one) => one.accountId).sort((a, b) => a - b),
    );
    for (const { accountId } of [hung, nhung, unit])
      expect(await world.inbox(accountId)).toEqual([Buffer.from(bytes).toString()]);
  });

  it('delivers to all or, when one unknown address slipped in, to none', async () => {
    const { hung } = await start();
    const failed = receive(mail({ From: outsider }), envelope(outsider, hung.address, `nobody@${world.domain}`));
    await expect(failed).rejects.toMatchObject({
      code: 'recipient.unknown',
      details: { addresses: [`nobody@${world.domain}`] },
    });
    expect(await world.inbox(hung.accountId)).toEqual([]);
  });

  it('sends inside at once and queues the outside with a job for each domain, in one commit', async () => {
    const { hung, nhung } = await start();
    const bytes = mail({ From: hung.address, To: nhung.address, 'Message-ID': '<a@b>' });
    const outcome = await send(
      bytes,
      envelope(hung.address, nhung.address, 'a@x.example', 'A@X.example', 'b@x.example', 'c@Bộ.example'),
      hung,
      'make',
    );
    expect(outcome.outboundId).not.toBeNull();
    expect((await world.inbox(nhung.accountId)).length).toBe(1);
    expect((await world.inbox(hung.accountId, 'sent')).length).toBe(1);
    const rows = await world.queue.list();
    const queued = ['A@x.example', 'a@x.example', 'b@x.example', 'c@xn--b-8xm.example'];
    expect(rows.map((row) => [row.recipient, row.state, row.attempts]).sort()).toEqual(
      queued.map((address) => [address, 'queued', 0]),
    );
    expect((await jobPayloads('outbound')).length).toBe(2);
    expect(await world.queue.referenced([outcome.blobHash])).toEqual(new Set([outcome.blobHash]));
  });

  it('leaves nothing behind when what the caller adds to the unit fails', async () => {
    const { hung, nhung } = await start();
    const message = await world.mailstore.prepare(mail({ From: hung.address }));
    const failing = world.delivery.send(
      message,
      envelope(hung.address, nhung.address, 'a@x.example'),
      { ...hung, sentCopy: 'make' },
      async () => {
        throw new Error('no');
      },
    );
    await expect(failing).rejects.toThrow('no');
    expect([
      await world.inbox(nhung.accountId),
      await world.inbox(hung.accountId, 'sent'),
      await world.queue.list(),
      await jobPayloads('outbound'),
    ]).toEqual([[], [], [], []]);
  });

  it('takes Bcc out of what travels and keeps it in the sender’s own copy', async () => {
    const { hung, nhung, lan } = await start();
    const bytes = mail({
      From: hung.address,
      To: nhung.address,
      Bcc: `${lan.address},\r\n secret@x.example`,
      Subject: 'Mời họp',
    });
    const outcome = await send(
      bytes,
      envelope(hung.address, nhung.address, lan.address, 'secret@x.example'),
      hung,
      'make',
    );
    expect((await world.inbox(hung.accountId, 'sent'))[0]).toContain('Bcc');
    for (const { accountId } of [nhung, lan]) expect((await world.inbox(accountId))[0]).not.toMatch(/bcc|secret/i);
    const queued = await world.queue.message(outcome.outboundId ?? 0);
    expect(Buffer.from(await world.queue.bytes(queued!)).toString()).not.toMatch(/bcc|secret/i);
  });

  it('takes out results that a sender of ours made up, and a Return-Path', async () => {
    const { hung, lan } = await start();
    const forged = mail({
      'Return-Path': '<chutich@x.example>',
      'Authentication-Results': `mail.${world.domain};\r\n dmarc=pass header.from=chinhphu.example`,
      'AUTHENTICATION-RESULTS ': `(x) "mail.${world.domain}"; dkim=pass`,
      From: hung.address,
    });
    await send(forged, envelope(hung.address, lan.address));
    expect((await world.inbox(lan.accountId))[0]).not.toMatch(/authentication-results|return-path|chinhphu/i);
  });

  it('sends nothing whose lines other servers would end elsewhere', async () => {
    const { hung, lan } = await start();
    for (const body of ['a\n.\nMAIL FROM:<x@y>\n', 'a\r.\r\nb', 'a\r\n.\rb', '\n', 'a\r'])
      await expect(
        send(mail({ From: hung.address }, body), envelope(hung.address, lan.address, outsider), hung, 'make'),
        JSON.stringify(body),
      ).rejects.toMatchObject({ kind: 'invalid', code: 'message.line_ends' });
    expect(await world.queue.list()).toEqual([]);
  });

  it('stores once what comes again because our answer was lost, and whatever differs as a message of its own', async () => {
    const { hung, nhung, lan } = await start();
    const as = (options: {
      from?: string;
      trace?: string;
      id?: string;
      body?: string;
      fields?: Record<string, string>;
    }) => {
      const { from = outsider, trace = 'id a1', id = '<lai@bo.example>', body = 'Nội dung', fields = {} } = options;
      const sent = mail({ From: outsider, To: hung.address, Subject: 'Báo cáo', 'Message-ID': id, ...fields }, body);
      const ours = `Return-Path: <${from}>\r\nReceived: by mail.caoson.gov.vn with ESMTP ${trace}\r\n`;
      return receive(Buffer.concat([Buffer.from(ours), sent]), envelope(from, hung.address, nhung.address));
    };
    const count = async () => [(await world.inbox(hung.accountId)).length, (await world.inbox(nhung.accountId)).length];
    const first = await as({});
    world.clock.advance(3_600_000);
    const again = await as({ trace: 'id a2' });
    expect(again.delivered.map((d) => d.emailId).sort()).toEqual(first.delivered.map((d) => d.emailId).sort());
    expect(await count()).toEqual([1, 1]);
    // One octet, another envelope sender, another Message-ID, none at all: each is somebody's mail.
    await as({ body: 'Nội dunG' });
    await as({ from: 'khac@bo.example' });
    await as({ id: '<khac@bo.example>' });
    expect(await count()).toEqual([4, 4]);
    // Taken out of every mailbox by one of them, it comes again for that one.
    const { emailId } = first.delivered.find((d) => d.accountId === nhung.accountId)!;
    await world.mailstore.write(nhung.accountId, (w) => w.destroyEmails([emailId]));
    await as({ trace: 'id a3' });
    expect(await count()).toEqual([4, 4]);
    const third = envelope(outsider, hung.address, lan.address);
    const [raw] = await world.inbox(hung.accountId);
    await receive(Buffer.from(raw!), third);
    expect([...(await count()), (await world.inbox(lan.accountId)).length]).toEqual([4, 4, 1]);
    world.clock.advance(25 * 3_600_000);
    await as({ trace: 'id a4' });
    expect(await count()).toEqual([5, 5]);
    for await (const { finding } of world.mailstore.check({ deep: true })) expect(finding).toBe('');
  });

  it('stores what comes again when the window is closed, or when it names no Message-ID', async () => {
    const { hung } = await start({ delivery: { redeliveryWindow: 0 } });
    const bytes = Buffer.concat([
      Buffer.from(`Return-Path: <${outsider}>\r\nReceived: by mail.caoson.gov.vn\r\n`),
      mail({ From: outsider, Subject: 'x', 'Message-ID': '<mot@bo.example>' }),
    ]);
    for (let i = 0; i < 2; i++) await receive(bytes, envelope(outsider, hung.address));
    expect((await world.inbox(hung.accountId)).length).toBe(2);
  });

  it('lets a delegate send for the unit, records who did, and keeps the copy in the unit’s Sent', async () => {
    const { nhung, lan, unit } = await start();
    const outcome = await send(mail({ From: unit.address }), envelope(unit.address, lan.address), nhung, 'make');
    expect((await world.inbox(unit.accountId, 'sent')).length).toBe(1);
    const log = await world.db.read.select().from(world.db.t.auditLog);
    expect(log.find((row) => row.action === 'mail.sent_for_unit')).toMatchObject({
      actor: `official:${nhung.officialId}`,
      object: `account:${unit.accountId}`,
      details: { message: outcome.blobHash },
    });
    expect(await world.mailstore.read(unit.accountId).submissions()).toMatchObject([
      { sentBy: nhung.officialId, undoStatus: 'final' },
    ]);
  });

  it('connects a message with the registered document that it carries, for sender and recipients', async () => {
    const { hung, nhung } = await start();
    const document = await documentWith(world, defaultFile);
    const boundary = 'b';
    const body = `--b\r\nContent-Type: text/plain\r\n\r\nKèm theo\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(defaultFile).toString('base64')}\r\n--b--\r\n`;
    const bytes = mail({ From: hung.address, 'Content-Type': `multipart/mixed; boundary=${boundary}` }, body);
    await send(bytes, envelope(hung.address, nhung.address), hung, 'make');
    const page = await world.documents.correspondence({ kind: 'system' }, document.id as never, {});
    expect(page.rows).toMatchObject([{ match: 'same', receivedCount: 1, from: { address: hung.address } }]);
  });
});

describe('who may send as whom', () => {
  const refused = async (bytes: Uint8Array, mailFrom: string) => {
    const { hung, nhung } = world.people;
    const error = await send(bytes, envelope(mailFrom, nhung.address), hung).catch((e: unknown) => e);
    return isDomainError(error) ? [error.code, error.details['address'] ?? error.details['reason']] : error;
  };

  it('asks about the envelope, From and Sender', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung, nhung, unit } = world.people;
    expect(await refused(mail({ From: hung.address }), nhung.address)).toEqual(['sender.forbidden', nhung.address]);
    expect(await refused(mail({ From: nhung.address }), hung.address)).toEqual(['sender.forbidden', nhung.address]);
    expect(await refused(mail({ From: unit.address }), hung.address)).toEqual(['sender.forbidden', unit.address]);
    expect(await refused(mail({ From: hung.address, Sender: nhung.address }), hung.address)).toEqual([
      'sender.forbidden',
      nhung.address,
    ]);
    expect(await refused(mail({ From: `${hung.address}, ${nhung.address}` }), hung.address)).toEqual([
      'sender.forbidden',
      nhung.address,
    ]);
    expect(await refused(mail({ From: `"${hung.address}" <evil@x.example>` }), hung.address)).toEqual([
      'sender.forbidden',
      'evil@x.example',
    ]);
    expect(await refused(mail({ From: hung.address }), '')).toEqual(['sender.forbidden', '']);
  });

  it('wants exactly one From', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung, nhung } = world.people;
    expect(await refused(mail({ Subject: 'x' }), hung.address)).toEqual(['message.from_invalid', 'missing']);
    expect(await refused(mail({ From: hung.address, from: nhung.address }), hung.address)).toEqual([
      'message.from_invalid',
      'more than one field',
    ]);
  });

  it('asks the policies before anything is stored', async () => {
    const seen: string[] = [];
    world = await openWorld(sqliteDatabase, {
      policies: [
        async (message, { rcptTo }) => {
          seen.push(`${message.derived.summary.subject} ${rcptTo.length}`);
          throw new Error('not this way');
        },
      ],
    });
    const { hung, nhung } = world.people;
    await expect(
      send(mail({ From: hung.address, Subject: 'S' }), envelope(hung.address, nhung.address)),
    ).rejects.toThrow('not this way');
    expect(seen).toEqual(['S 1']);
    expect(await world.inbox(nhung.accountId)).toEqual([]);
  });
});

describe('limits', () => {
  it('stops a message that went round in circles', async () => {
    world = await openWorld(sqliteDatabase, { delivery: { hopLimit: 10 } });
    const { hung } = world.people;
    const hops = (n: number) =>
      Buffer.concat([Buffer.from('Received: by x; now\r\n'.repeat(n)), mail({ From: outsider })]);
    await expect(receive(hops(11), envelope(outsider, hung.address))).rejects.toMatchObject({ code: 'message.loop' });
    await receive(hops(10), envelope(outsider, hung.address));
    expect((await world.inbox(hung.accountId)).length).toBe(1);
  });

  it('bounds size and number of recipients, and refuses what is no address', async () => {
    world = await openWorld(sqliteDatabase, { delivery: { maxRecipients: 100, maxMessageBytes: 64 * 1024 } });
    const { hung } = world.people;
    const many = Array.from({ length: 101 }, (_, i) => `a${i}@x.example`);
    await expect(send(mail({ From: hung.address }), envelope(hung.address, ...many))).rejects.toMatchObject({
      code: 'recipient.too_many',
    });
    await expect(
      send(mail({ From: hung.address }, 'x'.repeat(ROW_BYTES)), envelope(hung.address, 'a@x.example')),
    ).rejects.toMatchObject({ code: 'message.too_large' });
    await expect(send(mail({ From: hung.address }), envelope(hung.address))).rejects.toMatchObject({
      code: 'recipient.none',
    });
    for (const address of [
      'a',
      'a@',
      '@b',
      'a b@c.example',
      'a@b..c',
      'a@b\r\nRCPT TO:<x@y>',
      'a>@b.example',
      `${'l'.repeat(65)}@b.example`,
    ]) {
      await expect(send(mail({ From: hung.address }), envelope(hung.address, address))).rejects.toMatchObject({
        code: 'recipient.invalid',
      });
    }
  });

  it('says at RCPT time who is unknown, closed, full, or elsewhere', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung, nhung, lan } = world.people;
    await world.db.write((tx) => world.directory.disableOfficial(tx, lan.officialId));
    await world.db.write((tx) => world.mailstore.setAccount(tx, nhung.accountId, { quotaBytes: 0 }));
    expect(await world.delivery.checkRecipient(hung.address)).toEqual({ kind: 'local', accountId: hung.accountId });
    expect(await world.delivery.checkRecipient('x@Elsewhere.example')).toEqual({
      kind: 'outside',
      domain: 'elsewhere.example',
    });
    await expect(world.delivery.checkRecipient(`nobody@${world.domain}`)).rejects.toMatchObject({
      code: 'recipient.unknown',
    });
    await expect(world.delivery.checkRecipient(lan.address)).rejects.toMatchObject({ code: 'recipient.disabled' });
    await expect(world.delivery.checkRecipient(nhung.address)).rejects.toMatchObject({ code: 'recipient.over_quota' });
  });

  it('asks an empty mailbox every two seconds whether it is full, one that is nearly full each time', async () => {
    world = await openWorld(sqliteDatabase);
    const { accountId, address } = world.people.nhung;
    const setQuota = (quotaBytes: number) =>
      world.db.write((tx) => world.mailstore.setAccount(tx, accountId, { quotaBytes }));
    const answer = { kind: 'local', accountId };
    await setQuota(64 * 1024 * 1024 - 1);
    expect(await world.delivery.checkRecipient(address)).toEqual(answer);
    await setQuota(0);
    await expect(world.delivery.checkRecipient(address)).rejects.toMatchObject({ code: 'recipient.over_quota' });
    await setQuota(64 * 1024 * 1024);
    expect(await world.delivery.checkRecipient(address)).toEqual(answer);
    await setQuota(0);
    world.clock.advance(1999);
    expect(await world.delivery.checkRecipient(address)).toEqual(answer);
    world.clock.advance(1);
    await expect(world.delivery.checkRecipient(address)).rejects.toMatchObject({ code: 'recipient.over_quota' });
  });

  it('tells the sender of a full mailbox by a report, and everyone else gets the message', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung, nhung, lan } = world.people;
    await world.db.write((tx) => world.mailstore.setAccount(tx, nhung.accountId, { quotaBytes: 0 }));
    await send(mail({ From: hung.address, Subject: 'Mời họp' }), envelope(hung.address, nhung.address, lan.address));
    expect((await world.inbox(lan.accountId)).length).toBe(1);
    expect(await world.inbox(nhung.accountId)).toEqual([]);
    const [report] = await world.inbox(hung.accountId);
    expect(report).toMatch(/Action: failed\r\nStatus: 5\.2\.2/);
    expect(report).toContain(`Final-Recipient: rfc822; ${nhung.address}`);
  });
});

describe('the verdict', () => {
  const signed = (from: string) =>
    mail(
      { From: from, 'Content-Type': 'multipart/signed; boundary=b; protocol="application/pgp-signature"' },
      '--b\r\n\r\nx\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\ny\r\n--b--\r\n',
    );

  it('is "unsigned" without asking a worker when nothing looks like a signature', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung } = world.people;
    const { blobHash } = await receive(mail({ From: outsider }), envelope(outsider, hung.address));
    expect((await world.mailstore.verdicts([blobHash])).get(blobHash)).toMatchObject({ kind: 'unsigned' });
  });

  it('of something that only looks signed comes from the worker, and the key is asked for', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung } = world.people;
    const { blobHash } = await receive(signed(outsider), envelope(outsider, hung.address));
    await world.jobs.runDue();
    const verdict = (await world.mailstore.verdicts([blobHash])).get(blobHash) as { kind: string } | null;
    expect(verdict?.kind).toMatch(/altered|unreadable|unknownSigner/);
  });

  it('is asked for signed parts and for inline PGP', async () => {
    let asked = 0;
    world = await openWorld(sqliteDatabase, {
      verify: async () => {
        asked++;
        return { verdict: { kind: 'unknownSigner', checkedAt: '', files: { signed: 0, unsigned: 0 }, checks: [] } };
      },
    });
    const { hung } = world.people;
    const { blobHash } = await receive(signed(outsider), envelope(outsider, hung.address));
    await receive(mail({ From: outsider }, '-----BEGIN PGP SIGNED MESSAGE-----\r\n'), envelope(outsider, hung.address));
    await receive(
      mail(
        { From: outsider, 'Content-Transfer-Encoding': 'base64' },
        Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\n').toString('base64'),
      ),
      envelope(outsider, hung.address),
    );
    const hidden: [type: string, body: string][] = [
      ['text/html', '<p>&#45;----BEGIN PGP SIGNED MESSAGE-----</p>'],
      ['text/plain; charset=utf-7', '+AC0-----BEGIN PGP SIGNED MESSAGE-----'],
      ['text/html; charset=utf-8', '<p>-----BEGIN P<b>G<!-- > --></b>P SIGNED MESSAGE-----</p>'],
      ['text/html; charset=utf-8', '<p>-----BEGIN &#80;&#71;&#x50; SIGNED MESSAGE-----</p>'],
      ['text/html; charset=utf-8', '<p>-----BEGIN PG\u200bP SIGNED MESSAGE-----</p>'],
    ];
    for (const [type, body] of hidden)
      await receive(mail({ From: outsider, 'Content-Type': type }, body), envelope(outsider, hung.address));
    const quoted = { From: outsider, 'Content-Transfer-Encoding': 'quoted-printable' };
    for (const body of ['=2D----BEGIN PG=\r\nP SIGNED MESSAGE-----', '-----BEGIN =50GP SIGNED MESSAGE-----'])
      await receive(mail(quoted, body), envelope(outsider, hung.address));
    expect(asked).toBe(10);
    await receive(mail({ From: outsider }, 'Không có gì'), envelope(outsider, hung.address));
    await receive(mail(quoted, 'H=E1=BB=A3p P=\r\nG'), envelope(outsider, hung.address));
    expect(asked).toBe(10);
    expect((await world.mailstore.verdicts([blobHash])).get(blobHash)).toMatchObject({ kind: 'unknownSigner' });
  });

  it('waits, and a job asks for the key, when the signer’s domain must be asked first', async () => {
    const verdict = { kind: 'unknownSigner' as const, checkedAt: '', files: { signed: 0, unsigned: 0 }, checks: [] };
    world = await openWorld(sqliteDatabase, { verify: async () => ({ verdict, needsKeyOf: outsider }) });
    const { hung } = world.people;
    const { blobHash } = await receive(signed(outsider), envelope(outsider, hung.address), 'junk');
    expect((await world.mailstore.verdicts([blobHash])).get(blobHash)).toBeNull();
    expect(await jobPayloads('signing.fetch-key')).toMatchObject([{ address: outsider }]);
    expect((await world.inbox(hung.accountId, 'junk')).length).toBe(1);
  });
});

describe('reports that the system writes', () => {
  it('reach our people at once, others through the queue with a null reverse-path', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung } = world.people;
    const message = await world.mailstore.prepare(mail({ From: `mailer-daemon@${world.domain}` }));
    await world.delivery.report(message, hung.address);
    await world.delivery.report(message, outsider);
    await world.delivery.report(message, `gone@${world.domain}`);
    expect((await world.inbox(hung.accountId)).length).toBe(1);
    expect(await world.queue.list()).toMatchObject([{ recipient: outsider, returnPath: '' }]);
  });

  it('say "delivered" to who asked for it (NOTIFY=SUCCESS) and nothing to who did not', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung, nhung, lan } = world.people;
    const asked = {
      ...envelope(
        hung.address,
        { address: nhung.address, notify: 'SUCCESS,FAILURE', orcpt: `rfc822;${nhung.address}` },
        lan.address,
      ),
      envId: 'QQ+1',
    };
    await send(mail({ From: hung.address }), asked);
    const reports = await world.inbox(hung.accountId);
    expect(reports.length).toBe(1);
    expect(reports[0]).toMatch(/Original-Envelope-Id: QQ\+1/);
    expect(reports[0]).toMatch(/Action: delivered/);
    expect(reports[0]).toMatch(/Original-Recipient: rfc822;/);
    expect(reports[0]).not.toContain(lan.address);
  });
});

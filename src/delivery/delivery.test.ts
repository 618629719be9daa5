import { afterEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { defaultFile, documentWith } from './testing/documents.ts';
import { envelope, jobPayloads, outsider, receive, send } from './testing/post.ts';
import { mail, openWorld, type World, type WorldOptions } from './testing/world.ts';

let world: World;
afterEach(() => world.dispose());

describe.each(dialects)('delivery on $dialect', ({ open }) => {
  const start = async (options?: WorldOptions) => {
    world = await openWorld(open, options);
    return world.people;
  };

  it('puts a message from outside into every inbox once, however often an account is named', async () => {
    const { hung, nhung, unit } = await start();
    const bytes = mail({ From: outsider, To: hung.address, Subject: 'Báo cáo' });
    const outcome = await receive(
      world,
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
    const failed = receive(world, mail({ From: outsider }), envelope(outsider, hung.address, `nobody@${world.domain}`));
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
      world,
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
    expect((await jobPayloads(world, 'outbound')).length).toBe(2);
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
      await jobPayloads(world, 'outbound'),
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
      world,
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
    await send(world, forged, envelope(hung.address, lan.address));
    expect((await world.inbox(lan.accountId))[0]).not.toMatch(/authentication-results|return-path|chinhphu/i);
  });

  it('sends nothing whose lines other servers would end elsewhere', async () => {
    const { hung, lan } = await start();
    for (const body of ['a\n.\nMAIL FROM:<x@y>\n', 'a\r.\r\nb', 'a\r\n.\rb', '\n', 'a\r'])
      await expect(
        send(world, mail({ From: hung.address }, body), envelope(hung.address, lan.address, outsider), hung, 'make'),
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
      return receive(world, Buffer.concat([Buffer.from(ours), sent]), envelope(from, hung.address, nhung.address));
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
    await receive(world, Buffer.from(raw!), third);
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
    for (let i = 0; i < 2; i++) await receive(world, bytes, envelope(outsider, hung.address));
    expect((await world.inbox(hung.accountId)).length).toBe(2);
  });

  it('lets a delegate send for the unit, records who did, and keeps the copy in the unit’s Sent', async () => {
    const { nhung, lan, unit } = await start();
    const outcome = await send(world, mail({ From: unit.address }), envelope(unit.address, lan.address), nhung, 'make');
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
    await send(world, bytes, envelope(hung.address, nhung.address), hung, 'make');
    const page = await world.documents.correspondence({ kind: 'system' }, document.id as never, {});
    expect(page.rows).toMatchObject([{ match: 'same', receivedCount: 1, from: { address: hung.address } }]);
  });
});

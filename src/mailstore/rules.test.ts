import { and, eq, gte } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, EmailId, MailboxId, ModSeq, SubmissionId, ThreadId } from '../base/ids.ts';
import { message, openStore, START, type TestStore } from './testing/setup.ts';

describe.each(dialects)('the rules of the mail store on $dialect', ({ open }) => {
  let t: TestStore;
  let id: AccountId;
  let inbox: MailboxId;
  beforeAll(async () => {
    t = await openStore(open);
  });
  afterAll(async () => {
    expect(await t.findings()).toEqual([]);
    await t.dispose();
  });
  beforeEach(async () => {
    id = await t.account();
    inbox = await t.role(id, 'inbox');
  });
  const read = () => t.store.read(id);
  const put = async (bytes = message()) => {
    const prepared = await t.store.prepare(bytes);
    return t.store.write(id, (w) => w.append(prepared, { mailboxIds: [inbox] }));
  };
  const create = (name: string, parentId: MailboxId | null = null) =>
    t.store.write(id, (w) => w.createMailbox({ name, parentId }));

  it.each([
    ['empty', '', 'mail.mailbox_name_invalid'],
    ['only spaces', '  ', 'mail.mailbox_name_invalid'],
    ['a control character', 'a\u0007b', 'mail.mailbox_name_invalid'],
    ['a line separator', 'a\u2028b', 'mail.mailbox_name_invalid'],
    ['the separator of IMAP', '2025/2026', 'mail.mailbox_name_invalid'],
    ['more than 200 octets', 'ế'.repeat(67), 'mail.mailbox_name_invalid'],
    ['INBOX in any case', 'iNbOx', 'mail.mailbox_name_invalid'],
    ['a taken name, in another normal form', 'Lưu trữ'.normalize('NFD'), 'mail.mailbox_exists'],
  ])('refuse a mailbox name: %s', async (_, name, code) => {
    const before = await read().info();
    await expect(create(name)).rejects.toMatchObject({ code });
    expect(await read().info()).toEqual(before);
  });

  it('allow the same name elsewhere and in another case, INBOX below the top', async () => {
    const a = await create('LƯU TRỮ');
    await create('INBOX', a.id);
    await create('Lưu trữ', a.id);
    expect((await read().mailboxes()).filter((m) => m.parentId === a.id)).toHaveLength(2);
  });

  it('refuse loops, missing parents, too many levels and too many mailboxes', async () => {
    let parent: MailboxId | null = null;
    const chain: MailboxId[] = [];
    for (let i = 0; i < 10; i++) chain.push((parent = (await create(`m${i}`, parent)).id));
    await expect(create('m10', parent)).rejects.toMatchObject({ code: 'mail.mailbox_too_deep' });
    const under = (parentId: number) =>
      t.store.write(id, (w) => w.updateMailbox(chain[0]!, { parentId: parentId as MailboxId }));
    await expect(under(chain[5]!)).rejects.toMatchObject({ code: 'mail.mailbox_loop' });
    await expect(under(chain[0]!)).rejects.toMatchObject({ code: 'mail.mailbox_loop' });
    await expect(under(9999)).rejects.toMatchObject({ code: 'mail.mailbox_parent_missing' });
    await expect(under(inbox)).rejects.toMatchObject({ code: 'mail.mailbox_too_deep' });
    const [model] = await read().mailboxes();
    const rows = Array.from({ length: 1000 - 16 }, (_, i) => ({
      ...model!,
      accountId: id,
      id: (5000 + i) as MailboxId,
      name: `n${i}`,
      role: null,
    }));
    const { mailboxes } = t.db.t;
    await t.db.write(async ({ q }) => {
      for (let i = 0; i < rows.length; i += 500) await q.insert(mailboxes).values(rows.slice(i, i + 500));
    });
    await expect(create('one more')).rejects.toMatchObject({ code: 'mail.too_many_mailboxes' });
    await t.db.write(async ({ q }) => {
      await q.delete(mailboxes).where(and(eq(mailboxes.accountId, id), gte(mailboxes.id, 5000 as MailboxId)));
    });
  });

  it('keep role mailboxes, and never give a UIDVALIDITY twice', async () => {
    await expect(t.store.write(id, (w) => w.destroyMailbox(inbox))).rejects.toMatchObject({
      code: 'mail.mailbox_has_role',
    });
    await expect(t.store.write(id, (w) => w.updateMailbox(inbox, { role: null }))).rejects.toMatchObject({
      code: 'mail.mailbox_has_role',
    });
    await expect(t.store.write(id, (w) => w.createMailbox({ name: 'x', role: 'sent' }))).rejects.toMatchObject({
      code: 'mail.mailbox_role_taken',
    });
    const a = await create('a');
    await t.store.write(id, (w) => w.destroyMailbox(a.id));
    t.clock.set(START - 10 ** 9);
    const b = await create('a');
    expect(b.uidValidity).toBeGreaterThan(a.uidValidity);
    expect(b.id).not.toBe(a.id);
    t.clock.set(START);
  });

  it('destroy a mailbox with its emails only when told to, and keep those that lie elsewhere', async () => {
    const box = await create('x');
    const alone = await put();
    const shared = await put();
    await t.store.write(id, (w) => w.setMailboxes(alone.emailId, [box.id]));
    await t.store.write(id, (w) => w.setMailboxes(shared.emailId, [inbox, box.id]));
    const since = (await read().info()).modseq;
    await expect(t.store.write(id, (w) => w.destroyMailbox(box.id))).rejects.toMatchObject({
      code: 'mail.mailbox_has_email',
    });
    await t.store.write(id, (w) => w.destroyMailbox(box.id, { removeEmails: true }));
    expect(await read().changes('Email', since)).toMatchObject({
      destroyed: [alone.emailId],
      updated: [shared.emailId],
    });
    expect(await read().changes('Mailbox', since)).toMatchObject({ destroyed: [box.id] });
    expect((await read().emails([shared.emailId]))[0]?.mailboxIds).toEqual([inbox]);
  });

  it('stop at the quota, unless it is ignored, and leave nothing half-done', async () => {
    const bytes = message({}, 'x'.repeat(1000));
    await t.db.write((tx) => t.store.setAccount(tx, id, { quotaBytes: bytes.length * 2 - 1 }));
    const first = await put(bytes);
    await expect(put(bytes)).rejects.toMatchObject({ code: 'mail.over_quota', kind: 'overLimit' });
    await expect(t.store.write(id, (w) => w.copy([first.emailId], inbox))).rejects.toMatchObject({
      code: 'mail.over_quota',
    });
    const prepared = await t.store.prepare(bytes);
    await t.store.write(id, (w) => w.append(prepared, { mailboxIds: [inbox], ignoreQuota: true }));
    expect(await read().info()).toMatchObject({ emailCount: 2, usedBytes: bytes.length * 2 });
    await expect(
      t.db.write((tx) => t.store.setAccount(tx, 9999 as AccountId, { quotaBytes: 1 })),
    ).rejects.toMatchObject({ kind: 'notFound' });
  });

  it('thread by shared references and equal base subject', async () => {
    const root = await put(message({ Subject: 'Hop', 'Message-ID': '<a@x>' }));
    const reply = await put(message({ Subject: 'Re: Hop', 'Message-ID': '<b@x>', 'In-Reply-To': '<a@x>' }));
    const renamed = await put(message({ Subject: 'Khac', 'Message-ID': '<c@x>', References: '<a@x>' }));
    const deep = await put(message({ Subject: 'Fwd: hop', 'Message-ID': '<d@x>', References: '<zz@x> <b@x>' }));
    expect([reply.threadId, deep.threadId]).toEqual([root.threadId, root.threadId]);
    expect(renamed.threadId).not.toBe(root.threadId);
    // An answer that came before its question joins through the reference it left.
    const early = await put(message({ Subject: 'Re: Moi', 'Message-ID': '<f@x>', References: '<e@x>' }));
    const late = await put(message({ Subject: 'Moi', 'Message-ID': '<e@x>' }));
    expect(late.threadId).toBe(early.threadId);
    const threads = await read().threads([root.threadId, 999 as ThreadId]);
    expect([...threads]).toEqual([[root.threadId, [root.emailId, reply.emailId, deep.emailId]]]);
  });

  it('answer changes within a maximum, cut only between units of work', async () => {
    const since = await read().state('Email');
    const one = await put();
    const [a, b] = await Promise.all([t.store.prepare(message()), t.store.prepare(message())]);
    const two = await t.store.write(id, async (w) => [
      await w.append(a, { mailboxIds: [inbox] }),
      await w.append(b, { mailboxIds: [inbox] }),
    ]);
    const first = await read().changes('Email', since, 2);
    expect(first).toMatchObject({ created: [one.emailId], hasMoreChanges: true });
    const rest = await read().changes('Email', first.newState, 2);
    expect(rest).toMatchObject({ created: two.map((e) => e.emailId), hasMoreChanges: false });
    await expect(read().changes('Email', first.newState, 1)).rejects.toMatchObject({
      code: 'mail.cannot_calculate_changes',
    });
    await expect(read().changes('Email', (rest.newState + 5) as ModSeq)).rejects.toMatchObject({
      code: 'mail.cannot_calculate_changes',
    });
    // Created and gone within one unit: nothing to tell.
    await t.store.write(id, async (w) => {
      const { emailId } = await w.append(a, { mailboxIds: [inbox] });
      await w.setKeywords([emailId], { add: ['$seen'] });
      await w.destroyEmails([emailId]);
    });
    expect(await read().changes('Email', rest.newState)).toMatchObject({ created: [], updated: [], destroyed: [] });
  });

  it('forget old changes and tombstones together', async () => {
    const { emailId } = await put();
    const early = await read().state('Email');
    await t.store.write(id, (w) => w.destroyEmails([emailId]));
    const { modseq } = await read().info();
    await t.db.write((tx) => t.store.pruneChanges(tx, id, modseq));
    await expect(read().changes('Email', early)).rejects.toMatchObject({ code: 'mail.cannot_calculate_changes' });
    await expect(read().expungedSince(inbox, early)).rejects.toMatchObject({ code: 'mail.cannot_calculate_changes' });
    expect(await read().state('Email')).toBe(modseq);
    expect(await read().changes('Email', modseq)).toMatchObject({ created: [], newState: modseq });
  });

  it('forget the oldest steps of a log that grew too long, once a tenth more has gathered', async () => {
    const { emailId } = await put();
    const early = await read().state('Email');
    const flip = (i: number) =>
      t.store.write(id, (w) => w.setKeywords([emailId], i % 2 ? { remove: ['$seen'] } : { add: ['$seen'] }));
    for (let i = 0; i < 30; i++) await flip(i);
    await t.store.pruneLongLogs(30);
    expect(await read().changes('Email', early)).toMatchObject({ updated: [emailId] });
    for (let i = 0; i < 10; i++) await flip(i);
    const { modseq } = await read().info();
    expect(await t.store.pruneLongLogs(30)).toBeGreaterThan(0);
    expect(await t.store.pruneLongLogs(30)).toBe(0);
    expect(await read().changes('Email', (modseq - 30) as ModSeq)).toMatchObject({ updated: [emailId] });
    for (const since of [early, (modseq - 31) as ModSeq])
      await expect(read().changes('Email', since)).rejects.toMatchObject({ code: 'mail.cannot_calculate_changes' });
  });

  it('refuse odd keywords and more than a hundred of them', async () => {
    const { emailId } = await put();
    for (const bad of ['', 'a b', 'việc', 'a"', 'a\\b', '(', 'x'.repeat(256)]) {
      await expect(t.store.write(id, (w) => w.setKeywords([emailId], { add: [bad] }))).rejects.toMatchObject({
        code: 'mail.keyword_invalid',
      });
    }
    const many = Array.from({ length: 101 }, (_, i) => `k${i}`);
    await expect(t.store.write(id, (w) => w.setKeywords([emailId], { add: many }))).rejects.toMatchObject({
      code: 'mail.too_many_keywords',
    });
  });

  it('give a verdict to every email of the bytes, in every account', async () => {
    const bytes = message();
    const other = await t.account();
    const prepared = await t.store.prepare(bytes);
    const a = await t.store.write(id, (w) => w.append(prepared, { mailboxIds: [inbox] }));
    await t.store.write(other, async (w) => w.append(prepared, { mailboxIds: [(await w.mailboxByRole('inbox'))!.id] }));
    const { hash } = prepared.blob;
    expect(await t.store.holders(hash)).toHaveLength(2);
    const since = await read().state('Email');
    expect(await t.db.write((tx) => t.store.setVerdict(tx, hash, { kind: 'whole' }, START))).toEqual([id, other]);
    expect(await read().changes('Email', since)).toMatchObject({ updated: [a.emailId] });
    expect((await read().emails([a.emailId]))[0]?.verdict).toEqual({ kind: 'whole' });
    expect(await read().query({ filter: { isSigned: true } })).toEqual([a.emailId]);
    expect(await t.db.write((tx) => t.store.setHasDocument(tx, hash))).toEqual([id, other]);
    expect(await t.db.write((tx) => t.store.setHasDocument(tx, hash))).toEqual([]);
    expect(await read().query({ filter: { hasDocument: true } })).toEqual([a.emailId]);
    expect(await t.store.verdicts([hash, 'f'.repeat(64) as never])).toEqual(new Map([[hash, { kind: 'whole' }]]));
  });

  it('take the verdict that a later append brings to bytes that had none', async () => {
    const prepared = await t.store.prepare(message());
    const { emailId } = await t.store.write(id, (w) => w.append(prepared, { mailboxIds: [inbox] }));
    const other = await t.account();
    await t.store.write(other, async (w) =>
      w.append({ ...prepared, verdict: { kind: 'unsigned' } }, { mailboxIds: [(await w.mailboxes())[0]!.id] }),
    );
    expect((await read().emails([emailId]))[0]?.verdict).toEqual({ kind: 'unsigned' });
  });

  it('let an account read its own messages and unexpired uploads only', async () => {
    const bytes = message();
    const prepared = await t.store.prepare(bytes);
    const upload = await t.blobs.stage(Buffer.from('tệp'));
    const other = await t.account();
    await t.store.write(id, async (w) => {
      await w.append(prepared, { mailboxIds: [inbox] });
      await w.recordUpload(upload, 'text/plain', t.clock.now() + 1000);
    });
    expect(await read().holdsBlob(prepared.blob.hash)).toEqual({ type: 'message/rfc822', size: bytes.length });
    expect(await read().holdsBlob(upload.hash)).toEqual({ type: 'text/plain', size: 5 });
    expect(await t.store.read(other).holdsBlob(prepared.blob.hash)).toBeUndefined();
    expect(await t.store.read(other).holdsBlob(upload.hash)).toBeUndefined();
    expect(await t.store.referenced([upload.hash, prepared.blob.hash])).toEqual(
      new Set([upload.hash, prepared.blob.hash]),
    );
    t.clock.advance(1000);
    expect(await read().holdsBlob(upload.hash)).toBeUndefined();
    expect(await t.store.referenced([upload.hash])).toEqual(new Set());
    t.clock.set(START);
  });

  it('keep submissions with a log of their own', async () => {
    const { emailId, threadId } = await put();
    const envelope = {
      mailFrom: { email: 'a@x', parameters: null },
      rcptTo: [{ email: 'b@x', parameters: { NOTIFY: 'NEVER' } }],
    };
    const base = { sentBy: 3, identityId: 'i', emailId, threadId, envelope, sendAt: START, outboundId: null };
    const made = await t.store.write(id, (w) => w.createSubmission({ ...base, undoStatus: 'pending' }));
    const since = await read().state('EmailSubmission');
    await t.store.write(id, (w) => w.updateSubmission(made.id, { undoStatus: 'final', outboundId: 7 }));
    expect(await read().submissions([made.id])).toEqual([{ ...made, undoStatus: 'final', outboundId: 7 }]);
    expect(await read().changes('EmailSubmission', since)).toMatchObject({ updated: [made.id] });
    await t.store.write(id, (w) => w.destroySubmission(made.id));
    expect(await read().submissions()).toEqual([]);
    await expect(t.store.write(id, (w) => w.destroySubmission(1000 as SubmissionId))).rejects.toMatchObject({
      kind: 'notFound',
    });
  });

  it('tell a subscriber after the commit, and not of refused or empty work', async () => {
    // PostgreSQL delivers words in order: once ours is heard, those of earlier work have been.
    const earlierHeard = (topic: string) =>
      new Promise<void>((resolve) => {
        const stop = t.db.bus.subscribe(topic, () => {
          stop();
          resolve();
        });
        void t.db.write(async (tx) => tx.announce(topic));
      });
    await earlierHeard('test:before');
    let told = 0;
    const end = t.store.subscribe(id, () => told++);
    const heard = new Promise<void>((resolve) => {
      const stop = t.store.subscribe(id, () => {
        stop();
        resolve();
      });
    });
    await t.store.write(id, (w) => w.setKeywords([999 as EmailId], { add: ['$seen'] }));
    await create('iNbox').catch(() => undefined);
    await earlierHeard('test:after');
    expect(told).toBe(0);
    await put();
    await heard;
    expect(told).toBe(1);
    end();
  });

  it('know no account that does not exist', async () => {
    const absent = 9999 as AccountId;
    await expect(t.store.write(absent, async () => 1)).rejects.toMatchObject({ code: 'mail.account_not_found' });
    await expect(t.store.read(absent).info()).rejects.toMatchObject({ code: 'mail.account_not_found' });
  });
});

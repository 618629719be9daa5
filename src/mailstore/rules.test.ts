import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, EmailId, ModSeq, SubmissionId, ThreadId } from '../base/ids.ts';
import { message, START } from './testing/setup.ts';
import { OwnAccount } from './testing/own-account.ts';

describe.each(dialects)('the rules of the mail store on $dialect', ({ open }) => {
  let own: OwnAccount;
  beforeAll(async () => {
    own = await OwnAccount.open(open);
  });
  afterAll(() => own.dispose());
  beforeEach(() => own.fresh());

  it('stop at the quota, unless it is ignored, and leave nothing half-done', async () => {
    const bytes = message({}, 'x'.repeat(1000));
    await own.t.db.write((tx) => own.t.store.setAccount(tx, own.id, { quotaBytes: bytes.length * 2 - 1 }));
    const first = await own.put(bytes);
    await expect(own.put(bytes)).rejects.toMatchObject({ code: 'mail.over_quota', kind: 'overLimit' });
    await expect(own.write((w) => w.copy([first.emailId], own.inbox))).rejects.toMatchObject({
      code: 'mail.over_quota',
    });
    const prepared = await own.t.store.prepare(bytes);
    await own.write((w) => w.append(prepared, { mailboxIds: [own.inbox], ignoreQuota: true }));
    expect(await own.read().info()).toMatchObject({ emailCount: 2, usedBytes: bytes.length * 2 });
    await expect(
      own.t.db.write((tx) => own.t.store.setAccount(tx, 9999 as AccountId, { quotaBytes: 1 })),
    ).rejects.toMatchObject({ kind: 'notFound' });
  });

  it('thread by shared references and equal base subject', async () => {
    const root = await own.put(message({ Subject: 'Hop', 'Message-ID': '<a@x>' }));
    const reply = await own.put(message({ Subject: 'Re: Hop', 'Message-ID': '<b@x>', 'In-Reply-To': '<a@x>' }));
    const renamed = await own.put(message({ Subject: 'Khac', 'Message-ID': '<c@x>', References: '<a@x>' }));
    const deep = await own.put(message({ Subject: 'Fwd: hop', 'Message-ID': '<d@x>', References: '<zz@x> <b@x>' }));
    expect([reply.threadId, deep.threadId]).toEqual([root.threadId, root.threadId]);
    expect(renamed.threadId).not.toBe(root.threadId);
    // An answer that came before its question joins through the reference it left.
    const early = await own.put(message({ Subject: 'Re: Moi', 'Message-ID': '<f@x>', References: '<e@x>' }));
    const late = await own.put(message({ Subject: 'Moi', 'Message-ID': '<e@x>' }));
    expect(late.threadId).toBe(early.threadId);
    const threads = await own.read().threads([root.threadId, 999 as ThreadId]);
    expect([...threads]).toEqual([[root.threadId, [root.emailId, reply.emailId, deep.emailId]]]);
  });

  it('answer changes within a maximum, cut only between units of work', async () => {
    const since = await own.read().state('Email');
    const one = await own.put();
    const [a, b] = await Promise.all([own.t.store.prepare(message()), own.t.store.prepare(message())]);
    const two = await own.write(async (w) => [
      await w.append(a, { mailboxIds: [own.inbox] }),
      await w.append(b, { mailboxIds: [own.inbox] }),
    ]);
    const first = await own.read().changes('Email', since, 2);
    expect(first).toMatchObject({ created: [one.emailId], hasMoreChanges: true });
    const rest = await own.read().changes('Email', first.newState, 2);
    expect(rest).toMatchObject({ created: two.map((e) => e.emailId), hasMoreChanges: false });
    await expect(own.read().changes('Email', first.newState, 1)).rejects.toMatchObject({
      code: 'mail.cannot_calculate_changes',
    });
    await expect(own.read().changes('Email', (rest.newState + 5) as ModSeq)).rejects.toMatchObject({
      code: 'mail.cannot_calculate_changes',
    });
    // Created and gone within one unit: nothing to tell.
    await own.write(async (w) => {
      const { emailId } = await w.append(a, { mailboxIds: [own.inbox] });
      await w.setKeywords([emailId], { add: ['$seen'] });
      await w.destroyEmails([emailId]);
    });
    expect(await own.read().changes('Email', rest.newState)).toMatchObject({ created: [], updated: [], destroyed: [] });
  });

  it('forget old changes and tombstones together', async () => {
    const { emailId } = await own.put();
    const early = await own.read().state('Email');
    await own.write((w) => w.destroyEmails([emailId]));
    const { modseq } = await own.read().info();
    await own.t.db.write((tx) => own.t.store.pruneChanges(tx, own.id, modseq));
    await expect(own.read().changes('Email', early)).rejects.toMatchObject({ code: 'mail.cannot_calculate_changes' });
    await expect(own.read().expungedSince(own.inbox, early)).rejects.toMatchObject({
      code: 'mail.cannot_calculate_changes',
    });
    expect(await own.read().state('Email')).toBe(modseq);
    expect(await own.read().changes('Email', modseq)).toMatchObject({ created: [], newState: modseq });
  });

  it('forget the oldest steps of a log that grew too long, once a tenth more has gathered', async () => {
    const { emailId } = await own.put();
    const early = await own.read().state('Email');
    const flip = (i: number) =>
      own.write((w) => w.setKeywords([emailId], i % 2 ? { remove: ['$seen'] } : { add: ['$seen'] }));
    for (let i = 0; i < 30; i++) await flip(i);
    await own.t.store.pruneLongLogs(30);
    expect(await own.read().changes('Email', early)).toMatchObject({ updated: [emailId] });
    for (let i = 0; i < 10; i++) await flip(i);
    const { modseq } = await own.read().info();
    expect(await own.t.store.pruneLongLogs(30)).toBeGreaterThan(0);
    expect(await own.t.store.pruneLongLogs(30)).toBe(0);
    expect(await own.read().changes('Email', (modseq - 30) as ModSeq)).toMatchObject({ updated: [emailId] });
    for (const since of [early, (modseq - 31) as ModSeq])
      await expect(own.read().changes('Email', since)).rejects.toMatchObject({ code: 'mail.cannot_calculate_changes' });
  });

  it('refuse odd keywords and more than a hundred of them', async () => {
    const { emailId } = await own.put();
    for (const bad of ['', 'a b', 'việc', 'a"', 'a\\b', '(', 'x'.repeat(256)]) {
      await expect(own.write((w) => w.setKeywords([emailId], { add: [bad] }))).rejects.toMatchObject({
        code: 'mail.keyword_invalid',
      });
    }
    const many = Array.from({ length: 101 }, (_, i) => `k${i}`);
    await expect(own.write((w) => w.setKeywords([emailId], { add: many }))).rejects.toMatchObject({
      code: 'mail.too_many_keywords',
    });
  });

  it('give a verdict to every email of the bytes, in every account', async () => {
    const bytes = message();
    const other = await own.t.account();
    const prepared = await own.t.store.prepare(bytes);
    const a = await own.write((w) => w.append(prepared, { mailboxIds: [own.inbox] }));
    await own.t.store.write(other, async (w) =>
      w.append(prepared, { mailboxIds: [(await w.mailboxByRole('inbox'))!.id] }),
    );
    const { hash } = prepared.blob;
    expect(await own.t.store.holders(hash)).toHaveLength(2);
    const since = await own.read().state('Email');
    expect(await own.t.db.write((tx) => own.t.store.setVerdict(tx, hash, { kind: 'whole' }, START))).toEqual([
      own.id,
      other,
    ]);
    expect(await own.read().changes('Email', since)).toMatchObject({ updated: [a.emailId] });
    expect((await own.read().emails([a.emailId]))[0]?.verdict).toEqual({ kind: 'whole' });
    expect(await own.read().query({ filter: { isSigned: true } })).toEqual([a.emailId]);
    expect(await own.t.db.write((tx) => own.t.store.setHasDocument(tx, hash))).toEqual([own.id, other]);
    expect(await own.t.db.write((tx) => own.t.store.setHasDocument(tx, hash))).toEqual([]);
    expect(await own.read().query({ filter: { hasDocument: true } })).toEqual([a.emailId]);
    expect(await own.t.store.verdicts([hash, 'f'.repeat(64) as never])).toEqual(new Map([[hash, { kind: 'whole' }]]));
  });

  it('take the verdict that a later append brings to bytes that had none', async () => {
    const prepared = await own.t.store.prepare(message());
    const { emailId } = await own.write((w) => w.append(prepared, { mailboxIds: [own.inbox] }));
    const other = await own.t.account();
    await own.t.store.write(other, async (w) =>
      w.append({ ...prepared, verdict: { kind: 'unsigned' } }, { mailboxIds: [(await w.mailboxes())[0]!.id] }),
    );
    expect((await own.read().emails([emailId]))[0]?.verdict).toEqual({ kind: 'unsigned' });
  });

  it('let an account read its own messages and unexpired uploads only', async () => {
    const bytes = message();
    const prepared = await own.t.store.prepare(bytes);
    const upload = await own.t.blobs.stage(Buffer.from('tệp'));
    const other = await own.t.account();
    await own.write(async (w) => {
      await w.append(prepared, { mailboxIds: [own.inbox] });
      await w.recordUpload(upload, 'text/plain', own.t.clock.now() + 1000);
    });
    expect(await own.read().holdsBlob(prepared.blob.hash)).toEqual({ type: 'message/rfc822', size: bytes.length });
    expect(await own.read().holdsBlob(upload.hash)).toEqual({ type: 'text/plain', size: 5 });
    expect(await own.t.store.read(other).holdsBlob(prepared.blob.hash)).toBeUndefined();
    expect(await own.t.store.read(other).holdsBlob(upload.hash)).toBeUndefined();
    expect(await own.t.store.referenced([upload.hash, prepared.blob.hash])).toEqual(
      new Set([upload.hash, prepared.blob.hash]),
    );
    own.t.clock.advance(1000);
    expect(await own.read().holdsBlob(upload.hash)).toBeUndefined();
    expect(await own.t.store.referenced([upload.hash])).toEqual(new Set());
    own.t.clock.set(START);
  });

  it('keep submissions with a log of their own', async () => {
    const { emailId, threadId } = await own.put();
    const envelope = {
      mailFrom: { email: 'a@x', parameters: null },
      rcptTo: [{ email: 'b@x', parameters: { NOTIFY: 'NEVER' } }],
    };
    const base = { sentBy: 3, identityId: 'i', emailId, threadId, envelope, sendAt: START, outboundId: null };
    const made = await own.write((w) => w.createSubmission({ ...base, undoStatus: 'pending' }));
    const since = await own.read().state('EmailSubmission');
    await own.write((w) => w.updateSubmission(made.id, { undoStatus: 'final', outboundId: 7 }));
    expect(await own.read().submissions([made.id])).toEqual([{ ...made, undoStatus: 'final', outboundId: 7 }]);
    expect(await own.read().changes('EmailSubmission', since)).toMatchObject({ updated: [made.id] });
    await own.write((w) => w.destroySubmission(made.id));
    expect(await own.read().submissions()).toEqual([]);
    await expect(own.write((w) => w.destroySubmission(1000 as SubmissionId))).rejects.toMatchObject({
      kind: 'notFound',
    });
  });

  it('tell a subscriber after the commit, and not of refused or empty work', async () => {
    // PostgreSQL delivers words in order: once ours is heard, those of earlier work have been.
    const earlierHeard = (topic: string) =>
      new Promise<void>((resolve) => {
        const stop = own.t.db.bus.subscribe(topic, () => {
          stop();
          resolve();
        });
        void own.t.db.write(async (tx) => tx.announce(topic));
      });
    await earlierHeard('test:before');
    let told = 0;
    const end = own.t.store.subscribe(own.id, () => told++);
    const heard = new Promise<void>((resolve) => {
      const stop = own.t.store.subscribe(own.id, () => {
        stop();
        resolve();
      });
    });
    await own.write((w) => w.setKeywords([999 as EmailId], { add: ['$seen'] }));
    await own.create('iNbox').catch(() => undefined);
    await earlierHeard('test:after');
    expect(told).toBe(0);
    await own.put();
    await heard;
    expect(told).toBe(1);
    end();
  });

  it('know no account that does not exist', async () => {
    const absent = 9999 as AccountId;
    await expect(own.t.store.write(absent, async () => 1)).rejects.toMatchObject({ code: 'mail.account_not_found' });
    await expect(own.t.store.read(absent).info()).rejects.toMatchObject({ code: 'mail.account_not_found' });
  });
});

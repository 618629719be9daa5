import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, EmailId, MailboxId, ModSeq } from '../base/ids.ts';
import { message, openStore, START, type TestStore } from './testing/setup.ts';

describe.each(dialects)('the mail store on $dialect', ({ open }) => {
  let t: TestStore;
  let id: AccountId;
  let inbox: MailboxId;
  let archive: MailboxId;
  beforeAll(async () => {
    t = await openStore(open);
  });
  afterAll(async () => {
    expect(await t.findings({ deep: true })).toEqual([]);
    await t.dispose();
  });
  beforeEach(async () => {
    id = await t.account();
    inbox = await t.role(id, 'inbox');
    archive = await t.role(id, 'archive');
  });
  const put = async (bytes = message(), options: { to?: MailboxId; keywords?: string[]; receivedAt?: number } = {}) => {
    const prepared = await t.store.prepare(bytes);
    const { to = inbox, ...rest } = options;
    return t.store.write(id, (w) => w.append(prepared, { mailboxIds: [to], ...rest }));
  };
  const box = async (mailboxId: MailboxId) => (await t.store.read(id).mailbox(mailboxId))!;

  it('makes an account with its role mailboxes under Vietnamese names', async () => {
    const mailboxes = await t.store.read(id).mailboxes();
    expect(mailboxes.map((m) => [m.role, m.name])).toEqual([
      ['inbox', 'Hộp thư đến'],
      ['drafts', 'Thư nháp'],
      ['sent', 'Thư đã gửi'],
      ['archive', 'Lưu trữ'],
      ['junk', 'Thư rác'],
      ['trash', 'Thùng rác'],
    ]);
    expect(new Set(mailboxes.map((m) => m.uidValidity)).size).toBe(6);
    const { created } = await t.store.read(id).changes('Mailbox', 0 as ModSeq);
    expect(created).toEqual(mailboxes.map((m) => m.id));
  });

  it('appends a message, counts it and gives it back', async () => {
    const bytes = message({ Subject: 'Lich hop' });
    const { emailId, threadId, uids } = await put(bytes, { keywords: ['$Flagged', 'Việc'.slice(0, 1)] });
    expect(uids.get(inbox)).toBe(1);
    const [email] = await t.store.read(id).emails([emailId]);
    expect(email).toMatchObject({
      id: emailId,
      threadId,
      size: bytes.length,
      receivedAt: START,
      keywords: ['$flagged', 'v'],
      mailboxIds: [inbox],
      subject: 'Lich hop',
      hasAttachment: false,
      verdict: null,
    });
    expect(await box(inbox)).toMatchObject({ totalEmails: 1, unreadEmails: 1, totalBytes: bytes.length, uidNext: 2 });
    expect(await t.store.read(id).info()).toMatchObject({ usedBytes: bytes.length, emailCount: 1 });
    expect(Buffer.from(await t.blobs.read(email!.blobHash)).equals(Buffer.from(bytes))).toBe(true);
    const [detail] = await t.store.read(id).emailDetails([emailId]);
    expect(detail?.derived.preview).toContain('Kính gửi');
  });

  it('lists a mailbox newest first, with a stable order among equals', async () => {
    const ids: EmailId[] = [];
    for (const at of [5, 1, 5, 9]) ids.push((await put(message(), { receivedAt: at })).emailId);
    const [a, b, c, d] = ids;
    const read = t.store.read(id);
    expect(await read.query({ filter: { inMailbox: inbox } })).toEqual([d, c, a, b]);
    expect(await read.query({ filter: { inMailbox: inbox } }, { limit: 2 })).toEqual([d, c]);
    expect(
      await read.query({ filter: { inMailbox: inbox }, sort: [{ property: 'receivedAt', isAscending: true }] }),
    ).toEqual([b, a, c, d]);
    expect(await read.query({ filter: { inMailbox: archive } })).toEqual([]);
    expect(await read.query({})).toEqual([d, c, a, b]);
  });

  it('patches keywords and tells only of the emails that changed', async () => {
    const one = await put();
    const two = await put(message(), { keywords: ['$seen'] });
    const before = await t.store.read(id).state('Email');
    const changed = await t.store.write(id, (w) => w.setKeywords([one.emailId, two.emailId], { add: ['$Seen'] }));
    expect(changed).toEqual([one.emailId]);
    expect(await t.store.read(id).changes('Email', before)).toMatchObject({
      updated: [one.emailId],
      created: [],
      destroyed: [],
    });
    expect(await t.store.read(id).changes('Mailbox', before)).toMatchObject({ updated: [inbox], onlyCounts: true });
    expect((await box(inbox)).unreadEmails).toBe(0);
    const state = await t.store.read(id).info();
    expect(await t.store.write(id, (w) => w.setKeywords([one.emailId], { add: ['$seen'] }))).toEqual([]);
    expect(await t.store.read(id).info()).toEqual(state);
  });

  it('moves by UID into new UIDs, leaves tombstones, and \\Deleted stays behind', async () => {
    const emails = [await put(), await put(), await put()];
    await t.store.write(id, (w) => w.setDeleted(inbox, [1, 2], true));
    const since = (await t.store.read(id).info()).modseq;
    expect(await t.store.write(id, (w) => w.move(inbox, [3, 1], archive))).toEqual([
      { uid: 1, newUid: 1 },
      { uid: 3, newUid: 2 },
    ]);
    const read = t.store.read(id);
    expect((await read.placed(archive)).map((p) => [p.uid, p.emailId, p.deleted])).toEqual([
      [1, emails[0]!.emailId, false],
      [2, emails[2]!.emailId, false],
    ]);
    expect((await read.expungedSince(inbox, since)).map((x) => x.uid)).toEqual([1, 3]);
    expect((await read.placed(inbox)).map((p) => [p.uid, p.deleted])).toEqual([[2, true]]);
    expect(await t.store.write(id, (w) => w.expunge(inbox))).toEqual([2]);
    expect(await read.emails([emails[1]!.emailId])).toEqual([]);
    expect(await box(inbox)).toMatchObject({ totalEmails: 0, unreadEmails: 0, totalBytes: 0, uidNext: 4 });
  });

  it('gives a new UID in each mailbox that an email is put into', async () => {
    const { emailId } = await put();
    const added = await t.store.write(id, (w) => w.setMailboxes(emailId, [inbox, archive]));
    expect([...added]).toEqual([[archive, 1]]);
    await t.store.write(id, (w) => w.setMailboxes(emailId, [inbox]));
    expect([...(await t.store.write(id, (w) => w.setMailboxes(emailId, [archive])))]).toEqual([[archive, 2]]);
    expect((await t.store.read(id).emails([emailId]))[0]?.mailboxIds).toEqual([archive]);
    await expect(t.store.write(id, (w) => w.setMailboxes(emailId, []))).rejects.toMatchObject({
      code: 'mail.no_mailbox',
    });
  });

  it('destroys emails everywhere and forgets their threads', async () => {
    const { emailId, threadId } = await put();
    const before = await t.store.read(id).state('Email');
    expect(await t.store.write(id, (w) => w.destroyEmails([emailId, 999 as EmailId]))).toEqual([emailId]);
    const read = t.store.read(id);
    expect(await read.changes('Email', before)).toMatchObject({ destroyed: [emailId] });
    expect(await read.changes('Thread', before)).toMatchObject({ destroyed: [threadId] });
    expect(await read.info()).toMatchObject({ usedBytes: 0, emailCount: 0 });
  });
});

/** One command over thousands of messages: the same outcome as for one, however the lists are cut for the database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, EmailId, MailboxId, ModSeq } from '../base/ids.ts';
import { message, openStore, type TestStore } from './testing/setup.ts';

/** Twice what is taken out by one statement, and more. */
const MANY = 2300;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe.each(dialects)('a unit over thousands of messages on $dialect', ({ open }) => {
  let t: TestStore;
  let id: AccountId;
  let inbox: MailboxId;
  let archive: MailboxId;
  let start: ModSeq;
  beforeAll(async () => {
    t = await openStore(open);
    id = await t.account();
    [inbox, archive] = [await t.role(id, 'inbox'), await t.role(id, 'archive')];
    const prepared = await t.store.prepare(message());
    const { emailId } = await t.store.write(id, (w) => w.append(prepared, { mailboxIds: [inbox] }));
    start = (await t.store.read(id).info()).modseq;
    // The same message again and again, as a client copies it.
    await t.store.write(id, (w) => w.copy(Array<EmailId>(MANY - 1).fill(emailId), inbox));
  });
  afterAll(async () => {
    await t.store.stop();
    await t.dispose();
  });
  const box = async (mailbox: MailboxId) => (await t.store.read(id).mailbox(mailbox))!;
  const changed = (since: ModSeq) => t.store.read(id).changes('Email', since);
  const modseq = async () => (await t.store.read(id).info()).modseq;

  it('copies one message many times, each under its own UID', async () => {
    expect(await box(inbox)).toMatchObject({ totalEmails: MANY, unreadEmails: MANY, uidNext: MANY + 1 });
    const { created, updated } = await changed(start);
    expect([created.length, updated]).toEqual([MANY - 1, []]);
    const reader = t.store.read(id);
    expect(
      (await reader.threads([...new Set((await reader.emails(created as EmailId[])).map((e) => e.threadId))])).size,
    ).toBe(1);
    expect(await t.findings()).toEqual([]);
  });

  it('sets and takes keywords, told of only where something changed', async () => {
    const ids = (await changed(0 as ModSeq)).created as EmailId[];
    const since = await modseq();
    const half = ids.filter((_, i) => i % 2 === 0);
    expect(await t.store.write(id, (w) => w.setKeywords(half, { add: ['$seen', 'viec'] }))).toEqual(half);
    const rest = await t.store.write(id, (w) => w.setKeywords([...ids].reverse(), { add: ['$seen'] }));
    expect(rest).toEqual(ids.filter((_, i) => i % 2 === 1));
    expect((await changed(since)).updated).toHaveLength(MANY);
    expect(await box(inbox)).toMatchObject({ unreadEmails: 0 });
    expect(await t.store.write(id, (w) => w.setKeywords(ids, { add: ['$seen'], remove: ['khong-co'] }))).toEqual([]);
    expect(await t.findings()).toEqual([]);
  });

  it('moves, marks and expunges by long lists of UIDs, in any order, with strangers among them', async () => {
    const since = await modseq();
    const asked = [...range(1, MANY + 1).reverse(), 10 ** 6, 2 ** 32 - 1, 0];
    const moved = await t.store.write(id, (w) =>
      w.move(
        inbox,
        asked.filter((uid) => uid % 2 === 0 || uid > MANY),
        archive,
      ),
    );
    expect(moved.map(({ uid }) => uid)).toEqual(range(1, MANY / 2 + 1).map((n) => n * 2));
    expect(moved.map(({ newUid }) => newUid)).toEqual(range(1, MANY / 2 + 1));
    expect((await t.store.read(id).expungedSince(inbox, since)).length).toBe(MANY / 2);
    await t.store.write(id, (w) => w.setDeleted(archive, Uint32Array.from(asked), true));
    expect(await t.store.read(id).deletedTotals(archive)).toMatchObject({ count: MANY / 2 });
    const gone = await t.store.write(id, (w) =>
      w.expunge(
        archive,
        asked.filter((uid) => uid > 100),
      ),
    );
    expect(gone).toEqual(range(101, MANY / 2 + 1));
    expect(await box(archive)).toMatchObject({ totalEmails: 100, uidNext: MANY / 2 + 1 });
    const { updated, destroyed } = await changed(since);
    expect([updated.length, destroyed.length]).toEqual([100, MANY / 2 - 100]);
    expect(await t.findings()).toEqual([]);
  });

  it('leaves everything as it was when its last step fails', async () => {
    const reader = t.store.read(id);
    const before = [await reader.info(), await reader.mailboxes(), await reader.uids(inbox)];
    const work = t.store.write(id, async (w) => {
      await w.move(inbox, await w.uids(inbox), archive);
      await w.setDeleted(archive, await w.uids(archive), true);
      await w.expunge(archive);
      await w.copy([(10 ** 6) as EmailId], inbox);
    });
    await expect(work).rejects.toMatchObject({ code: 'mail.email_not_found' });
    expect([await reader.info(), await reader.mailboxes(), await reader.uids(inbox)]).toEqual(before);
    expect(await t.findings()).toEqual([]);
  });

  it('empties a mailbox with its folder, and only what lay nowhere else goes', async () => {
    const made = await t.store.write(id, async (w) => {
      const folder = await w.createMailbox({ name: 'Đầy' });
      const uids = await w.uids(inbox);
      const placed = await w.placed(inbox);
      await w.move(inbox, uids.slice(0, 300), folder.id);
      for (const { emailId } of placed.slice(300, 310)) await w.setMailboxes(emailId, [inbox, folder.id]);
      return folder;
    });
    const { emailCount } = await t.store.read(id).info();
    await t.store.write(id, (w) => w.destroyMailbox(made.id, { removeEmails: true }));
    expect((await t.store.read(id).info()).emailCount).toBe(emailCount - 300);
    expect(await t.store.read(id).mailbox(made.id)).toBeUndefined();
    expect(await t.findings({ deep: true })).toEqual([]);
  });
});

/** What the repair mends beside a server that goes on working, and what it must leave alone. */
import { sql, type SQL } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { isDomainError } from '../base/errors.ts';
import type { BlobHash, EmailId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { createMailstore } from './mailstore.ts';
import { OwnAccount } from './testing/own-account.ts';
import { message } from './testing/setup.ts';
import type { Mailstore } from './types.ts';

describe.each(dialects)('a repair on $dialect', ({ dialect, open }) => {
  let own: OwnAccount;
  beforeEach(async () => {
    own = await OwnAccount.open(open);
    await own.fresh();
  });
  afterEach(async () => {
    await own.t.store.stop();
    await own.t.dispose();
  });

  const damage = (statement: SQL) => own.t.db.write(({ q }) => q.exec(statement));
  const unindex = (from: number, to: number) =>
    damage(
      dialect === 'pg'
        ? sql`delete from email_search where id between ${from} and ${to}`
        : sql`delete from email_search where rowid % 4294967296 between ${from} and ${to}`,
    );
  const mend = async (store: Mailstore = own.t.store) => {
    const done: string[] = [];
    for await (const { finding } of store.repair()) done.push(finding);
    return done;
  };
  const find = (text: string) => own.read().query({ filter: { text } });
  /** A store to which that happens when it reads these bytes. */
  const whenRead = (before: (hash: BlobHash) => Promise<unknown>): Mailstore => {
    const { blobs, db, clock } = own.t;
    const read: BlobStore['read'] = async (hash) => {
      await before(hash);
      return blobs.read(hash);
    };
    const readRange: BlobStore['readRange'] = async (hash, start, end) => {
      await before(hash);
      return blobs.readRange(hash, start, end);
    };
    return createMailstore({ db, clock, log: silentLog, blobs: { ...blobs, read, readRange } });
  };

  it('finds what can be indexed behind more mail than it looks at once whose bytes are lost', async () => {
    const lost = await own.t.store.prepare(message({}, 'mất rồi'));
    await own.write(async (w) => {
      for (let i = 0; i < 120; i++) await w.append(lost, { mailboxIds: [own.inbox] });
    });
    const { emailId } = await own.put(message({}, 'vẫn còn'));
    await own.t.store.indexing.settle();
    await unindex(1, 121);
    await damage(sql`delete from message_texts where hash = ${lost.blob.hash}`);
    await damage(sql`update blobs set data = null where hash = ${lost.blob.hash}`);
    expect(await mend()).toEqual([`email ${emailId} was indexed anew`]);
    expect(await find('van con')).toEqual([emailId]);
  });

  it('brings no text back of an email that is destroyed while it is read', async () => {
    const { emailId } = await own.put(message({}, 'mật khẩu'));
    await own.t.store.indexing.settle();
    await unindex(1, 1);
    let open = true;
    const store = whenRead(async () => {
      if (!open) return;
      open = false;
      await own.write((w) => w.destroyEmails([emailId]));
    });
    expect(await mend(store)).toEqual([]);
    expect(open).toBe(false);
    expect(await own.t.findings()).toEqual([]);
    await store.stop();
  });

  it('leaves what is pending to the indexing, so that a text goes with an email that goes before it', async () => {
    const prepared = await own.t.store.prepare(message({}, 'chưa lập chỉ mục'));
    const ids: EmailId[] = [];
    await own.write(async (w) => {
      for (let i = 0; i < 2; i++) ids.push((await w.append(prepared, { mailboxIds: [own.inbox] })).emailId);
    });
    await damage(sql`update messages set derived_version = 0`);
    const steps = own.t.store.repair()[Symbol.asyncIterator]();
    expect((await steps.next()).value).toMatchObject({ finding: `${prepared.blob.hash} was derived anew` });
    await own.write((w) => w.destroyEmails([ids[0]!]));
    expect(await own.t.findings()).toEqual([]);
    while (!(await steps.next()).done);
    expect(await find('chi muc')).toEqual([ids[1]]);
    expect(await own.t.findings()).toEqual([]);
  });

  it('derives anew what is indexed together with its text', async () => {
    const { emailId } = await own.put(message({ Subject: 'Bao cao' }, 'bản cũ'));
    await own.t.store.indexing.settle();
    await damage(sql`update messages set derived_version = 0, subject = 'x', subject_text = 'x'`);
    await unindex(1, 1);
    await mend();
    expect(await find('ban cu')).toEqual([emailId]);
    expect(await own.read().query({ filter: { subject: 'bao' } })).toEqual([emailId]);
    expect(await own.t.findings()).toEqual([]);
  });

  it.each([
    ['behind its contents', sql`update mailboxes set highest_modseq = 1 where total_emails > 0`],
    ['ahead of the account', sql`update mailboxes set highest_modseq = 999 where total_emails > 0`],
    ['behind what left it', sql`update mailboxes set highest_modseq = 2 where total_emails > 0`],
  ])('mends a highest mod-sequence %s, so that clients that ask by it hear all', async (_, statement) => {
    for (let i = 0; i < 3; i++) await own.put();
    await own.write(async (w) => {
      await w.setDeleted(own.inbox, [2, 3], true);
      await w.expunge(own.inbox);
    });
    await damage(statement);
    expect((await own.t.findings()).join()).toMatch(/highest mod-sequence/);
    expect(await mend()).toEqual([`mailbox ${own.inbox} was counted anew`]);
    const { modseq } = await own.read().info();
    expect((await own.read().mailbox(own.inbox))?.highestModseq).toBe(modseq);
    expect(await own.t.findings()).toEqual([]);
  });

  it('gives no id again, of what is there and of what clients heard of', async () => {
    const { emailId } = await own.put();
    const { emailId: gone } = await own.put();
    await own.write((w) => w.destroyEmails([gone]));
    const { id: removed } = await own.write((w) => w.createMailbox({ name: 'Lưu tạm' }));
    await own.write((w) => w.destroyMailbox(removed, { removeEmails: true }));
    await own.t.store.indexing.settle();
    await damage(
      sql`update accounts set next_mailbox_id = 1, next_email_id = 1, next_thread_id = 1, last_uid_validity = 1`,
    );
    await damage(
      sql`insert into changes (account_id, type, modseq, object_id, action) values (1, 'EmailSubmission', 2, 77, 'destroyed')`,
    );
    expect((await own.t.findings()).join()).toMatch(/an id again/);
    expect(await mend()).toEqual(['the ids that the account gives next were set anew']);
    expect(await own.t.findings()).toEqual([]);
    expect(await mend()).toEqual([]);
    const next = await own.put();
    expect([emailId < gone, next.emailId]).toEqual([true, gone + 1]);
    const made = await own.write((w) => w.createMailbox({ name: 'Lưu nữa' }));
    expect(made.id).toBe(removed + 1);
    const validities = (await own.read().mailboxes()).map(({ uidValidity }) => uidValidity);
    expect(new Set(validities).size).toBe(validities.length);
    expect(await own.t.findings()).toEqual([]);
  });

  it('changes nothing of a store that is whole, pending mail and all', async () => {
    for (let i = 0; i < 3; i++) await own.put();
    await own.t.store.indexing.settle();
    await own.put();
    const before = await own.read().info();
    expect(await mend()).toEqual([]);
    expect(await own.read().info()).toEqual(before);
  });

  it('names bytes that are lost, and does not invent any', async () => {
    const { emailId } = await own.put();
    const [email] = await own.read().emails([emailId]);
    await damage(sql`update messages set derived_version = 0`);
    await damage(sql`update blobs set data = null`);
    expect(await mend()).toContain(`${email!.blobHash} cannot be derived anew: its bytes are missing`);
    const reading = own.t.blobs.read(email!.blobHash);
    await expect(reading.catch((error: unknown) => isDomainError(error, 'blob.missing'))).resolves.toBe(true);
    expect(await own.read().uids(own.inbox)).toHaveLength(1);
  });
});

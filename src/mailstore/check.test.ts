/** Damage of every kind is found and said; what follows from other data is mended. */
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { sql, type SQL } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ROW_BYTES } from '../blobs/blob-store.ts';
import { noiseText } from '../blobs/testing/noise.ts';
import { dialects } from '../../test/support/databases.ts';
import type { AccountId, BlobHash, EmailId, MailboxId } from '../base/ids.ts';
import { violations } from './repository/check.ts';
import { message, openStore, START, type TestStore } from './testing/setup.ts';

describe.each(dialects)('the check of the store on $dialect', ({ dialect, open }) => {
  let t: TestStore;
  let id: AccountId;
  let inbox: MailboxId;
  let emailId: EmailId;
  let big: BlobHash;
  const fill = async () => {
    t = await openStore(open);
    id = await t.account();
    inbox = await t.role(id, 'inbox');
    const prepared = await t.store.prepare(message({ Subject: 'Hop' }));
    const large = await t.store.prepare(message({}, noiseText(2 * ROW_BYTES)));
    big = large.blob.hash;
    ({ emailId } = await t.store.write(id, (w) => w.append(prepared, { mailboxIds: [inbox] })));
    await t.store.write(id, async (w) => {
      await w.append(large, { mailboxIds: [inbox] });
      await w.move(inbox, [2], (await w.mailboxByRole('archive'))!.id);
    });
    await t.store.indexing.settle();
    expect(await t.findings({ deep: true })).toEqual([]);
  };
  const damage = (statement: SQL) => t.db.write(({ q }) => q.exec(statement));
  const mend = async () => {
    const done: string[] = [];
    for await (const { finding } of t.store.repair()) done.push(finding);
    return done;
  };

  describe('on damage that is rolled back', () => {
    beforeAll(fill);
    afterAll(() => t.dispose());
    it.each([
      ['emails', sql`update accounts set email_count = 7`, /counts 7 emails/],
      ['bytes', sql`update accounts set used_bytes = 7`, /of 7 bytes/],
      ['mailbox totals', sql`update mailboxes set total_emails = 5 where id = 1`, /mailbox 1 counts 5/],
      ['unread', sql`update mailboxes set unread_emails = 5 where id = 1`, /5 unread/],
      ['UIDs to come', sql`update mailboxes set uid_next = 1 where id = 1`, /UID 1 again/],
      ['mod-sequences', sql`update mailboxes set highest_modseq = 1 where id = 1`, /highest mod-sequence 1/],
      ...['email', 'thread', 'mailbox'].map((kind): [string, SQL, RegExp] => [
        `${kind} ids to come`,
        sql`update accounts set ${sql.raw(`next_${kind}_id`)} = 1`,
        /an id again/,
      ]),
      ['UIDVALIDITY to come', sql`update accounts set last_uid_validity = 1`, /an id again/],
      [
        'ids to come of what is gone, and was told',
        sql`insert into changes (account_id, type, modseq, object_id, action) values (1, 'EmailSubmission', 2, 77, 'destroyed')`,
        /an id again/,
      ],
      [
        'a place without its email',
        sql`update email_mailboxes set email_id = 99 where uid = 1 and mailbox_id = 1`,
        /names email 99/,
      ],
      ['an email without a place', sql`delete from email_mailboxes where mailbox_id = 1`, /lies in no mailbox/],
      ['an email without derived data', sql`delete from messages where subject = 'Hop'`, /missing or of another size/],
      ['an email without its blob row', sql`delete from blobs`, /missing or of another size/],
      ['a change not logged', sql`delete from changes where type = 'Email'`, /the log does not say so/],
      [
        'an email gone unsaid',
        sql`insert into changes (account_id, type, modseq, object_id, action) values (1, 'Email', 2, 77, 'created')`,
        /email 77 exists/,
      ],
      [
        'a mailbox gone unsaid',
        sql`insert into changes (account_id, type, modseq, object_id, action) values (1, 'Mailbox', 2, 77, 'created')`,
        /mailbox 77 exists/,
      ],
      ['a thread not logged', sql`delete from changes where type = 'Thread'`, /disagree on thread/],
      [
        'a log ahead of the account',
        sql`insert into changes (account_id, type, modseq, object_id, action) values (1, 'Identity', 999, 1, 'updated')`,
        /runs from/,
      ],
      [
        'references of no thread',
        sql`insert into thread_refs (account_id, ref, thread_id) values (1, 'x', 99)`,
        /thread 99 remain/,
      ],
      [
        'text not indexed',
        sql`delete from email_search where ${dialect === 'pg' ? sql`id = 1` : sql`rowid % 4294967296 = 1`}`,
        /email 1 is not in the search index/,
      ],
      ...(dialect === 'sqlite'
        ? ([
            [
              'marks not indexed',
              sql`delete from email_marks where rowid % 4294967296 = 1`,
              /lacks the marks of text 1/,
            ],
            [
              'marks of no text',
              sql`insert into email_marks (rowid, words) values (99, 'x')`,
              /holds marks of text 99/,
            ],
          ] as [string, SQL, RegExp][])
        : []),
      ['text not kept', sql`delete from message_texts`, /searched text of email 1 is missing/],
      [
        'text of no message',
        sql`insert into message_texts (hash, text) select 'x', text from message_texts limit 1`,
        /text of x belongs to no message/,
      ],
      ['a reach of the index', sql`update search_states set indexed_to = 99`, /reaches to email 99/],
      ['an account without a reach', sql`delete from search_states`, /reaches to email nothing/],
      ['text of no email', sql`update emails set search_id = 50 where id = 1`, /holds text 1/],
    ])('finds wrong %s', async (_, statement, sentence) => {
      const said: string[] = [];
      const unit = t.db.write(async ({ q }) => {
        await q.exec(statement);
        for await (const { finding } of violations({ db: t.db, q })) said.push(finding);
        throw new Error('rolled back');
      });
      await expect(unit).rejects.toThrow('rolled back');
      expect(said.join('\n')).toMatch(sentence);
    });
  });

  describe('on damage that stays', () => {
    beforeEach(fill);
    afterEach(() => t.dispose());

    it('finds large bytes that are gone, and, when told to look deep, bytes that changed', async () => {
      const path = join(t.folder, big.slice(0, 2), big);
      await writeFile(path, 'other');
      expect(await t.findings()).toEqual([]);
      expect(await t.findings({ deep: true })).toEqual([`-: the bytes of ${big} have changed`]);
      await unlink(path);
      expect(await t.findings()).toEqual([`-: the bytes of ${big} are missing`]);
      expect((await t.findings({ deep: true })).join()).toContain('missing');
    });

    it('mends counters, derived rows and the index, and tells clients of it', async () => {
      const since = await t.store.read(id).state('Mailbox');
      await damage(sql`update mailboxes set total_emails = 5, unread_emails = 9, uid_next = 1 where id = 1`);
      await damage(sql`update accounts set used_bytes = 1`);
      await damage(sql`delete from messages where subject = 'Hop'`);
      await damage(sql`update messages set derived_version = 0, subject = 'old'`);
      await damage(sql`delete from email_search where ${dialect === 'pg' ? sql`id = 1` : sql`rowid % 4294967296 = 1`}`);
      expect(await t.findings()).not.toEqual([]);
      expect(await mend()).toHaveLength(4);
      expect(await t.findings({ deep: true })).toEqual([]);
      expect(await mend()).toEqual([]);
      const read = t.store.read(id);
      expect((await read.emails([emailId]))[0]?.subject).toBe('Hop');
      expect(await read.query({ filter: { text: 'hop' } })).toContain(emailId);
      expect(await read.changes('Mailbox', since)).toMatchObject({ updated: [inbox], onlyCounts: true });
    });

    it('indexes anew what only the index lacks', async () => {
      await damage(sql`delete from email_search where ${dialect === 'pg' ? sql`id = 1` : sql`rowid % 4294967296 = 1`}`);
      expect(await mend()).toEqual(['email 1 was indexed anew']);
      expect(await t.findings()).toEqual([]);
    });

    it('indexes what has lost its kept text, and takes out what no email has', async () => {
      await damage(sql`insert into message_texts (hash, text) select 'x', text from message_texts limit 1`);
      await damage(sql`delete from message_texts where hash <> 'x'`);
      expect(await mend()).toEqual([
        '1 text(s) of no email were taken out of the search index',
        'email 1 was indexed anew',
        'email 2 was indexed anew',
      ]);
      await damage(sql`update emails set search_id = 50 where id = 1`);
      await damage(sql`update accounts set next_email_id = 60`);
      await damage(sql`update search_states set indexed_to = 55`);
      expect((await mend())[0]).toMatch(/taken out of the search index/);
      expect(await t.findings()).toEqual([]);
    });

    it('mends how far the index reaches', async () => {
      await damage(sql`update search_states set indexed_to = 99`);
      expect(await mend()).toEqual(['how far the search index reaches was set anew']);
      await damage(sql`delete from search_states`);
      expect(await mend()).toEqual(['how far the search index reaches was set anew']);
      expect(await t.findings()).toEqual([]);
      expect(await t.store.read(id).query({ filter: { text: 'hop' } })).toContain(emailId);
    });

    it('sweeps bytes and derived rows that no email has, after the grace, never others', async () => {
      await t.store.write(id, async (w) => void (await w.destroyEmails([emailId])));
      const hash = (await t.store.read(id).emails(await t.store.read(id).query({})))[0]!.blobHash;
      expect(await t.store.sweep(START)).toBe(0);
      expect(await t.store.sweep(START + 1)).toBe(1);
      expect(await t.blobs.sweep((hashes) => t.store.referenced(hashes), START + 1)).toBe(1);
      expect(await t.blobs.size(hash)).toBeGreaterThan(0);
      expect(await t.findings({ deep: true })).toEqual([]);
    });
  });
});

/** Damaged pieces of tables in a backup folder: all else is brought back, and what follows from it is made anew. */
import { join } from 'node:path';

import { sql, type SQL } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sha256 } from '../base/bytes.ts';
import { noise, noiseText } from '../blobs/testing/noise.ts';
import { sweep } from '../maintenance.ts';
import type { Parts } from '../parts.ts';
import { backup } from './backup.usecases.ts';
import { readSnapshot } from './snapshots.ts';
import { spoilTables } from './testing/damage.ts';
import { world, type Dialect, type Restored, type World } from './testing/installation.ts';

const HOUR = 3_600_000;

let w: World;
/** What the tables say, for a comparison. */
const asked =
  (query: SQL) =>
  async ({ db }: Parts): Promise<string[]> =>
    (await db.read.rows(query)).map((row) => row.join(' ')).sort();
const attachments = asked(sql`select message_hash, part, content_hash, name, size from message_attachments`);
const keywords = asked(sql`select account_id, keyword from account_keywords`);
const parts = asked(sql`select hash, content_hash from blob_parts`);
const content = asked(sql`select hash, size, parts from blobs`);
const accounts = asked(sql`select id, kind, status, quota_bytes from accounts`);

interface Seen {
  folder: string;
  role: string | null;
  uid: number;
  keywords: readonly string[];
  bytes: string;
}
async function mail({ mailstore, blobs }: Parts, accountId = w.people.hung.accountId): Promise<Seen[]> {
  const reader = mailstore.read(accountId);
  const found: Seen[] = [];
  for (const { id, name, role } of await reader.mailboxes())
    for (const { uid, keywords: all, blobHash } of await reader.placed(id)) {
      const bytes = sha256(await blobs.read(blobHash));
      found.push({ folder: name, role, uid, keywords: all, bytes });
    }
  return found;
}
async function findings({ mailstore, audit }: Parts): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { finding } of mailstore.check({ deep: true })) found.push(finding);
  return [...found, await audit.verify()];
}

let living: { mail: Seen[]; attachments: string[]; keywords: string[]; parts: string[]; content: string[] };

beforeAll(async () => {
  w = await world('sqlite');
  const { id } = await w.parts.mailstore.write(w.people.hung.accountId, (writer) =>
    writer.createMailbox({ name: 'Hồ sơ' }),
  );
  await w.parts.mailstore.write(w.people.hung.accountId, (writer) =>
    writer.createMailbox({ name: 'Năm 2025', parentId: id }),
  );
  const file = noise(200_000);
  for (let i = 0; i < 4; i++) await w.put(`thu-${i}`, { keywords: i % 2 ? ['$seen', 'viec-gap'] : [] });
  for (let i = 0; i < 3; i++) await w.put(`kem-tep-${i}`, { attachment: i ? file : noise(6000, 5), mailboxId: id });
  await w.put('dai', { bytes: 300_000 });
  await w.put('nhieu-chu', { attachment: Buffer.from(noiseText(150_000)) });
  const ask = async () => ({
    ...{ mail: await mail(w.parts), attachments: await attachments(w.parts), keywords: await keywords(w.parts) },
    ...{ parts: await parts(w.parts), content: await content(w.parts) },
  });
  living = await ask();
  await w.parts.mailstore.indexing.settle();
  await w.take();
  expect(living.mail).toHaveLength(9);
});
afterAll(() => w.dispose());

describe.each(['sqlite', 'pg'] as const)(
  'a restore on %s of a backup with damaged pieces of tables',
  (dialect: Dialect) => {
    /** Spoils, restores, looks, and puts the folder right again. */
    async function without(tables: string[], look: (back: Parts, restored: Restored) => Promise<void>): Promise<void> {
      const right = await spoilTables(w.backups, tables);
      try {
        const restored = await w.bringBack(dialect, { leaveOutDamaged: true, deep: false });
        const { report } = restored;
        expect(report.leftOut.map(({ table }) => table).sort()).toEqual([...tables].sort());
        expect(report).toMatchObject({ findings: [] });
        const back = await restored.open();
        try {
          await look(back, restored);
          // New mail comes, and nothing that was given out is given out again.
          const official = await back.directory.resolve(w.people.hung.address);
          if (official) {
            const message = await back.mailstore.prepare(Buffer.from(`Subject: sau ${tables.join()}\r\n\r\nx`));
            await back.mailstore.write(official.accountId, async (writer) => {
              const inbox = await writer.mailboxByRole('inbox');
              await writer.append(message, { mailboxIds: [inbox!.id], keywords: ['moi'] });
            });
          }
          const lines: string[] = [];
          for await (const { finding } of back.mailstore.repair()) lines.push(finding);
          expect([lines, await findings(back)]).toEqual([[], [undefined]]);
        } finally {
          await back.close();
        }
      } finally {
        right();
      }
    }

    it('refuses to begin, says which piece of which table it is and how much is missing, and writes nothing', async () => {
      const right = await spoilTables(w.backups, ['emails', 'officials']);
      const emails = living.mail.length;
      const failure = await w.bringBack(dialect).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'backup.table_damaged' });
      const words = (failure as Error).message;
      expect(words).toMatch(/piece 1 of 1 of table emails is damaged \([0-9a-f]{16}…/);
      expect(words).toContain(`${emails} row(s) of emails are missing by it`);
      expect(words).toContain('4 row(s) of officials are missing by it');
      expect(words).toContain('--leave-out-damaged');
      right();
    });

    it('finds all content by its own name where the table of contents is lost, with all that messages need', () =>
      without(['blobs', 'blob_parts'], async (back, { report }) => {
        expect(report.lost).toEqual([]);
        expect(await content(back)).toEqual(living.content);
        expect(await parts(back)).toEqual(living.parts);
        expect(await mail(back)).toEqual(living.mail);
      }));

    it('writes down anew what messages need, before a sweep could take it', () =>
      without(['blob_parts'], async (back) => {
        expect(await parts(back)).toEqual(living.parts);
        w.clock.advance(100 * HOUR);
        await sweep(back);
        expect(await mail(back)).toEqual(living.mail);
      }));

    it('makes accounts anew from what belongs to them', () =>
      without(['accounts'], async (back, { report }) => {
        expect(report.mended.join()).toMatch(/\d+ account\(s\) were made anew with the usual quota/);
        expect(await mail(back)).toEqual(living.mail);
        expect(await accounts(back)).toEqual(await accounts(w.parts));
      }));

    it('makes mailboxes anew: the six of every account under their names, the others under a number', () =>
      without(['mailboxes'], async (back) => {
        const seen = await mail(back);
        const renamed = living.mail.map((one) => (one.folder === 'Hồ sơ' ? { ...one, folder: 'Khôi phục 7' } : one));
        expect(seen).toEqual(renamed);
        const reader = back.mailstore.read(w.people.nhung.accountId);
        const of = w.parts.mailstore.read(w.people.nhung.accountId);
        const shown = (list: Awaited<ReturnType<typeof of.mailboxes>>) =>
          list.map(({ id, name, role, sortOrder }) => ({ id, name, role, sortOrder }));
        expect(shown(await reader.mailboxes())).toEqual(shown(await of.mailboxes()));
      }));

    it('does all three of these at once, and the whole mail is there', () =>
      without(['accounts', 'mailboxes', 'blobs'], async (back) => {
        expect((await mail(back)).map(({ bytes }) => bytes)).toEqual(living.mail.map(({ bytes }) => bytes));
      }));

    it('puts emails that lost their places into a mailbox of their own, each once', () =>
      without(['email_mailboxes'], async (back, { report }) => {
        const seen = await mail(back);
        expect(seen.map(({ bytes }) => bytes).sort()).toEqual(living.mail.map(({ bytes }) => bytes).sort());
        expect([...new Set(seen.map(({ folder }) => folder))]).toEqual([expect.stringMatching(/^Khôi phục \d{4}-/)]);
        expect(seen.map(({ uid }) => uid)).toEqual(seen.map((_, i) => i + 1));
        expect(report.mended.join()).toContain('9 email(s) that had lost their mailbox lie in');
      }));

    it('has no emails where their table is lost, says so, and leaves nothing of them hanging', () =>
      without(['emails'], async (back, { report }) => {
        expect(await mail(back)).toEqual([]);
        expect(report.mended).toEqual(
          expect.arrayContaining([
            '9 place(s) in mailboxes are empty now: their emails are lost',
            expect.stringMatching(/^9 message\(s\) are in the store that no mailbox names/),
          ]),
        );
      }));

    it('derives anew what is derived: messages, their files, keywords, searched texts', () =>
      without(['messages', 'message_attachments', 'account_keywords', 'message_texts'], async (back) => {
        expect(await mail(back)).toEqual(living.mail);
        expect(await attachments(back)).toEqual(living.attachments);
        expect(await keywords(back)).toEqual(living.keywords);
        const found = await back.mailstore.read(w.people.hung.accountId).query({ filter: { text: 'noi dung thu-3' } });
        expect(found).toHaveLength(1);
      }));

    it('derives the files of messages anew where only these are lost', () =>
      without(['message_attachments'], async (back) => {
        expect(await attachments(back)).toEqual(living.attachments);
      }));

    it('tells of the hole in the audit log there, and still notices any other', () =>
      without(['audit_log'], async (back) => {
        const rows = await back.db.read.rows(sql`select action, details from audit_log order by id`);
        expect(rows.map(([action]) => action)).toEqual(['restore.rows_left_out', 'audit.rows_lost']);
        await back.db.write((tx) => back.audit.record(tx, { actor: 'cli', action: 'x', object: 'y' }));
        const [[first] = []] = await back.db.read.rows(sql`select min(id) from audit_log`);
        const { name } = await readSnapshot(w.backups);
        const forge = (object: string) =>
          back.db.write(({ q }) => q.exec(sql`update audit_log set object = ${object} where id = ${Number(first)}`));
        await forge('z');
        expect(await back.audit.verify()).toBe(Number(first));
        await forge(`snapshot:${name}`);
      }));

    it('is the same installation still where even that was lost: the next backup goes into the same folder', () =>
      without(['facts'], async (back) => {
        const given = { folder: join(w.root, `facts-${dialect}`), version: 'test', keep: 3, months: 0 };
        expect(await backup(back, given)).toMatchObject({ missing: [], faults: [] });
        expect((await readSnapshot(given.folder)).installation).toBe((await readSnapshot(w.backups)).installation);
      }));

    it('brings the mail back also where the whole directory is lost', () =>
      without(
        ['units', 'officials', 'posts', 'addresses', 'title_mailboxes', 'credentials', 'delegates'],
        async (back) => {
          expect(await mail(back)).toEqual(living.mail);
          expect(await back.directory.resolve(w.people.hung.address)).toBeUndefined();
        },
      ));
  },
);

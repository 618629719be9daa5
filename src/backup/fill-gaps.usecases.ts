/**
 * After a restore that left damaged pieces of tables out: what other rows and the packs say of the lost ones is made anew, what hangs in
 * the air is put aside, and it is said. Nothing is invented: an email whose row is lost is not there. Each step does nothing where nothing
 * is missing.
 */
import { ROWS_LOST, type Audit } from '../audit/audit.repository.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { describeStored } from '../blobs/stored.ts';
import type { BlobHash } from '../base/ids.ts';
import type { Database } from '../db/database.ts';
import { createFactStore } from '../db/facts.ts';
import type { DirectorySettings } from '../directory/settings.ts';
import { dayOf } from '../directory/units.models.ts';
import { INSTALLATION } from '../init.ts';
import type { TableGap } from './gaps.ts';
import type { Packs } from './packs.ts';
import {
  deriveFilesAnew,
  dropEmptyPlaces,
  dropHalfQueued,
  insertAccount,
  insertContent,
  lackedContent,
  lostAccounts,
  noteKeywords,
  placeAll,
  unheldMessages,
  unknownContent,
  unplaced,
} from './repository/gaps.ts';
import { addMailbox, mailboxesAnew } from './repository/lost-mailboxes.ts';
import { storedIn } from './saved-content.ts';
import type { SnapshotFile } from './snapshots.ts';

export interface Filling {
  db: Database;
  blobs: BlobStore;
  packs: Packs;
  snapshot: SnapshotFile;
  audit: Audit;
  settings: DirectorySettings;
  /** Content that the rows named and the packs do not hold. */
  lost: ReadonlySet<string>;
}

export interface Filled {
  mended: string[];
  lost: string[];
}

export async function fillGaps(filling: Filling, gaps: readonly TableGap[]): Promise<Filled> {
  const filled: Filled = { mended: [], lost: [] };
  const lacks = (...tables: string[]) => gaps.some(({ table }) => tables.includes(table));
  if (lacks('blobs')) await contentAnew(filling, filled);
  if (lacks('blob_parts')) {
    // A sweep must not come before this: what only a recipe names would go.
    let recipes = 0;
    for await (const _ of filling.blobs.repair()) recipes++;
    say(filled, recipes, 'message(s) had what they need written down anew');
  }
  if (lacks('accounts')) await accountsAnew(filling, filled);
  await mailAnew(filling, filled, lacks);
  await restAnew(filling, filled, lacks, gaps);
  return filled;
}

const say = ({ mended }: Filled, count: number, words: string): void => {
  if (count > 0) mended.push(`${count} ${words}`);
};

/** The packs hold all content under its own name: its rows are made from what it says of itself. */
async function contentAnew({ db, blobs, packs, snapshot, lost }: Filling, filled: Filled): Promise<void> {
  let made = 0;
  const tried = new Set<string>(lost);
  // What a recipe names may be lost as well, and is found in the next round.
  for (;;) {
    const wanted = (await unknownContent(db.read)).filter((hash) => !tried.has(hash));
    if (wanted.length === 0) break;
    for (const hash of wanted) {
      tried.add(hash);
      if (await oneAnew({ db, blobs, packs, snapshot }, hash)) made++;
    }
  }
  say(filled, made, 'content(s) without a row were found in the backup by their own names');
  filled.lost.push(...(await lackedContent(db.read)).filter((hash) => !lost.has(hash)));
}

async function oneAnew(
  { db, blobs, packs, snapshot }: Pick<Filling, 'db' | 'blobs' | 'packs' | 'snapshot'>,
  hash: BlobHash,
): Promise<boolean> {
  const found = await storedIn(packs, hash);
  const said = found && describeStored(found.data);
  if (!said) return false;
  const data = found.kind === 'f' ? null : found.data;
  if (!data) await blobs.backend.put(hash, found.data);
  await db.write((tx) => insertContent(db, tx, { ...said, hash, createdAt: snapshot.takenAt, data }));
  return true;
}

async function accountsAnew({ db, settings, snapshot }: Filling, filled: Filled): Promise<void> {
  const quota = { person: settings.personQuotaMiB, unit: settings.unitQuotaMiB, title: settings.titleQuotaMiB };
  const accounts = await lostAccounts(db.read);
  await db.write(async (tx) => {
    for (const one of accounts)
      await insertAccount(db, tx, one, { quotaBytes: quota[one.kind] * 2 ** 20, createdAt: snapshot.takenAt });
  });
  say(filled, accounts.length, 'account(s) were made anew with the usual quota');
}

type Lacks = (...tables: string[]) => boolean;

async function mailAnew({ db, snapshot }: Filling, filled: Filled, lacks: Lacks): Promise<void> {
  if (lacks('accounts', 'mailboxes')) {
    const made = await db.write((tx) => mailboxesAnew(db, tx, (id) => `Khôi phục ${id}`));
    say(
      filled,
      made,
      'mailbox(es) were made anew: those of an account by their names, others as "Khôi phục" and a number',
    );
  }
  if (lacks('emails')) {
    const places = await db.write((tx) => dropEmptyPlaces(tx));
    say(filled, places, 'place(s) in mailboxes are empty now: their emails are lost');
    say(
      filled,
      await unheldMessages(db.read),
      'message(s) are in the store that no mailbox names, and go with the next sweep',
    );
  }
  if (lacks('email_mailboxes')) {
    const name = `Khôi phục ${dayOf(snapshot.takenAt)}`;
    for (const { accountId, count } of await unplaced(db.read)) {
      await db.write(async (tx) =>
        placeAll(tx, accountId, await addMailbox(db, tx, accountId, name), snapshot.takenAt),
      );
      filled.mended.push(`account ${accountId}: ${count} email(s) that had lost their mailbox lie in "${name}"`);
    }
  }
  if (lacks('account_keywords')) await db.write((tx) => noteKeywords(db, tx));
}

async function restAnew({ db, audit, snapshot }: Filling, filled: Filled, lacks: Lacks, gaps: readonly TableGap[]) {
  const of = (name: string) => gaps.find(({ table }) => table === name)?.damaged ?? [];
  const beside = of('message_attachments').flatMap(({ after, before }) => [
    after?.['message_hash'],
    before?.['message_hash'],
  ]);
  const hashes = beside.filter((hash) => typeof hash === 'string');
  if (lacks('message_attachments')) await db.write((tx) => deriveFilesAnew(tx, hashes));
  if (lacks('outbound_messages'))
    say(filled, await db.write((tx) => dropHalfQueued(tx)), 'recipient(s) in the queue lost their message');
  const facts = createFactStore(db);
  // The next backup must find that this is the same installation.
  if (lacks('facts')) await db.write((tx) => facts.put(tx, INSTALLATION, snapshot.installation));
  const tables = Object.fromEntries(gaps.map(({ table, rows }) => [table, rows]));
  await db.write(async (tx) => {
    const entry = { actor: 'cli', object: `snapshot:${snapshot.name}` };
    await audit.record(tx, { ...entry, action: 'restore.rows_left_out', details: { tables } });
    for (const { after, before } of holes(of('audit_log')))
      await audit.record(tx, { ...entry, action: ROWS_LOST, details: { after, before } });
  });
}

/** From the last row before to the first behind; pieces that are lost side by side leave one hole. */
function holes(damaged: TableGap['damaged']): { after: unknown; before: unknown }[] {
  const found: { after: unknown; before: unknown; end: number }[] = [];
  for (const { number, after, before } of damaged) {
    const last = found.at(-1);
    if (last?.end === number - 1) Object.assign(last, { before: before?.['id'] ?? null, end: number });
    else found.push({ after: after?.['id'] ?? null, before: before?.['id'] ?? null, end: number });
  }
  return found.map(({ after, before }) => ({ after, before }));
}

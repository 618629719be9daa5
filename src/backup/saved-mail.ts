/** What one account held at the moment of a snapshot. */
import { DomainError } from '../base/errors.ts';
import { DamagedBackup } from './records.ts';
import type { Packs } from './packs.ts';
import { savedRows, savedTable, type SavedRow } from './saved-rows.ts';
import type { SnapshotFile } from './snapshots.ts';

/** All that is asked of a snapshot here. */
export const MAIL_TABLES: readonly string[] = ['addresses', 'mailboxes', 'emails', 'email_mailboxes'];

export interface SavedMailbox {
  id: number;
  parentId: number | null;
  name: string;
  role: string | null;
  sortOrder: number;
}

export interface SavedEmail {
  hash: string;
  size: number;
  receivedAt: number;
  flags: number;
  keywords: string[];
  mailboxIds: number[];
}

export interface SavedMail {
  mailboxes: SavedMailbox[];
  /** In the order in which they came. */
  emails: SavedEmail[];
}

/** @throws restore.address_unknown */
export async function savedMail(packs: Packs, snapshot: SnapshotFile, address: string): Promise<SavedMail> {
  const accountId = await accountOf(packs, snapshot, address);
  const mailboxes: SavedMailbox[] = [];
  for await (const row of ofAccount(packs, snapshot, 'mailboxes', accountId))
    mailboxes.push({
      id: Number(row('id')),
      parentId: row('parent_id') === null ? null : Number(row('parent_id')),
      name: String(row('name')),
      role: row('role') === null ? null : String(row('role')),
      sortOrder: Number(row('sort_order')),
    });
  const emails = new Map<number, SavedEmail>();
  for await (const row of ofAccount(packs, snapshot, 'emails', accountId)) emails.set(Number(row('id')), emailOf(row));
  for await (const row of ofAccount(packs, snapshot, 'email_mailboxes', accountId))
    emails.get(Number(row('email_id')))?.mailboxIds.push(Number(row('mailbox_id')));
  return { mailboxes, emails: [...emails].sort(([a], [b]) => a - b).map(([, email]) => email) };
}

function emailOf(row: SavedRow): SavedEmail {
  const keywords: unknown = JSON.parse(String(row('keywords')));
  return {
    hash: String(row('blob_hash')),
    size: Number(row('size')),
    receivedAt: Number(row('received_at')),
    flags: Number(row('flags')),
    keywords: Array.isArray(keywords) ? keywords.map(String) : [],
    mailboxIds: [],
  };
}

async function accountOf(packs: Packs, snapshot: SnapshotFile, address: string): Promise<number> {
  for await (const row of savedRows(packs, tableOf(snapshot, 'addresses')))
    if (row('address') === address.toLowerCase()) return Number(row('account_id'));
  const words = `nobody had the address ${address} when ${snapshot.name} was taken`;
  throw new DomainError('notFound', 'restore.address_unknown', words);
}

/** Every table of mail begins with the account. */
const ofAccount = (packs: Packs, snapshot: SnapshotFile, name: string, accountId: number) =>
  savedRows(packs, tableOf(snapshot, name), accountId);

function tableOf(snapshot: SnapshotFile, name: string) {
  const table = savedTable(snapshot, name);
  if (!table) throw new DamagedBackup(`the backup has no table ${name}`);
  return table;
}

/** What the tables hold, to be compared: nothing of it may differ where nothing was to change. */
import { getTableColumns, getTableName, type Column, type Table } from 'drizzle-orm';

import type { AccountId } from '../../base/ids.ts';
import type { Database } from '../../db/database.ts';

const OWNED = [
  ...(['mailboxes', 'emails', 'emailMailboxes', 'accountKeywords', 'expunged', 'changes', 'searchStates'] as const),
  ...(['threadRefs', 'uploads', 'submissions'] as const),
];
/** By bytes: what of them may change. */
const SHARED = {
  messages: 'hash, size, has_document, is_signed, verdict, verdict_at, created_at',
  messageAttachments: 'message_hash, part, content_hash',
  messageTexts: 'hash',
  blobs: 'hash, size, parts, created_at, data is null as outside',
  blobParts: 'hash, content_hash',
};

type Rows = Record<string, string[]>;

/** Of these accounts, and of all that accounts share. */
export async function allRows(db: Database, accounts: readonly AccountId[]): Promise<Rows> {
  const found: Rows = {};
  const put = async (name: keyof Database['t'], columns: string, where = '') => {
    const rows = await db.read.statement(`select ${columns} from "${getTableName(db.t[name])}"${where}`, []);
    found[name] = rows.map((row) => JSON.stringify(row)).sort();
  };
  const list = accounts.join();
  await put('accounts', '*', ` where id in (${list})`);
  for (const name of OWNED) await put(name, '*', ` where account_id in (${list})`);
  for (const [name, columns] of Object.entries(SHARED)) await put(name as keyof typeof SHARED, columns);
  return found;
}

/** What two accounts that did the same have in common: all but who they are, and the names of their octets. */
const OWN = new Set(['account_id', 'blob_hash', 'hash', 'ref', 'created_at']);

export async function rowsOfAccount(db: Database, id: AccountId): Promise<Rows> {
  const found: Rows = {};
  for (const name of ['accounts', ...OWNED] as const) {
    const all: Record<string, Column> = getTableColumns<Table>(db.t[name]);
    const columns = Object.values(all).map((column) => column.name);
    const [key = '', ...rest] = name === 'accounts' ? columns : ['account_id', ...columns];
    const compared = rest.filter((column) => !OWN.has(column)).join();
    const rows = await db.read.statement(
      `select ${compared} from "${getTableName(db.t[name])}" where ${key} = ${id}`,
      [],
    );
    found[name] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return found;
}

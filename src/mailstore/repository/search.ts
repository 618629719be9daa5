/** What of a message goes into the text index, and under which id (see `searchId` in the tables). */
import { sql } from 'drizzle-orm';

import type { BlobHash, EmailId, MailboxId } from '../../base/ids.ts';
import type { Turn } from '../../base/turns.ts';
import type { Tx } from '../../db/database.ts';
import { emailIndexes, type Clause } from '../../db/email-index.ts';
import { inserter } from '../../db/prepared.ts';
import type { IndexedMessage } from '../text/indexed.ts';
import { unpackText, type KeptText } from '../text/stored-text.ts';
import { indexedTo, lockStates } from './pending.ts';
import { ask, chunks, contains, hashList, inHashes, inIds, type Scope, type Store } from './scope.ts';

export async function indexEmail(
  { db, accountId }: Scope,
  tx: Tx,
  searchId: EmailId,
  { entry }: IndexedMessage,
): Promise<void> {
  await emailIndexes[db.dialect].put(tx, accountId, searchId, entry);
}

/** What is still pending of them is in no index yet, and will not come into it: the indexer takes what some email has. */
export async function unindexEmails(scope: Scope, tx: Tx, searchIds: readonly EmailId[]): Promise<void> {
  if (searchIds.length === 0) return;
  const { db, accountId } = scope;
  await lockStates(scope, [accountId], 'wait');
  const last = await indexedTo(scope);
  await emailIndexes[db.dialect].remove(
    tx,
    accountId,
    searchIds.filter((id) => id <= last),
  );
}

const insertTexts = inserter('messageTexts', ['hash', 'text'], 'on conflict do nothing');

/** In the order of the hashes: two indexers beside each other do not lock each other out. */
export async function storeTexts({ db, q }: Store, texts: ReadonlyMap<BlobHash, IndexedMessage>): Promise<void> {
  const rows = [...texts]
    .map(([hash, { packed }]) => ({ hash, text: packed }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  await insertTexts({ db, q }, rows);
}

export async function dropTexts({ db, q }: Store, hashes: readonly BlobHash[]): Promise<void> {
  const t = db.t.messageTexts;
  for (const part of chunks(hashes)) await q.delete(t).where(inHashes(db.dialect, t.hash, part));
}

export async function textRows(store: Store, hashes: readonly BlobHash[]): Promise<Map<BlobHash, KeptText>> {
  const { dialect } = store.db;
  const text = `select hash, text from message_texts where hash ${dialect === 'sqlite' ? 'in (select value from json_each(?))' : '= any(?::text[])'}`;
  const found = new Map<BlobHash, KeptText>();
  for (const part of chunks(hashes)) {
    const rows = await ask(store, text, [hashList(dialect, part)]);
    for (const [hash, octets] of rows) found.set(String(hash) as BlobHash, unpackText(octets as Uint8Array));
  }
  return found;
}

/** Words, and their letters in reverse after "<", so that the ends of words are as quick to find as their beginnings. */
export async function addWords({ db, q }: Store, words: readonly string[]): Promise<void> {
  if (words.length === 0) return;
  const rows = JSON.stringify(words.flatMap((word) => [word, reversed(word)]).sort());
  await q.exec(
    db.dialect === 'sqlite'
      ? sql`insert into search_words (word) select value from json_each(${rows}) where true on conflict do nothing`
      : sql`insert into search_words (word) select value from json_array_elements_text(${rows}::json) on conflict do nothing`,
  );
}

export const reversed = (word: string): string => `<${[...word].reverse().join('')}`;

/** The vocabulary from `prefix` on; undefined when there are more than `most`. */
export async function wordsWith({ q }: Store, prefix: string, most: number): Promise<string[] | undefined> {
  const rows = await q.rows(
    sql`select word from search_words where word >= ${prefix} and word < ${prefix + LAST} order by word limit ${most + 1}`,
  );
  return rows.length > most ? undefined : rows.map(([word]) => String(word));
}
/** Above every character that a word has. */
const LAST = '\u{10ffff}';

/** The next stretch of the vocabulary: the words in it that contain `part`, and where the stretch ends. */
export async function wordsContaining(
  { db, q }: Store,
  part: string,
  after: string,
  stretch: number,
): Promise<{ words: string[]; end: string | undefined }> {
  const [last] = await q.rows(
    sql`select word from search_words where word > ${after} order by word limit 1 offset ${stretch - 1}`,
  );
  const reached = last === undefined ? undefined : String(last[0]);
  // Half of the vocabulary are the words in reverse, all side by side: they are passed over.
  const inReverse = reached?.startsWith('<') === true;
  const end = inReverse ? `<${LAST}` : reached;
  const at = db.dialect === 'pg' ? sql`strpos(word, ${part})` : sql`instr(word, ${part})`;
  const upTo = inReverse ? sql` and word < '<'` : end === undefined ? sql`` : sql` and word <= ${end}`;
  const rows = await q.rows(
    sql`select word from search_words where word > ${after}${upTo} and ${at} > 0 and word not like '<%'`,
  );
  return { words: rows.map(([word]) => String(word)), end };
}

/** Fields that stand folded in the row of the message, as lists show them. */
export type ShownField = 'subject' | 'from' | 'to' | 'cc' | 'bcc';

export interface Candidate {
  id: EmailId;
  hash: BlobHash;
  /** In the mailbox asked for; 0 without one. */
  uid: number;
}

export interface CandidateOptions {
  /** Only there; without it all of the account. */
  mailboxId?: MailboxId | undefined;
  /** What the field shows must have it. */
  shown?: { field: ShownField; folded: string } | undefined;
  turn: Turn;
}

/** Emails of one round trip. */
const PAGE = 1000;

/** Emails of an account, or of one mailbox of it, that meet all clauses; in the order of their coming. */
export async function textCandidates(
  scope: Scope,
  clauses: readonly Clause[],
  { turn, ...only }: CandidateOptions,
): Promise<Candidate[]> {
  const { db, q, accountId } = scope;
  const e = db.t.emails;
  const ids = db.dialect === 'sqlite' ? sql`group_concat(id)` : sql`string_agg(id::text, ',')`;
  const all = sql`(select distinct ${e.searchId} as id from ${e} where ${e.accountId} = ${accountId})`;
  const from = clauses.length === 0 ? all : emailIndexes[db.dialect].matching(accountId, clauses);
  const [[found] = []] = await q.rows(sql`select ${ids} from ${from} f`);
  const searchIds = typeof found === 'string' ? Float64Array.from(found.split(','), Number).sort() : [];
  const candidates: Candidate[] = [];
  for (let i = 0; i < searchIds.length; i += PAGE) {
    await turn();
    for (const one of await candidateRows(scope, searchIds.slice(i, i + PAGE), only)) candidates.push(one);
  }
  return candidates;
}

async function candidateRows(
  { db, q, accountId }: Scope,
  searchIds: ArrayLike<number>,
  { mailboxId, shown }: Omit<CandidateOptions, 'turn'>,
): Promise<Candidate[]> {
  const { emails: e, emailMailboxes: p, messages: m } = db.t;
  // SQLite would rather go through the whole mailbox.
  const then = sql.raw(db.dialect === 'sqlite' ? ' cross join ' : ' join ');
  const column = shown && m[`${shown.field}Text`];
  const message = column ? sql`${then}${m} on ${m.hash} = ${e.blobHash}` : sql``;
  const has = column ? sql` and ${contains(column, shown.folded)}` : sql``;
  const places =
    mailboxId === undefined
      ? sql``
      : sql`${then}${p} on ${p.accountId} = ${e.accountId} and ${p.emailId} = ${e.id} and ${p.mailboxId} = ${mailboxId}`;
  const uid = mailboxId === undefined ? sql`0` : sql`${p.uid}`;
  const rows = await q.rows(
    sql`select ${e.id} as id, ${e.blobHash} as hash, ${uid} as uid from ${e}${places}${message}
      where ${e.accountId} = ${accountId} and ${inIds(db.dialect, e.searchId, searchIds)}${has}`,
  );
  return rows.map(([id, hash, at]) => ({ id: Number(id) as EmailId, hash: String(hash) as BlobHash, uid: Number(at) }));
}

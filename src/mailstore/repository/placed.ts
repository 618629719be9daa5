/**
 * Messages of a mailbox as IMAP reads them: any number at once. The statements' text is made once for each shape, and rows come
 * as the driver gives them: over a hundred thousand messages the query builder's own work would cost more than the database's.
 */
import type { MailboxId, ModSeq } from '../../base/ids.ts';
import { isKeyword, keywordBit, normalKeyword, unpackKeywords } from '../keywords.ts';
import type { FetchNeeds, FetchRow, Placed, PlacedDetail, PlacePick } from '../types.ts';
import { storedDerived } from './derived.ts';
import { among, ask, idList, type Scope } from './scope.ts';

export interface Condition {
  /** `?` stands for each value. */
  text: string;
  values: unknown[];
}

/** Which places, of the table called `p`; flags, size and thread stand in the email, `e`. */
export function conditionOf({ db: { dialect }, accountId }: Scope, mailboxId: MailboxId, pick: PlacePick): Condition {
  const parts = ['p."account_id" = ?', 'p."mailbox_id" = ?'];
  const values: unknown[] = [accountId, mailboxId];
  const add = (text: string, ...more: unknown[]): void => {
    parts.push(text);
    values.push(...more);
  };
  if (pick.uids) {
    add(`p."uid" ${among(dialect)}`, idList(dialect, pick.uids));
  }
  if (pick.from !== undefined) add('p."uid" >= ?', pick.from);
  if (pick.to !== undefined) add('p."uid" <= ?', pick.to);
  if (pick.changedSince !== undefined) add('p."modseq" > ?', pick.changedSince);
  if (pick.deleted) add(dialect === 'sqlite' ? 'p."deleted" = 1' : 'p."deleted"');
  for (const { keyword, has } of pick.flags ?? []) {
    // Nobody can have it.
    if (!isKeyword(keyword)) {
      add(has ? '1 = 0' : '1 = 1');
      continue;
    }
    const name = normalKeyword(keyword);
    const bit = keywordBit(name);
    const inList = dialect === 'sqlite' ? 'instr(e."keywords", ?) > 0' : 'strpos(e."keywords", ?) > 0';
    const condition = bit ? `(e."flags" & ${bit}) <> 0` : inList;
    add(has ? condition : `not (${condition})`, ...(bit ? [] : [`"${name}"`]));
  }
  const limits: readonly [text: string, value: number | undefined][] = [
    ['p."received_at" >= ?', pick.received?.from],
    ['p."received_at" < ?', pick.received?.before],
    ['p."saved_at" >= ?', pick.saved?.from],
    ['p."saved_at" < ?', pick.saved?.before],
    ['e."size" > ?', pick.size?.above],
    ['e."size" < ?', pick.size?.below],
    ['p."email_id" = ?', pick.emailId],
    ['e."thread_id" = ?', pick.threadId],
  ];
  for (const [text, value] of limits) if (value !== undefined) add(text, value);
  return { text: parts.join(' and '), values };
}

export const asksEmail = (pick: PlacePick): boolean =>
  pick.flags !== undefined || pick.size !== undefined || pick.threadId !== undefined;

export const EMAILS = 'join "emails" e on e."account_id" = p."account_id" and e."id" = p."email_id"';
export const MESSAGES = 'join "messages" m on m."hash" = e."blob_hash"';
const COLUMNS =
  'p."uid", p."email_id", p."modseq", p."deleted", p."received_at", p."saved_at", e."flags", e."keywords", e."size", e."blob_hash", e."thread_id"';
/** Of the columns above. */
const COUNT = 11;

/** By flags, where there are no other keywords. */
const usual: (readonly string[])[] = [];
/** Few combinations of keywords stand in a mailbox: each is taken apart once. */
const unpacked = new Map<string, readonly string[]>();
const KEPT = 10_000;
/** Characters of one: a hundred keywords of 255 would let one mailbox fill the memory of all. */
const LONGEST_KEPT = 500;

export function keywordsOf(flags: unknown, keywords: unknown): readonly string[] {
  if (keywords === '[]') return (usual[Number(flags)] ??= unpackKeywords({ flags: Number(flags), keywords: [] }));
  const key = `${String(flags)} ${String(keywords)}`;
  let list = unpacked.get(key);
  if (!list) {
    // The checked boundary: only writeKeywords and insertEmails write these columns.
    list = unpackKeywords({ flags: Number(flags), keywords: JSON.parse(String(keywords)) as string[] });
    if (key.length > LONGEST_KEPT) return list;
    if (unpacked.size >= KEPT) unpacked.clear();
    unpacked.set(key, list);
  }
  return list;
}

function placedOf(row: readonly unknown[]): Placed {
  // As the schema types these columns; both drivers give integers as numbers.
  return {
    uid: row[0],
    emailId: row[1],
    modseq: row[2],
    deleted: Boolean(row[3]),
    receivedAt: row[4],
    savedAt: row[5],
    keywords: keywordsOf(row[6], row[7]),
    size: row[8],
    blobHash: row[9],
    threadId: row[10],
  } as Placed;
}

/** In UID order. */
export async function placedRows(scope: Scope, mailboxId: MailboxId, pick: PlacePick): Promise<Placed[]> {
  const { text, values } = conditionOf(scope, mailboxId, pick);
  const rows = await ask(
    scope,
    `select ${COLUMNS} from "email_mailboxes" p ${EMAILS} where ${text} order by p."uid"`,
    values,
  );
  return rows.map(placedOf);
}

/** In UID order, with what is asked of the derived data and nothing else of it: it is the dear part. */
export async function fetchRows(
  scope: Scope,
  mailboxId: MailboxId,
  pick: PlacePick,
  { lines, derived }: FetchNeeds,
): Promise<FetchRow[]> {
  if (!lines && !derived) return placedRows(scope, mailboxId, pick);
  const { text, values } = conditionOf(scope, mailboxId, pick);
  const more = `${lines ? ', m."imap_envelope", m."imap_body_structure"' : ''}${derived ? ', m."derived"' : ''}`;
  const rows = await ask(
    scope,
    `select ${COLUMNS}${more} from "email_mailboxes" p ${EMAILS} ${MESSAGES} where ${text} order by p."uid"`,
    values,
  );
  const column = scope.db.t.messages.derived;
  return rows.map((values) => {
    const row: FetchRow = placedOf(values);
    if (lines) {
      row.imapEnvelope = String(values[COUNT]);
      row.imapBodyStructure = String(values[COUNT + 1]);
    }
    if (derived) row.derived = storedDerived(column.mapFromDriverValue(values[values.length - 1]));
    return row;
  });
}

export async function placedDetailRows(
  scope: Scope,
  mailboxId: MailboxId,
  uids: ArrayLike<number>,
): Promise<PlacedDetail[]> {
  const rows = await fetchRows(scope, mailboxId, { uids }, { lines: true, derived: true });
  return rows.flatMap(({ derived, imapEnvelope = '', imapBodyStructure = '', ...row }) => {
    if (!derived) return [];
    const { root, summary, preview } = derived;
    return [{ ...row, imapEnvelope, imapBodyStructure, root, summary, preview }];
  });
}

export async function highestModseq(scope: Scope, mailboxId: MailboxId, pick: PlacePick): Promise<ModSeq> {
  const { text, values } = conditionOf(scope, mailboxId, pick);
  const emails = asksEmail(pick) ? EMAILS : '';
  const [[most] = []] = await ask(
    scope,
    `select max(p."modseq") from "email_mailboxes" p ${emails} where ${text}`,
    values,
  );
  return Number(most ?? 0) as ModSeq;
}

/** What EXPUNGE would take: counted in the database. */
export async function deletedTotals(scope: Scope, mailboxId: MailboxId): Promise<{ count: number; bytes: number }> {
  const { text, values } = conditionOf(scope, mailboxId, { deleted: true });
  const sums = 'count(*) as n, coalesce(sum(e."size"), 0) as bytes';
  const [[count, bytes] = []] = await ask(
    scope,
    `select ${sums} from "email_mailboxes" p ${EMAILS} where ${text}`,
    values,
  );
  return { count: Number(count), bytes: Number(bytes) };
}

/** The first UID without \Seen, looked for among the first `within` messages only. */
export async function firstUnseen(scope: Scope, mailboxId: MailboxId, within: number): Promise<number | undefined> {
  const { text, values } = conditionOf(scope, mailboxId, {});
  const first = `select p."uid" as uid, p."account_id", p."email_id" from "email_mailboxes" p where ${text} order by p."uid" limit ?`;
  const [[uid] = []] = await ask(
    scope,
    `select p.uid from (${first}) p ${EMAILS} where (e."flags" & 1) = 0 order by p.uid limit 1`,
    [...values, within],
  );
  return uid === undefined ? undefined : Number(uid);
}

export async function expungedRows(
  scope: Scope,
  mailboxId: MailboxId,
  since: ModSeq,
): Promise<{ uid: number; modseq: ModSeq }[]> {
  const rows = await ask(
    scope,
    'select "uid", "modseq" from "expunged" where "account_id" = ? and "mailbox_id" = ? and "modseq" > ? order by "uid"',
    [scope.accountId, mailboxId, since],
  );
  return rows.map(([uid, modseq]) => ({ uid: Number(uid), modseq: Number(modseq) as ModSeq }));
}

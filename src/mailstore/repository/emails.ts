import { and, asc, eq, sql } from 'drizzle-orm';

import type { BlobHash, EmailId, MailboxId, Millis, ModSeq, ThreadId } from '../../base/ids.ts';
import { inserter } from '../../db/prepared.ts';
import { unpackKeywords, type StoredKeywords } from '../keywords.ts';
import type { Email, EmailDetail } from '../types.ts';
import { storedDerived } from './derived.ts';
import { among, ask, chunks, idList, inIds, type Scope } from './scope.ts';

export interface EmailRow extends StoredKeywords {
  id: EmailId;
  blobHash: BlobHash;
  threadId: ThreadId;
  size: number;
  receivedAt: Millis;
  searchId: EmailId;
}

const insert = inserter('emails', [
  ...(['accountId', 'id', 'blobHash', 'threadId', 'size', 'receivedAt', 'flags', 'keywords'] as const),
  ...(['createdModseq', 'modseq', 'searchId'] as const),
]);

export async function insertEmails(scope: Scope, modseq: ModSeq, rows: readonly EmailRow[]): Promise<void> {
  const { accountId } = scope;
  await insert(
    scope,
    rows.map((row) => ({ ...row, accountId, createdModseq: modseq, modseq })),
  );
}

/** In id order; unknown ids are absent. */
export async function emailRows(scope: Scope, ids: readonly EmailId[]): Promise<EmailRow[]> {
  const { dialect } = scope.db;
  const columns = '"id", "blob_hash", "thread_id", "size", "received_at", "flags", "keywords", "search_id"';
  const rows = await ask(
    scope,
    `select ${columns} from "emails" where "account_id" = ? and "id" ${among(dialect)} order by "id"`,
    [scope.accountId, idList(dialect, ids)],
  );
  // As the schema types these columns; both drivers give integers as numbers.
  return rows.map(
    ([id, blobHash, threadId, size, receivedAt, flags, keywords, searchId]) =>
      ({
        ...{ id, blobHash, threadId, size, receivedAt, flags, searchId },
        keywords: keywords === '[]' ? [] : (JSON.parse(String(keywords)) as unknown),
      }) as EmailRow,
  );
}

export interface KeywordRow {
  id: EmailId;
  flags: number;
  /** As it is stored: the same keywords are the same text. */
  keywords: string;
}

/** In id order; unknown ids are absent. */
export async function keywordRows(scope: Scope, ids: readonly EmailId[]): Promise<KeywordRow[]> {
  const { dialect } = scope.db;
  const rows = await ask(
    scope,
    `select "id", "flags", "keywords" from "emails" where "account_id" = ? and "id" ${among(dialect)} order by "id"`,
    [scope.accountId, idList(dialect, ids)],
  );
  return rows.map(([id, flags, keywords]) => ({
    id: Number(id) as EmailId,
    flags: Number(flags),
    keywords: String(keywords),
  }));
}

export async function writeKeywords(
  scope: Scope,
  modseq: ModSeq,
  ids: readonly EmailId[],
  { flags, keywords }: StoredKeywords,
): Promise<void> {
  const { dialect } = scope.db;
  await ask(
    scope,
    `update "emails" set "flags" = ?, "keywords" = ?, "modseq" = ? where "account_id" = ? and "id" ${among(dialect)}`,
    [flags, JSON.stringify(keywords), modseq, scope.accountId, idList(dialect, ids)],
  );
}

export async function touchEmails({ db, q, accountId }: Scope, modseq: ModSeq, ids: readonly EmailId[]): Promise<void> {
  const e = db.t.emails;
  await q
    .update(e)
    .set({ modseq })
    .where(and(eq(e.accountId, accountId), inIds(db.dialect, e.id, ids)));
}

export async function deleteEmails({ db, q, accountId }: Scope, ids: readonly EmailId[]): Promise<void> {
  const e = db.t.emails;
  await q.delete(e).where(and(eq(e.accountId, accountId), inIds(db.dialect, e.id, ids)));
}

/** Of these search ids, the ones that some email still uses. */
export async function searchIdsInUse(
  { db, q, accountId }: Scope,
  searchIds: readonly EmailId[],
): Promise<Set<EmailId>> {
  const e = db.t.emails;
  const rows = await q
    .selectDistinct({ searchId: e.searchId })
    .from(e)
    .where(and(eq(e.accountId, accountId), inIds(db.dialect, e.searchId, searchIds)));
  return new Set(rows.map((r) => r.searchId));
}

const columns = ({ emails: e, messages: m }: Scope['db']['t']) => ({
  id: e.id,
  threadId: e.threadId,
  blobHash: e.blobHash,
  size: e.size,
  receivedAt: e.receivedAt,
  flags: e.flags,
  keywords: e.keywords,
  modseq: e.modseq,
  subject: m.subject,
  hasAttachment: m.hasAttachment,
  verdict: m.verdict,
});

async function mailboxIdsOf({ db, q, accountId }: Scope, ids: readonly EmailId[]): Promise<Map<EmailId, MailboxId[]>> {
  const p = db.t.emailMailboxes;
  const places = await q
    .select({ emailId: p.emailId, mailboxId: p.mailboxId })
    .from(p)
    .where(and(eq(p.accountId, accountId), inIds(db.dialect, p.emailId, ids)))
    .orderBy(asc(p.emailId), asc(p.mailboxId));
  const found = new Map<EmailId, MailboxId[]>();
  for (const { emailId, mailboxId } of places) {
    const list = found.get(emailId);
    if (list) list.push(mailboxId);
    else found.set(emailId, [mailboxId]);
  }
  return found;
}

type Selected = Omit<Email, 'mailboxIds' | 'keywords'> & StoredKeywords;

/** In the order asked for; unknown ids are absent. */
function assemble<R extends Selected, T>(
  ids: readonly EmailId[],
  rows: R[],
  mailboxes: Map<EmailId, MailboxId[]>,
  extra: (row: R) => T,
) {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const out: (Email & T)[] = [];
  for (const id of ids) {
    const row = byId.get(id);
    if (!row) continue;
    const { threadId, blobHash, size, receivedAt, modseq, subject, hasAttachment, verdict } = row;
    out.push({
      id,
      threadId,
      blobHash,
      size,
      receivedAt,
      keywords: unpackKeywords(row),
      mailboxIds: mailboxes.get(id) ?? [],
      modseq,
      subject,
      hasAttachment,
      verdict,
      ...extra(row),
    });
  }
  return out;
}

export async function viewEmails(scope: Scope, ids: readonly EmailId[]): Promise<Email[]> {
  const { emails: e, messages: m } = scope.db.t;
  const out: Email[] = [];
  for (const part of chunks(ids)) {
    const rows = await scope.q
      .select(columns(scope.db.t))
      .from(e)
      .innerJoin(m, eq(m.hash, e.blobHash))
      .where(and(eq(e.accountId, scope.accountId), inIds(scope.db.dialect, e.id, part)));
    out.push(...assemble(part, rows, await mailboxIdsOf(scope, part), () => ({})));
  }
  return out;
}

export async function viewEmailDetails(scope: Scope, ids: readonly EmailId[]): Promise<EmailDetail[]> {
  const { emails: e, messages: m } = scope.db.t;
  const out: EmailDetail[] = [];
  for (const part of chunks(ids)) {
    const rows = await scope.q
      .select({ ...columns(scope.db.t), derived: m.derived })
      .from(e)
      .innerJoin(m, eq(m.hash, e.blobHash))
      .where(and(eq(e.accountId, scope.accountId), inIds(scope.db.dialect, e.id, part)));
    const mailboxes = await mailboxIdsOf(scope, part);
    out.push(...assemble(part, rows, mailboxes, (row) => ({ derived: storedDerived(row.derived) })));
  }
  return out;
}

/** Whether the account has an email of these bytes: its size. */
export async function emailSizeOf({ db, q, accountId }: Scope, hash: BlobHash): Promise<number | undefined> {
  const e = db.t.emails;
  const rows = await q
    .select({ size: e.size })
    .from(e)
    .where(and(eq(e.blobHash, hash), eq(e.accountId, accountId)))
    .limit(1);
  return rows[0]?.size;
}

export async function countEmailsIn({ db, q, accountId }: Scope, mailboxId: MailboxId): Promise<number> {
  const p = db.t.emailMailboxes;
  const rows = await q
    .select({ n: sql`count(*)`.mapWith(Number) })
    .from(p)
    .where(and(eq(p.accountId, accountId), eq(p.mailboxId, mailboxId)));
  return rows[0]?.n ?? 0;
}

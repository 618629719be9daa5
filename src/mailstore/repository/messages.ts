/** The row that all accounts share for the same bytes: derived data, verdict, attachments' hashes. */
import { and, asc, eq, lt, notExists, sql } from 'drizzle-orm';

import type { AccountId, BlobHash, EmailId, Millis } from '../../base/ids.ts';
import { clean, fold } from '../../base/text.ts';
import { YOUNG } from '../../blobs/rows.ts';
import { inserter, prepared } from '../../db/prepared.ts';
import type { Schema } from '../../db/schema.ts';
import { DERIVED_VERSION } from '../../message/derive.ts';
import type { Address, DerivedMessage } from '../../message/types.ts';
import type { PreparedMessage } from '../types.ts';
import { storedDerived } from './derived.ts';
import { chunks, inHashes, type Store } from './scope.ts';
import { dropTexts } from './search.ts';

const SORT_LENGTH = 100;

const people = (list: readonly Address[]): string =>
  fold(clean(list.map(({ name, email }) => (name ? `${name} <${email}>` : email)).join(', ')));

/** RFC 8621 §4.4.2: "from" and "to" sort by the name, if there is one, else by the address. */
const sortPerson = (list: readonly Address[]): string =>
  fold(clean(list[0]?.name || list[0]?.email || '')).slice(0, SORT_LENGTH);

/** "whole" is the one verdict that counts as signed. */
const isWhole = (verdict: unknown): boolean =>
  typeof verdict === 'object' && verdict !== null && 'kind' in verdict && verdict.kind === 'whole';

/** The columns that follow from the derived data alone. */
export function derivedColumns(derived: DerivedMessage) {
  const { imapEnvelope, imapBodyStructure, ...stored } = derived;
  const { subject, from, to, cc, bcc, sentAt, messageId, inReplyTo, references } = derived.summary;
  return {
    derivedVersion: derived.version,
    sentAt,
    hasAttachment: derived.hasAttachment,
    subject: clean(subject),
    sortSubject: fold(clean(derived.baseSubject)).slice(0, SORT_LENGTH),
    sortFrom: sortPerson(from),
    sortTo: sortPerson(to),
    subjectText: fold(clean(subject)),
    fromText: people(from),
    toText: people(to),
    ccText: people(cc),
    bccText: people(bcc),
    messageIds: clean([...new Set([...messageId, ...inReplyTo, ...references])].join(' ')),
    derived: stored,
    imapEnvelope: clean(imapEnvelope),
    imapBodyStructure: clean(imapBodyStructure),
  };
}

const insert = inserter(
  'messages',
  [
    ...(['hash', 'size', 'derivedVersion', 'sentAt', 'hasAttachment', 'hasDocument', 'isSigned', 'verdictAt'] as const),
    ...(['createdAt', 'subject', 'sortSubject', 'sortFrom', 'sortTo', 'subjectText', 'fromText', 'toText'] as const),
    ...(['ccText', 'bccText', 'messageIds', 'verdict', 'derived', 'imapEnvelope', 'imapBodyStructure'] as const),
  ],
  `on conflict ("hash") do update set "created_at" = excluded."created_at"
    where "messages"."created_at" < excluded."created_at" - ${YOUNG} returning "verdict" is null`,
);
const insertAttachment = inserter(
  'messageAttachments',
  ['messageHash', 'part', 'contentHash', 'name', 'type', 'size'],
  'on conflict do nothing',
);

/**
 * Makes or renews the shared row, unless it is young. On PostgreSQL that locks it either way, so that a sweep beside us sees it in
 * use.
 * @returns whether the row was there already without the verdict that this message brings.
 */
export async function recordMessage(
  { db, q }: Store,
  message: PreparedMessage,
  now: Millis,
): Promise<{ lacksVerdict: boolean }> {
  const { blob, derived, verdict } = message;
  const row = {
    ...derivedColumns(derived),
    hash: blob.hash,
    size: blob.size,
    hasDocument: derived.attachments.some((a) => a.document !== undefined),
    isSigned: isWhole(verdict),
    verdict: verdict ?? null,
    verdictAt: verdict == null ? null : now,
    createdAt: now,
  };
  // No row comes back for one that is young.
  const [[isUnchecked] = await isUncheckedIn({ db, q }, blob.hash)] = await insert({ db, q }, [row]);
  await insertAttachments({ db, q }, blob.hash, derived);
  return { lacksVerdict: verdict != null && Boolean(isUnchecked) };
}

const known = prepared<{ hash: BlobHash }>()((q, { messages: m }, { hash }) =>
  q
    .select({ ...whatWasDerived(m), verdict: m.verdict, version: m.derivedVersion })
    .from(m)
    .where(eq(m.hash, hash)),
);

/** What was derived from these bytes before, by this release, and their verdict; undefined as well while that is awaited. */
export async function knownMessage(
  store: Store,
  hash: BlobHash,
): Promise<Pick<PreparedMessage, 'derived' | 'verdict'> | undefined> {
  const [row] = await known(store, { hash });
  if (!row || row.verdict === null || row.version !== DERIVED_VERSION) return undefined;
  return { derived: derivedOf(row), verdict: row.verdict };
}

const ageOf = prepared<{ hash: BlobHash }>()((q, { messages: m }, { hash }) =>
  q.select({ createdAt: m.createdAt }).from(m).where(eq(m.hash, hash)),
);

/** Makes it young. @returns false when it went: no sweep takes it when it is here now. */
export async function renewMessage(store: Store, hash: BlobHash, now: Millis): Promise<boolean> {
  const [row] = await ageOf(store, { hash });
  if (!row || row.createdAt >= now - YOUNG) return row !== undefined;
  const { messages: m } = store.db.t;
  await store.q.update(m).set({ createdAt: now }).where(eq(m.hash, hash));
  // On PostgreSQL a sweep beside us may have come before that.
  return (await ageOf(store, { hash })).length > 0;
}

async function isUncheckedIn({ db, q }: Store, hash: BlobHash): Promise<unknown[]> {
  const given = db.dialect === 'pg' ? '$1' : '?';
  const [row = []] = await q.statement(`select "verdict" is null from "messages" where "hash" = ${given}`, [hash]);
  return row;
}

export async function insertAttachments(
  { db, q }: Store,
  messageHash: BlobHash,
  { attachments }: DerivedMessage,
): Promise<void> {
  const rows = attachments.map(({ part: path, contentHash, name, type, size }) => ({
    messageHash,
    part: path,
    contentHash,
    name: name === null ? null : clean(name),
    type: clean(type),
    size,
  }));
  await insertAttachment({ db, q }, rows);
}

export async function storeVerdict({ db, q }: Store, hash: BlobHash, verdict: unknown, at: Millis): Promise<void> {
  const m = db.t.messages;
  await q
    .update(m)
    .set({ verdict: verdict ?? null, verdictAt: at, isSigned: isWhole(verdict) })
    .where(eq(m.hash, hash));
}

export async function storeHasDocument({ db, q }: Store, hash: BlobHash): Promise<boolean> {
  const m = db.t.messages;
  const rows = await q
    .update(m)
    .set({ hasDocument: true })
    .where(and(eq(m.hash, hash), eq(m.hasDocument, false)))
    .returning({ hash: m.hash });
  return rows.length > 0;
}

export async function holderRows(
  { db, q }: Store,
  hash: BlobHash,
): Promise<{ accountId: AccountId; emailId: EmailId }[]> {
  const e = db.t.emails;
  return q
    .select({ accountId: e.accountId, emailId: e.id })
    .from(e)
    .where(eq(e.blobHash, hash))
    .orderBy(asc(e.accountId), asc(e.id));
}

const whatWasDerived = (m: Schema['messages']) => ({
  derived: m.derived,
  imapEnvelope: m.imapEnvelope,
  imapBodyStructure: m.imapBodyStructure,
});
type DerivedColumns = Pick<DerivedMessage, 'imapEnvelope' | 'imapBodyStructure'> & { derived: unknown };

const derivedOf = ({ derived, imapEnvelope, imapBodyStructure }: DerivedColumns): Omit<DerivedMessage, 'text'> => ({
  ...storedDerived(derived),
  ...{ imapEnvelope, imapBodyStructure },
});

export async function derivedRow({ db, q }: Store, hash: BlobHash): Promise<Omit<DerivedMessage, 'text'> | undefined> {
  const m = db.t.messages;
  const [row] = await q.select(whatWasDerived(m)).from(m).where(eq(m.hash, hash));
  return row && derivedOf(row);
}

export async function verdictRows({ db, q }: Store, hashes: readonly BlobHash[]): Promise<Map<BlobHash, unknown>> {
  const m = db.t.messages;
  const found = new Map<BlobHash, unknown>();
  for (const part of chunks(hashes)) {
    const rows = await q
      .select({ hash: m.hash, verdict: m.verdict })
      .from(m)
      .where(inHashes(db.dialect, m.hash, part));
    for (const row of rows) found.set(row.hash, row.verdict);
  }
  return found;
}

/** Drops derived rows that no email has and that no append renewed since `before`. @returns how many. */
export async function sweepMessages({ db, q }: Store, before: Millis): Promise<number> {
  const { messages: m, messageAttachments: a, emails: e } = db.t;
  const gone = await q
    .delete(m)
    .where(
      and(
        lt(m.createdAt, before),
        notExists(
          q
            .select({ one: sql`1` })
            .from(e)
            .where(eq(e.blobHash, m.hash)),
        ),
      ),
    )
    .returning({ hash: m.hash });
  await dropTexts(
    { db, q },
    gone.map((r) => r.hash),
  );
  for (const part of chunks(gone)) {
    await q.delete(a).where(
      inHashes(
        db.dialect,
        a.messageHash,
        part.map((r) => r.hash),
      ),
    );
  }
  return gone.length;
}

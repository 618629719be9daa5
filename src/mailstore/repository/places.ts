/** Which email lies in which mailbox under which UID, and what has left. */
import { and, asc, eq, type SQL } from 'drizzle-orm';

import type { EmailId, MailboxId, Millis, ModSeq } from '../../base/ids.ts';
import { insertRows } from '../../db/prepared.ts';
import { chunks, inIds, type Scope } from './scope.ts';

export interface Place {
  mailboxId: MailboxId;
  uid: number;
  emailId: EmailId;
  deleted: boolean;
}
/** A place with what the counters of its mailbox need. */
export interface CountedPlace extends Place {
  flags: number;
  size: number;
  receivedAt: number;
}

export async function insertPlaces(
  scope: Scope,
  { modseq, savedAt }: { modseq: ModSeq; savedAt: Millis },
  rows: readonly (Place & { receivedAt: number })[],
): Promise<void> {
  const { accountId } = scope;
  await insertRows(
    scope,
    scope.db.t.emailMailboxes,
    rows.map(({ mailboxId, uid, emailId, deleted, receivedAt }) => ({
      accountId,
      mailboxId,
      uid,
      emailId,
      deleted,
      receivedAt,
      savedAt,
      modseq,
    })),
  );
}

async function countedPlaces({ db, q, accountId }: Scope, condition: SQL | undefined): Promise<CountedPlace[]> {
  const { emailMailboxes: p, emails: e } = db.t;
  return q
    .select({
      mailboxId: p.mailboxId,
      uid: p.uid,
      emailId: p.emailId,
      deleted: p.deleted,
      flags: e.flags,
      size: e.size,
      receivedAt: p.receivedAt,
    })
    .from(p)
    .innerJoin(e, and(eq(e.accountId, p.accountId), eq(e.id, p.emailId)))
    .where(and(eq(p.accountId, accountId), condition))
    .orderBy(asc(p.mailboxId), asc(p.uid));
}

export const placesOf = (scope: Scope, emailIds: readonly EmailId[]): Promise<CountedPlace[]> =>
  countedPlaces(scope, inIds(scope.db.dialect, scope.db.t.emailMailboxes.emailId, emailIds));

export function placesIn(
  scope: Scope,
  mailboxId: MailboxId,
  only: { uids?: ArrayLike<number> | undefined; deleted?: boolean },
): Promise<CountedPlace[]> {
  const p = scope.db.t.emailMailboxes;
  return countedPlaces(
    scope,
    and(
      eq(p.mailboxId, mailboxId),
      only.uids && inIds(scope.db.dialect, p.uid, only.uids),
      only.deleted === undefined ? undefined : eq(p.deleted, only.deleted),
    ),
  );
}

/** The places go, their UIDs stay known as gone (RFC 7162 §3.2.10 VANISHED). */
export async function deletePlaces(
  { db, q, accountId }: Scope,
  modseq: ModSeq,
  mailboxId: MailboxId,
  uids: readonly number[],
): Promise<void> {
  const { emailMailboxes: p, expunged: x } = db.t;
  await q.delete(p).where(and(eq(p.accountId, accountId), eq(p.mailboxId, mailboxId), inIds(db.dialect, p.uid, uids)));
  for (const part of chunks(uids)) {
    await q.insert(x).values(part.map((uid) => ({ accountId, mailboxId, uid, modseq })));
  }
}

export async function deleteTombstones({ db, q, accountId }: Scope, mailboxId: MailboxId): Promise<void> {
  const x = db.t.expunged;
  await q.delete(x).where(and(eq(x.accountId, accountId), eq(x.mailboxId, mailboxId)));
}

export async function touchPlaces(
  { db, q, accountId }: Scope,
  modseq: ModSeq,
  emailIds: readonly EmailId[],
): Promise<void> {
  const p = db.t.emailMailboxes;
  await q
    .update(p)
    .set({ modseq })
    .where(and(eq(p.accountId, accountId), inIds(db.dialect, p.emailId, emailIds)));
}

export async function markDeleted(
  { db, q, accountId }: Scope,
  modseq: ModSeq,
  mailboxId: MailboxId,
  uids: ArrayLike<number>,
  deleted: boolean,
): Promise<void> {
  const p = db.t.emailMailboxes;
  await q
    .update(p)
    .set({ deleted, modseq })
    .where(and(eq(p.accountId, accountId), eq(p.mailboxId, mailboxId), inIds(db.dialect, p.uid, uids)));
}

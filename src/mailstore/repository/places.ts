/** Which email lies in which mailbox under which UID, and what has left. */
import { and, eq } from 'drizzle-orm';

import type { EmailId, MailboxId, Millis, ModSeq } from '../../base/ids.ts';
import { inserter } from '../../db/prepared.ts';
import { uidsOf } from './packed-places.ts';
import { among, ask, chunks, idList, inIds, type Scope } from './scope.ts';

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

const insert = inserter('emailMailboxes', [
  'accountId',
  'mailboxId',
  'uid',
  'emailId',
  'receivedAt',
  'savedAt',
  'deleted',
  'modseq',
]);

export async function insertPlaces(
  scope: Scope,
  { modseq, savedAt }: { modseq: ModSeq; savedAt: Millis },
  rows: readonly (Place & { receivedAt: number })[],
): Promise<void> {
  const { accountId } = scope;
  await insert(
    scope,
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

/** @param condition over `p`, the places */
async function countedPlaces(scope: Scope, condition: string, values: readonly unknown[]): Promise<CountedPlace[]> {
  const rows = await ask(
    scope,
    `select p."mailbox_id", p."uid", p."email_id", p."deleted", e."flags", e."size", p."received_at"
    from "email_mailboxes" p join "emails" e on e."account_id" = p."account_id" and e."id" = p."email_id"
    where p."account_id" = ? and ${condition} order by p."mailbox_id", p."uid"`,
    [scope.accountId, ...values],
  );
  // As the schema types these columns; both drivers give integers as numbers.
  return rows.map(
    ([mailboxId, uid, emailId, deleted, flags, size, receivedAt]) =>
      ({ mailboxId, uid, emailId, deleted: Boolean(deleted), flags, size, receivedAt }) as CountedPlace,
  );
}

export function placesOf(scope: Scope, emailIds: readonly EmailId[]): Promise<CountedPlace[]> {
  const { dialect } = scope.db;
  return countedPlaces(scope, `p."email_id" ${among(dialect)}`, [idList(dialect, emailIds)]);
}

export function placesIn(
  scope: Scope,
  mailboxId: MailboxId,
  only: { uids?: ArrayLike<number> | undefined; deleted?: boolean },
): Promise<CountedPlace[]> {
  const { dialect } = scope.db;
  const conditions = ['p."mailbox_id" = ?'];
  const values: unknown[] = [mailboxId];
  if (only.uids) {
    conditions.push(`p."uid" ${among(dialect)}`);
    values.push(idList(dialect, only.uids));
  }
  if (only.deleted !== undefined) {
    const is = dialect === 'sqlite' ? 'p."deleted" = 1' : 'p."deleted"';
    conditions.push(only.deleted ? is : `not (${is})`);
  }
  return countedPlaces(scope, conditions.join(' and '), values);
}

/** Taken out or moved by one statement: some milliseconds, between which others have their turn. */
const PAGE = 1000;

/** The same in pages, in UID order; each is read when it is asked for. */
export async function* placesInPages(
  scope: Scope,
  mailboxId: MailboxId,
  only: { uids?: ArrayLike<number> | undefined; deleted?: true },
): AsyncGenerator<CountedPlace[]> {
  const uids = only.uids
    ? Uint32Array.from(only.uids).sort()
    : await uidsOf(scope, mailboxId, only.deleted ? { deleted: true } : {});
  for (let i = 0; i < uids.length; i += PAGE)
    yield await placesIn(scope, mailboxId, { ...only, uids: uids.subarray(i, i + PAGE) });
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

/** @returns where these emails lie */
export async function touchPlaces(
  scope: Scope,
  modseq: ModSeq,
  emailIds: readonly EmailId[],
): Promise<Pick<Place, 'mailboxId' | 'emailId'>[]> {
  const { dialect } = scope.db;
  const rows = await ask(
    scope,
    `update "email_mailboxes" set "modseq" = ? where "account_id" = ? and "email_id" ${among(dialect)}
    returning "mailbox_id", "email_id"`,
    [modseq, scope.accountId, idList(dialect, emailIds)],
  );
  return rows.map(([mailboxId, emailId]) => ({
    mailboxId: Number(mailboxId) as MailboxId,
    emailId: Number(emailId) as EmailId,
  }));
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

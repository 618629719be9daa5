/** Date, subject and, if wanted, the addresses and references of messages in a mailbox, without the rest of what was derived. */
import { and, asc, eq, sql } from 'drizzle-orm';

import type { MailboxId } from '../../base/ids.ts';
import type { Heading } from '../types.ts';
import { storedDerived } from './derived.ts';
import { chunks, inIds, type Scope } from './scope.ts';

/** A stranger's subject may fill a header of half a megabyte. */
const SUBJECT_LENGTH = 2000;

export async function headingRows(
  { db, q, accountId }: Scope,
  mailboxId: MailboxId,
  uids: ArrayLike<number>,
  withSummary: boolean,
): Promise<Heading[]> {
  const { emailMailboxes: p, emails: e, messages: m } = db.t;
  const found: Heading[] = [];
  for (const part of chunks(Array.from(uids))) {
    const rows = await q
      .select({
        uid: p.uid,
        sentAt: m.sentAt,
        subject: sql<string>`substr(${m.subject}, 1, ${sql.raw(String(SUBJECT_LENGTH))})`,
        derived: withSummary ? m.derived : sql<null>`null`,
      })
      .from(p)
      .innerJoin(e, and(eq(e.accountId, p.accountId), eq(e.id, p.emailId)))
      .innerJoin(m, eq(m.hash, e.blobHash))
      .where(and(eq(p.accountId, accountId), eq(p.mailboxId, mailboxId), inIds(db.dialect, p.uid, part)))
      .orderBy(asc(p.uid));
    for (const { derived, ...row } of rows)
      found.push({ ...row, ...(withSummary && { summary: storedDerived(derived).summary }) });
  }
  return found;
}

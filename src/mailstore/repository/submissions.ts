import { and, asc, desc, eq, gte } from 'drizzle-orm';

import type { BlobHash, EmailId, MailboxId, Millis, SubmissionId } from '../../base/ids.ts';
import type { Submission } from '../types.ts';
import { inIds, type Scope } from './scope.ts';

export async function submissionRows(
  { db, q, accountId }: Scope,
  ids?: readonly SubmissionId[],
): Promise<Submission[]> {
  const s = db.t.submissions;
  const rows = await q
    .select()
    .from(s)
    .where(and(eq(s.accountId, accountId), ids && inIds(db.dialect, s.id, ids)))
    .orderBy(asc(s.id));
  // The checked boundary: only `insertSubmission` writes the envelope.
  return rows.map(({ accountId: _, envelope, ...row }) => ({ ...row, envelope: envelope as Submission['envelope'] }));
}

/** What was handed in since then and lies in this mailbox; of the newest fifty. */
export async function submittedSince(
  { db, q, accountId }: Scope,
  mailboxId: MailboxId,
  since: Millis,
): Promise<{ emailId: EmailId; uid: number; hash: BlobHash }[]> {
  const { submissions: s, emails: e, emailMailboxes: p } = db.t;
  return q
    .select({ emailId: e.id, uid: p.uid, hash: e.blobHash })
    .from(s)
    .innerJoin(e, and(eq(e.accountId, s.accountId), eq(e.id, s.emailId)))
    .innerJoin(p, and(eq(p.accountId, s.accountId), eq(p.mailboxId, mailboxId), eq(p.emailId, s.emailId)))
    .where(and(eq(s.accountId, accountId), gte(s.sendAt, since)))
    .orderBy(desc(s.id))
    .limit(50);
}

export async function insertSubmission({ db, q, accountId }: Scope, submission: Submission): Promise<void> {
  await q.insert(db.t.submissions).values({ ...submission, accountId });
}

export async function updateSubmissionRow(
  { db, q, accountId }: Scope,
  id: SubmissionId,
  change: Partial<Pick<Submission, 'undoStatus' | 'outboundId'>>,
): Promise<boolean> {
  const s = db.t.submissions;
  const rows = await q
    .update(s)
    .set(change)
    .where(and(eq(s.accountId, accountId), eq(s.id, id)))
    .returning({ id: s.id });
  return rows.length > 0;
}

export async function deleteSubmissionRow({ db, q, accountId }: Scope, id: SubmissionId): Promise<boolean> {
  const s = db.t.submissions;
  const rows = await q
    .delete(s)
    .where(and(eq(s.accountId, accountId), eq(s.id, id)))
    .returning({ id: s.id });
  return rows.length > 0;
}

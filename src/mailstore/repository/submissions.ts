import { and, asc, eq } from 'drizzle-orm';

import type { SubmissionId } from '../../base/ids.ts';
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

import { and, eq, gt, lte } from 'drizzle-orm';

import type { BlobHash, Millis } from '../../base/ids.ts';
import { chunks, inHashes, type Scope, type Store } from './scope.ts';

export async function insertUpload(
  { db, q, accountId }: Scope,
  upload: { hash: BlobHash; type: string; size: number; expiresAt: Millis },
): Promise<void> {
  const u = db.t.uploads;
  const { type, expiresAt } = upload;
  await q
    .insert(u)
    .values({ accountId, ...upload })
    .onConflictDoUpdate({ target: [u.accountId, u.hash], set: { type, expiresAt } });
}

export async function uploadRow(
  { db, q, accountId }: Scope,
  hash: BlobHash,
  now: Millis,
): Promise<{ type: string; size: number } | undefined> {
  const u = db.t.uploads;
  const rows = await q
    .select({ type: u.type, size: u.size })
    .from(u)
    .where(and(eq(u.accountId, accountId), eq(u.hash, hash), gt(u.expiresAt, now)));
  return rows[0];
}

export async function deleteExpiredUploads({ db, q }: Store, now: Millis): Promise<void> {
  await q.delete(db.t.uploads).where(lte(db.t.uploads.expiresAt, now));
}

/** Which of these bytes an email, an upload that still holds, or a derived row names. */
export async function blobsInUse({ db, q }: Store, hashes: readonly BlobHash[], now: Millis): Promise<Set<BlobHash>> {
  const { emails: e, uploads: u, messages: m } = db.t;
  const used = new Set<BlobHash>();
  for (const part of chunks(hashes)) {
    const inEmails = await q
      .selectDistinct({ hash: e.blobHash })
      .from(e)
      .where(inHashes(db.dialect, e.blobHash, part));
    // A derived row may be older than its first email's commit and younger than its last email; it goes first.
    const derived = await q
      .select({ hash: m.hash })
      .from(m)
      .where(inHashes(db.dialect, m.hash, part));
    const uploaded = await q
      .selectDistinct({ hash: u.hash })
      .from(u)
      .where(and(inHashes(db.dialect, u.hash, part), gt(u.expiresAt, now)));
    for (const { hash } of [...inEmails, ...derived, ...uploaded]) used.add(hash);
  }
  return used;
}

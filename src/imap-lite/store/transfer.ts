/**
 * COPY and MOVE. Within an account the store does it; between accounts the bytes are prepared once more for the other
 * account and both sides change in one unit of work, so that nothing is lost or doubled by a crash.
 */
import type { AccountId } from '../../base/ids.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import type { AccountWriter, Mailstore, Placed, PreparedMessage } from '../../mailstore/types.ts';
import { no } from '../errors.ts';
import type { MailboxRef, Tell, Transferred } from '../store.ts';
import type { Uids } from '../uids.ts';

export interface TransferParts {
  mailstore: Mailstore;
  blobs: BlobStore;
  /** Most messages from one account into another in one command. */
  acrossAccounts: number;
  /** Hears how many are prepared. */
  tell: Tell;
}

/** Copied by one statement: others have their turn between them. All of them are one unit of work. */
const AT_ONCE = 1000;

const withValidity = async (
  writer: AccountWriter,
  to: MailboxRef,
  pairs: Transferred['pairs'],
): Promise<Transferred> => {
  const uidValidity = await writer.uidValidity(to.mailboxId);
  return { uidValidity: uidValidity ?? 0, pairs };
};

export async function copy(parts: TransferParts, from: MailboxRef, uids: Uids, to: MailboxRef): Promise<Transferred> {
  if (from.accountId !== to.accountId) return across(parts, from, uids, to, false);
  return parts.mailstore.write(from.accountId, async (writer) => {
    const pairs: Transferred['pairs'] = [];
    for (let i = 0; i < uids.length; i += AT_ONCE) {
      const rows = await writer.placed(from.mailboxId, { uids: uids.subarray(i, i + AT_ONCE) });
      const copies = await writer.copy(
        rows.map((r) => r.emailId),
        to.mailboxId,
      );
      for (const [n, copy] of copies.entries())
        pairs.push({ uid: rows[n]?.uid ?? 0, newUid: copy.uids.get(to.mailboxId) ?? 0 });
    }
    return withValidity(writer, to, pairs);
  });
}

export async function move(parts: TransferParts, from: MailboxRef, uids: Uids, to: MailboxRef): Promise<Transferred> {
  if (from.accountId !== to.accountId) return across(parts, from, uids, to, true);
  return parts.mailstore.write(from.accountId, async (writer) => {
    const pairs = await writer.move(from.mailboxId, uids, to.mailboxId);
    return withValidity(writer, to, pairs);
  });
}

async function across(
  parts: TransferParts,
  from: MailboxRef,
  uids: Uids,
  to: MailboxRef,
  takeOut: boolean,
): Promise<Transferred> {
  const { mailstore, blobs, acrossAccounts } = parts;
  if (uids.length > acrossAccounts)
    throw no(`at most ${acrossAccounts} messages at once into another account`, 'LIMIT');
  const before = await mailstore.read(from.accountId).placed(from.mailboxId, { uids });
  const prepared = new Map<string, PreparedMessage>();
  for (const [done, { blobHash }] of before.entries()) {
    await parts.tell(done);
    if (!prepared.has(blobHash)) prepared.set(blobHash, await mailstore.prepare(await blobs.read(blobHash)));
  }
  return inBoth(mailstore, from.accountId, to.accountId, async (source, target) => {
    // Read again inside the unit: flags as they are now, and only what is still there.
    const rows = await source.placed(from.mailboxId, { uids });
    const pairs = await appendAll(target, rows, prepared, to);
    if (takeOut) {
      const gone = pairs.map((p) => p.uid);
      await source.setDeleted(from.mailboxId, gone, true);
      await source.expunge(from.mailboxId, gone);
    }
    return withValidity(target, to, pairs);
  });
}

async function appendAll(
  target: AccountWriter,
  rows: readonly Placed[],
  prepared: ReadonlyMap<string, PreparedMessage>,
  to: MailboxRef,
): Promise<Transferred['pairs']> {
  const pairs: Transferred['pairs'] = [];
  for (const row of rows) {
    const message = prepared.get(row.blobHash);
    if (!message) continue;
    const { uids } = await target.append(message, {
      mailboxIds: [to.mailboxId],
      keywords: row.keywords,
      receivedAt: row.receivedAt,
    });
    pairs.push({ uid: row.uid, newUid: uids.get(to.mailboxId) ?? 0 });
  }
  return pairs;
}

/** Accounts are always locked in ascending order (src/mailstore/types.ts, writerIn). */
async function inBoth<T>(
  mailstore: Mailstore,
  a: AccountId,
  b: AccountId,
  work: (a: AccountWriter, b: AccountWriter) => Promise<T>,
): Promise<T> {
  const [first, second] = a < b ? [a, b] : [b, a];
  return mailstore.write(first, async (one) => {
    const two = await mailstore.writerIn(one.tx, second);
    return a < b ? work(one, two) : work(two, one);
  });
}

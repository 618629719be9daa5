/** Emails that go: destroyed as a whole, or with their last place. */
import type { EmailId, MailboxId, ThreadId } from '../base/ids.ts';
import { requireMailboxes } from './append.ts';
import { removePlaces } from './membership.ts';
import { deleteEmails, emailRows, searchIdsInUse, touchEmails, type EmailRow } from './repository/emails.ts';
import { placesIn, placesOf, type CountedPlace } from './repository/places.ts';
import { unindexEmails } from './repository/search.ts';
import { deleteThreadRefs, threadEmails } from './repository/threads.ts';
import type { Unit } from './unit.ts';

/** @returns those that existed. */
export async function destroyEmails(unit: Unit, emailIds: readonly EmailId[]): Promise<EmailId[]> {
  const rows = await emailRows(unit.scope, emailIds);
  if (rows.length === 0) return [];
  const ids = rows.map((r) => r.id);
  await removePlaces(unit, await placesOf(unit.scope, ids));
  await erase(unit, rows);
  await unit.flush();
  return ids;
}

/** RFC 9051 §6.4.3, RFC 4315 UID EXPUNGE. @returns the UIDs gone. */
export async function expunge(
  unit: Unit,
  mailboxId: MailboxId,
  uids: ArrayLike<number> | undefined,
): Promise<number[]> {
  await requireMailboxes(unit, [mailboxId]);
  const places = await placesIn(unit.scope, mailboxId, { uids, deleted: true });
  await takeOut(unit, places);
  await unit.flush();
  return places.map((p) => p.uid);
}

/** Takes places out; emails without another place are destroyed, the others updated. */
export async function takeOut(unit: Unit, places: readonly CountedPlace[]): Promise<void> {
  if (places.length === 0) return;
  await removePlaces(unit, places);
  const ids = [...new Set(places.map((p) => p.emailId))];
  const staying = new Set((await placesOf(unit.scope, ids)).map((p) => p.emailId));
  if (staying.size > 0) {
    await touchEmails(unit.scope, unit.modseq(), [...staying]);
    for (const id of staying) unit.log('Email', id, 'updated');
  }
  const leaving = ids.filter((id) => !staying.has(id));
  if (leaving.length > 0) await erase(unit, await emailRows(unit.scope, leaving));
}

async function erase(unit: Unit, rows: readonly EmailRow[]): Promise<void> {
  const { scope } = unit;
  await deleteEmails(
    scope,
    rows.map((r) => r.id),
  );
  unit.store(-rows.length, -rows.reduce((sum, r) => sum + r.size, 0));
  for (const { id } of rows) unit.log('Email', id, 'destroyed');
  const searchIds = [...new Set(rows.map((r) => r.searchId))];
  const used = await searchIdsInUse(scope, searchIds);
  await unindexEmails(
    scope,
    unit.tx,
    searchIds.filter((id) => !used.has(id)),
  );
  await settleThreads(unit, [...new Set(rows.map((r) => r.threadId))]);
}

/** RFC 8621 §3.2: a thread goes with its last email, and its references with it; a later answer starts a new one. */
async function settleThreads(unit: Unit, threadIds: readonly ThreadId[]): Promise<void> {
  const left = await threadEmails(unit.scope, threadIds);
  const gone = threadIds.filter((id) => !left.has(id));
  if (gone.length > 0) await deleteThreadRefs(unit.scope, gone);
  for (const id of threadIds) unit.log('Thread', id, left.has(id) ? 'updated' : 'destroyed');
}

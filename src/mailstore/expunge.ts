/** Emails that go: destroyed as a whole, or with their last place. */
import type { EmailId, MailboxId, ThreadId } from '../base/ids.ts';
import { requireMailboxes } from './append.ts';
import { removePlaces } from './membership.ts';
import { deleteEmails, emailRows, searchIdsInUse, touchEmails, type EmailRow } from './repository/emails.ts';
import { placesInPages, placesOf, type CountedPlace } from './repository/places.ts';
import { unindexEmails } from './repository/search.ts';
import { chunks } from './repository/scope.ts';
import { deleteThreadRefs, threadsWithEmail } from './repository/threads.ts';
import type { Unit } from './unit.ts';

/** Looked at by one statement. */
const THREADS = 5000;

/** @returns those that existed. */
export async function destroyEmails(unit: Unit, emailIds: readonly EmailId[]): Promise<EmailId[]> {
  const rows = await emailRows(unit.scope, emailIds);
  if (rows.length === 0) return [];
  const ids = rows.map((r) => r.id);
  await removePlaces(unit, await placesOf(unit.scope, ids));
  await erase(unit, rows);
  await settleThreads(unit, new Set(rows.map((r) => r.threadId)));
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
  const gone = await takeOut(unit, placesInPages(unit.scope, mailboxId, { uids, deleted: true }));
  await unit.flush();
  return gone;
}

/** Takes places out; emails without another place are destroyed, the others updated. @returns their UIDs */
export async function takeOut(unit: Unit, pages: AsyncIterable<readonly CountedPlace[]>): Promise<number[]> {
  const gone: number[] = [];
  const threads = new Set<ThreadId>();
  for await (const places of pages) {
    for (const threadId of await takeSome(unit, places)) threads.add(threadId);
    for (const { uid } of places) gone.push(uid);
  }
  await settleThreads(unit, threads);
  return gone;
}

/** @returns the threads of those that were destroyed */
async function takeSome(unit: Unit, places: readonly CountedPlace[]): Promise<ThreadId[]> {
  if (places.length === 0) return [];
  await removePlaces(unit, places);
  const ids = [...new Set(places.map((p) => p.emailId))];
  const staying = new Set((await placesOf(unit.scope, ids)).map((p) => p.emailId));
  if (staying.size > 0) {
    await touchEmails(unit.scope, unit.modseq(), [...staying]);
    for (const id of staying) unit.log('Email', id, 'updated');
  }
  const leaving = ids.filter((id) => !staying.has(id));
  if (leaving.length === 0) return [];
  const rows = await emailRows(unit.scope, leaving);
  await erase(unit, rows);
  return rows.map((r) => r.threadId);
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
}

/** RFC 8621 §3.2: a thread goes with its last email, and its references with it; a later answer starts a new one. */
async function settleThreads(unit: Unit, threadIds: ReadonlySet<ThreadId>): Promise<void> {
  for (const some of chunks([...threadIds], THREADS)) {
    const left = await threadsWithEmail(unit.scope, some);
    const gone = some.filter((id) => !left.has(id));
    if (gone.length > 0) await deleteThreadRefs(unit.scope, gone);
    for (const id of some) unit.log('Thread', id, left.has(id) ? 'updated' : 'destroyed');
  }
}

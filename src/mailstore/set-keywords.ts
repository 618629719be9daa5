/** Keywords of emails, and \Deleted of places. */
import type { EmailId, MailboxId } from '../base/ids.ts';
import { mailboxNotFound } from './errors.ts';
import { isUnread, keywordPatcher, sameKeywords, type KeywordPatch, type StoredKeywords } from './keywords.ts';
import { noteKeywords } from './repository/account-keywords.ts';
import { emailRows, writeKeywords, type EmailRow } from './repository/emails.ts';
import { mailboxRows } from './repository/mailboxes.ts';
import { markDeleted, placesIn, placesOf, touchPlaces } from './repository/places.ts';
import type { Unit } from './unit.ts';

/** @returns the emails that really changed. */
export async function setKeywords(unit: Unit, emailIds: readonly EmailId[], patch: KeywordPatch): Promise<EmailId[]> {
  const apply = keywordPatcher(patch);
  const changed: { row: EmailRow; after: StoredKeywords }[] = [];
  for (const row of await emailRows(unit.scope, emailIds)) {
    const after = apply(row);
    if (!sameKeywords(row, after)) changed.push({ row, after });
  }
  if (changed.length === 0) return [];
  const modseq = unit.modseq();
  const fresh = new Set<string>();
  for (const { ids, after } of groups(changed)) {
    await writeKeywords(unit.scope, modseq, ids, after);
    for (const keyword of after.keywords) fresh.add(keyword);
  }
  await noteKeywords(unit.scope, fresh);

  const ids = changed.map(({ row }) => row.id);
  await touchPlaces(unit.scope, modseq, ids);
  const unreadBy = new Map(
    changed.map(({ row, after }) => [row.id, Number(isUnread(after.flags)) - Number(isUnread(row.flags))]),
  );
  for (const { mailboxId, emailId } of await placesOf(unit.scope, ids)) {
    const unread = unreadBy.get(emailId) ?? 0;
    unit.count(mailboxId, { total: 0, unread, bytes: 0 });
    if (unread !== 0) unit.log('Mailbox', mailboxId, 'counts');
  }
  for (const id of ids) unit.log('Email', id, 'updated');
  await unit.flush();
  return ids;
}

/** Emails that end with the same keywords are written together. */
function groups(
  changed: readonly { row: EmailRow; after: StoredKeywords }[],
): Iterable<{ ids: EmailId[]; after: StoredKeywords }> {
  const byResult = new Map<string, { ids: EmailId[]; after: StoredKeywords }>();
  for (const { row, after } of changed) {
    const key = `${after.flags} ${after.keywords.join(' ')}`;
    const group = byResult.get(key);
    if (group) group.ids.push(row.id);
    else byResult.set(key, { ids: [row.id], after });
  }
  return byResult.values();
}

/** No JMAP object shows \Deleted, so the log stays as it is; only mod-sequences move. */
export async function setDeleted(
  unit: Unit,
  mailboxId: MailboxId,
  uids: ArrayLike<number>,
  deleted: boolean,
): Promise<void> {
  if ((await mailboxRows(unit.scope, [mailboxId])).length === 0) throw mailboxNotFound(mailboxId);
  const places = await placesIn(unit.scope, mailboxId, { uids, deleted: !deleted });
  if (places.length === 0) return;
  await markDeleted(
    unit.scope,
    unit.modseq(),
    mailboxId,
    places.map((p) => p.uid),
    deleted,
  );
  unit.count(mailboxId, { total: 0, unread: 0, bytes: 0 });
  await unit.flush();
}

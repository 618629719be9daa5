/** Keywords of emails, and \Deleted of places. */
import type { EmailId, MailboxId } from '../base/ids.ts';
import { mailboxNotFound } from './errors.ts';
import { isUnread, keywordPatcher, sameKeywords, type KeywordPatch, type StoredKeywords } from './keywords.ts';
import { noteKeywords } from './repository/account-keywords.ts';
import { keywordRows, writeKeywords, type KeywordRow } from './repository/emails.ts';
import { mailboxRows } from './repository/mailboxes.ts';
import { markDeleted, placesIn, touchPlaces } from './repository/places.ts';
import type { Unit } from './unit.ts';

/** Emails that begin and end with the same keywords: few kinds, however many they are. */
interface Kind {
  readonly ids: EmailId[];
  readonly after: StoredKeywords;
  readonly changes: boolean;
  /** What one of them adds to the unread of its mailboxes. */
  readonly unread: number;
}

/** @returns the emails that really changed. */
export async function setKeywords(unit: Unit, emailIds: readonly EmailId[], patch: KeywordPatch): Promise<EmailId[]> {
  const kinds = kindsOf(await keywordRows(unit.scope, emailIds), keywordPatcher(patch)).filter((kind) => kind.changes);
  if (kinds.length === 0) return [];
  const modseq = unit.modseq();
  const fresh = new Set<string>();
  const unreadBy = new Map<EmailId, number>();
  for (const { ids, after, unread } of kinds) {
    await writeKeywords(unit.scope, modseq, ids, after);
    for (const keyword of after.keywords) fresh.add(keyword);
    for (const id of ids) unreadBy.set(id, unread);
  }
  await noteKeywords(unit.scope, fresh);

  const ids = [...unreadBy.keys()].sort((a, b) => a - b);
  const unreadIn = new Map<MailboxId, { unread: number; moved: boolean }>();
  for (const { mailboxId, emailId } of await touchPlaces(unit.scope, modseq, ids)) {
    const unread = unreadBy.get(emailId) ?? 0;
    const sum = unreadIn.get(mailboxId) ?? { unread: 0, moved: false };
    unreadIn.set(mailboxId, { unread: sum.unread + unread, moved: sum.moved || unread !== 0 });
  }
  for (const [mailboxId, { unread, moved }] of unreadIn) {
    unit.count(mailboxId, { total: 0, unread, bytes: 0 });
    if (moved) unit.log('Mailbox', mailboxId, 'counts');
  }
  for (const id of ids) unit.log('Email', id, 'updated');
  await unit.flush();
  return ids;
}

function kindsOf(rows: readonly KeywordRow[], apply: (now: StoredKeywords) => StoredKeywords): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const { id, flags, keywords } of rows) {
    const key = `${flags} ${keywords}`;
    const known = kinds.get(key);
    if (known) known.ids.push(id);
    else {
      // The checked boundary: only writeKeywords and insertEmails write this column.
      const now = { flags, keywords: JSON.parse(keywords) as string[] };
      const after = apply(now);
      const unread = Number(isUnread(after.flags)) - Number(isUnread(flags));
      kinds.set(key, { ids: [id], after, changes: !sameKeywords(now, after), unread });
    }
  }
  return [...kinds.values()];
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

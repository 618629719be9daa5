/** Where an email lies: the places that come and go. A UID is given once and never again. */
import type { EmailId, MailboxId, Millis } from '../base/ids.ts';
import { requireMailboxes } from './append.ts';
import { emailNotFound, noMailbox } from './errors.ts';
import { isUnread } from './keywords.ts';
import { emailRows, touchEmails } from './repository/emails.ts';
import { deletePlaces, insertPlaces, placesInPages, placesOf, type CountedPlace } from './repository/places.ts';
import type { Unit } from './unit.ts';

const weigh = (places: readonly Pick<CountedPlace, 'flags' | 'size'>[]) => ({
  total: places.length,
  unread: places.filter((p) => isUnread(p.flags)).length,
  bytes: places.reduce((sum, p) => sum + p.size, 0),
});

/** Takes places out: tombstones, counters. What becomes of the emails is the caller's matter. */
export async function removePlaces(unit: Unit, places: readonly CountedPlace[]): Promise<void> {
  const byMailbox = new Map<MailboxId, CountedPlace[]>();
  for (const place of places) {
    const list = byMailbox.get(place.mailboxId);
    if (list) list.push(place);
    else byMailbox.set(place.mailboxId, [place]);
  }
  for (const [mailboxId, list] of byMailbox) {
    await deletePlaces(
      unit.scope,
      unit.modseq(),
      mailboxId,
      list.map((p) => p.uid),
    );
    const { total, unread, bytes } = weigh(list);
    unit.count(mailboxId, { total: -total, unread: -unread, bytes: -bytes });
    unit.log('Mailbox', mailboxId, 'counts');
  }
}

type Coming = Pick<CountedPlace, 'emailId' | 'flags' | 'size' | 'receivedAt'>;

/** New places in one mailbox, which must exist, in the order given. @returns the first UID. */
async function addPlaces(
  unit: Unit,
  mailboxId: MailboxId,
  coming: readonly Coming[],
  savedAt: Millis,
): Promise<number> {
  const first = await unit.takeUids(mailboxId, coming.length, weigh(coming));
  if (first === undefined) throw new Error('the mailbox went while its account was locked');
  await insertPlaces(
    unit.scope,
    { modseq: unit.modseq(), savedAt },
    // \Deleted belongs to the place that was left; it does not come along.
    coming.map(({ emailId, receivedAt }, i) => ({ mailboxId, uid: first + i, emailId, deleted: false, receivedAt })),
  );
  unit.log('Mailbox', mailboxId, 'counts');
  return first;
}

/** @returns the UIDs in the mailboxes that are new to the email. */
export async function setMailboxes(
  unit: Unit,
  emailId: EmailId,
  mailboxIds: readonly MailboxId[],
  now: Millis,
): Promise<Map<MailboxId, number>> {
  const wanted = new Set(mailboxIds);
  if (wanted.size === 0) throw noMailbox();
  const [email] = await emailRows(unit.scope, [emailId]);
  if (!email) throw emailNotFound(emailId);
  await requireMailboxes(unit, [...wanted]);
  const places = await placesOf(unit.scope, [emailId]);
  const leaving = places.filter((p) => !wanted.has(p.mailboxId));
  const coming = [...wanted].filter((id) => !places.some((p) => p.mailboxId === id));
  const uids = new Map<MailboxId, number>();
  if (leaving.length === 0 && coming.length === 0) return uids;
  await removePlaces(unit, leaving);
  for (const mailboxId of coming) uids.set(mailboxId, await addPlaces(unit, mailboxId, [{ ...email, emailId }], now));
  await touchEmails(unit.scope, unit.modseq(), [emailId]);
  unit.log('Email', emailId, 'updated');
  await unit.flush();
  return uids;
}

/** RFC 6851 MOVE. An email that lies in `to` already only leaves `from`; its UID there is returned. */
export async function move(
  unit: Unit,
  from: MailboxId,
  uids: ArrayLike<number>,
  to: MailboxId,
  now: Millis,
): Promise<{ uid: number; newUid: number }[]> {
  await requireMailboxes(unit, [from, to]);
  const pairs: { uid: number; newUid: number }[] = [];
  for await (const places of placesInPages(unit.scope, from, { uids }))
    for (const pair of await moveSome(unit, { from, to, now }, places)) pairs.push(pair);
  await unit.flush();
  return pairs;
}

async function moveSome(
  unit: Unit,
  { from, to, now }: { from: MailboxId; to: MailboxId; now: Millis },
  places: readonly CountedPlace[],
): Promise<{ uid: number; newUid: number }[]> {
  if (places.length === 0) return [];
  const ids = places.map((p) => p.emailId);
  // Into the same mailbox, the message takes a new UID there (RFC 6851 §3.3).
  const there = from === to ? [] : (await placesOf(unit.scope, ids)).filter((p) => p.mailboxId === to);
  const newUids = new Map(there.map((p) => [p.emailId, p.uid]));
  await removePlaces(unit, places);
  const coming = places.filter((p) => !newUids.has(p.emailId));
  if (coming.length > 0) {
    const first = await addPlaces(unit, to, coming, now);
    coming.forEach(({ emailId }, i) => newUids.set(emailId, first + i));
  }
  await touchEmails(unit.scope, unit.modseq(), ids);
  // Within one mailbox nothing that JMAP shows has changed but the order of UIDs; the email is told as updated all the same.
  for (const id of ids) unit.log('Email', id, 'updated');
  return places.map(({ uid, emailId }) => ({ uid, newUid: newUids.get(emailId) ?? uid }));
}

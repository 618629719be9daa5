/** Mailboxes: made, changed, destroyed. */
import { DomainError } from '../base/errors.ts';
import type { MailboxId, Millis } from '../base/ids.ts';
import { mailboxNotFound } from './errors.ts';
import { takeOut } from './expunge.ts';
import { checkPlace, mailboxName, MAX_MAILBOXES, roleMailboxes } from './names.ts';
import type { MailstoreParts } from './parts.ts';
import { deleteMailboxRow, insertMailboxes, mailboxRows, updateMailboxRow } from './repository/mailboxes.ts';
import { deleteTombstones, placesInPages } from './repository/places.ts';
import type { AccountWriter, Mailbox, MailboxRole } from './types.ts';
import type { Unit } from './unit.ts';

type NewMailbox = Parameters<AccountWriter['createMailbox']>[0];
type MailboxChange = Parameters<AccountWriter['updateMailbox']>[1];

const hasRole = (): DomainError =>
  new DomainError('forbidden', 'mail.mailbox_has_role', 'this mailbox is needed by the account');

function fresh(
  unit: Unit,
  now: Millis,
  given: Pick<Mailbox, 'parentId' | 'name' | 'role' | 'sortOrder' | 'isSubscribed'>,
): Mailbox {
  return {
    ...given,
    id: unit.takeMailboxId(),
    uidValidity: unit.takeUidValidity(now),
    uidNext: 1,
    recentUid: 1,
    totalEmails: 0,
    unreadEmails: 0,
    totalBytes: 0,
    highestModseq: unit.modseq(),
  };
}

/** With the account. */
export async function createRoleMailboxes({ clock }: MailstoreParts, unit: Unit): Promise<void> {
  const now = clock.now();
  const list = roleMailboxes.map((m) => fresh(unit, now, { ...m, parentId: null, isSubscribed: true }));
  await insertMailboxes(unit.scope, list);
  for (const { id } of list) unit.log('Mailbox', id, 'created');
  await unit.flush();
}

export async function createMailbox({ clock }: MailstoreParts, unit: Unit, wanted: NewMailbox): Promise<Mailbox> {
  const { parentId = null, role = null, sortOrder = 0, isSubscribed = true } = wanted;
  const name = mailboxName(wanted.name, parentId);
  const all = await mailboxRows(unit.scope);
  if (all.length >= MAX_MAILBOXES) {
    throw new DomainError('overLimit', 'mail.too_many_mailboxes', `at most ${MAX_MAILBOXES} mailboxes`, {
      max: MAX_MAILBOXES,
    });
  }
  checkPlace(all, { id: null, parentId, name });
  checkRole(all, null, role);
  const mailbox = fresh(unit, clock.now(), { parentId, name, role, sortOrder, isSubscribed });
  await insertMailboxes(unit.scope, [mailbox]);
  unit.log('Mailbox', mailbox.id, 'created');
  await unit.flush();
  return mailbox;
}

export async function updateMailbox(unit: Unit, id: MailboxId, change: MailboxChange): Promise<void> {
  const all = await mailboxRows(unit.scope);
  const now = all.find((m) => m.id === id);
  if (!now) throw mailboxNotFound(id);
  const after = { ...now, ...change };
  if (change.name !== undefined || change.parentId !== undefined) {
    after.name = mailboxName(after.name, after.parentId);
    checkPlace(all, after);
  }
  if (change.role !== undefined) {
    // RFC 8621 §2: new mail needs an inbox.
    if (now.role === 'inbox' && change.role !== 'inbox') throw hasRole();
    checkRole(all, id, change.role);
  }
  const { name, parentId, sortOrder, isSubscribed, role } = after;
  const same = name === now.name && parentId === now.parentId && sortOrder === now.sortOrder;
  if (same && isSubscribed === now.isSubscribed && role === now.role) return;
  await updateMailboxRow(unit.scope, id, { name, parentId, sortOrder, isSubscribed, role });
  unit.log('Mailbox', id, 'updated');
  await unit.flush();
}

/** RFC 8621 §2: no two mailboxes of an account share a role. */
function checkRole(all: readonly Mailbox[], id: MailboxId | null, role: MailboxRole | null): void {
  if (role !== null && all.some((m) => m.role === role && m.id !== id)) {
    throw new DomainError('conflict', 'mail.mailbox_role_taken', 'another mailbox has this role', { role });
  }
}

export async function destroyMailbox(unit: Unit, id: MailboxId, removeEmails: boolean): Promise<void> {
  unit.passBy(id);
  const all = await mailboxRows(unit.scope);
  const mailbox = all.find((m) => m.id === id);
  if (!mailbox) throw mailboxNotFound(id);
  if (mailbox.role !== null) throw hasRole();
  if (all.some((m) => m.parentId === id)) {
    throw new DomainError('conflict', 'mail.mailbox_has_child', 'mailboxes lie below this one');
  }
  if (mailbox.totalEmails > 0 && !removeEmails) {
    throw new DomainError('conflict', 'mail.mailbox_has_email', 'emails lie in this mailbox');
  }
  await takeOut(unit, placesInPages(unit.scope, id, {}));
  await deleteTombstones(unit.scope, id);
  await deleteMailboxRow(unit.scope, id);
  unit.forget(id);
  unit.log('Mailbox', id, 'destroyed');
  await unit.flush();
}

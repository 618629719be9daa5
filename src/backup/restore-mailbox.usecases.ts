/**
 * `congvu restore --mailbox`: the mail of one account as it was, into a folder of the living one. Appended as any client would append it;
 * doing it twice adds nothing.
 */
import { DomainError, isDomainError } from '../base/errors.ts';
import type { AccountId, BlobHash, MailboxId } from '../base/ids.ts';
import { dayOf } from '../directory/units.models.ts';
import { unpackKeywords } from '../mailstore/keywords.ts';
import type { Parts } from '../parts.ts';
import { verdictOf } from '../verdict-of.ts';
import { readable, type TableGap } from './gaps.ts';
import { livingBackup } from './living.ts';
import type { Packs } from './packs.ts';
import { contentIn } from './saved-content.ts';
import { MAIL_TABLES, savedMail, type SavedEmail, type SavedMailbox } from './saved-mail.ts';
import type { SnapshotFile } from './snapshots.ts';

export interface MailboxRestore {
  backup: string;
  address: string;
  snapshot?: string;
  /** A folder's name, or its path with "/". */
  only?: string;
  into?: string;
  /** What is there already is put once more. */
  again: boolean;
  ignoreQuota: boolean;
  /** Goes on without what damaged pieces of tables held. */
  leaveOutDamaged?: boolean;
  actor: string;
}

export interface MailboxRestored {
  snapshot: string;
  address: string;
  into: string;
  restored: number;
  present: number;
  lost: string[];
  /** Stored content that had changed here and is whole again, wherever else it is needed too. */
  mended: number;
  /** Folders for which there was no room in the tree: their mail lies in the folder above. */
  merged: string[];
  /** No room for these. */
  left: number;
  /** What the backup folder does not give any more of the tables that were asked. */
  leftOut: TableGap[];
}

type RestoreParts = Pick<Parts, 'db' | 'blobs' | 'clock' | 'facts' | 'directory' | 'mailstore' | 'signing' | 'audit'>;

export async function restoreMailbox(parts: RestoreParts, options: MailboxRestore): Promise<MailboxRestored> {
  const accountId = await accountOf(parts, options.address);
  const { backup, leaveOutDamaged: leaveOut = false } = options;
  return livingBackup(parts, backup, options.snapshot, async (packs, taken) => {
    const tables = (name: string) => MAIL_TABLES.includes(name);
    const { snapshot, gaps } = await readable(backup, packs, taken, { tables, leaveOut });
    return { ...(await restoreFrom(parts, packs, snapshot, accountId, options)), leftOut: gaps };
  });
}

/** Of whoever has the address today, at work or not. */
async function accountOf({ directory }: RestoreParts, address: string): Promise<AccountId> {
  const found = (await directory.resolve(address)) ?? (await directory.official({ address }));
  if (!found) throw new DomainError('notFound', 'address.not_found', `nobody has the address ${address}`);
  return found.accountId;
}

async function restoreFrom(
  parts: RestoreParts,
  packs: Packs,
  snapshot: SnapshotFile,
  accountId: AccountId,
  options: MailboxRestore,
): Promise<Omit<MailboxRestored, 'leftOut'>> {
  const saved = await savedMail(packs, snapshot, options.address);
  const mailboxes = chosen(saved.mailboxes, options.only);
  const wanted = new Set(mailboxes.map(({ id }) => id));
  const emails = saved.emails.filter((email) => email.mailboxIds.some((id) => wanted.has(id)));
  const into = options.into ?? `Khôi phục ${dayOf(snapshot.takenAt)}`;
  const { places, merged } = await makeMailboxes(parts, accountId, into, mailboxes);
  const { address, actor } = options;
  const done: Done = { restored: 0, present: 0, lost: [], mended: 0, left: 0 };
  try {
    await putAll(parts, accountId, emails, places, packs, options, done);
  } finally {
    // Also of one that breaks off: what it brought lies there.
    const details = { snapshot: snapshot.name, into, restored: done.restored };
    await parts.db.write((tx) =>
      parts.audit.record(tx, { actor, action: 'mailbox.restored', object: `account:${accountId}`, details }),
    );
  }
  return { snapshot: snapshot.name, address, into, merged, ...done };
}

/** The named folder with what lies below it; all of them without a name. */
export function chosen(mailboxes: readonly SavedMailbox[], only: string | undefined): SavedMailbox[] {
  if (only === undefined) return [...mailboxes];
  const byId = new Map(mailboxes.map((one) => [one.id, one]));
  const pathOf = (one: SavedMailbox): string => {
    const parent = one.parentId === null ? undefined : byId.get(one.parentId);
    return parent ? `${pathOf(parent)}/${one.name}` : one.name;
  };
  const exact = only.normalize('NFC');
  const loosely = exact.toLowerCase();
  // The very name first: names differ by case too, and a mail program may have made a "Sent" beside the one with that role.
  const top =
    mailboxes.find((one) => pathOf(one).normalize('NFC') === exact) ??
    mailboxes.find((one) => pathOf(one).normalize('NFC').toLowerCase() === loosely) ??
    mailboxes.find(({ role }) => role === loosely);
  if (!top) {
    const there = mailboxes.map(pathOf).join(', ');
    throw new DomainError('notFound', 'restore.folder_unknown', `there was no folder ${only}; there were: ${there}`);
  }
  const isBelow = (one: SavedMailbox): boolean => {
    if (one.id === top.id) return true;
    const parent = one.parentId === null ? undefined : byId.get(one.parentId);
    return parent !== undefined && isBelow(parent);
  };
  return mailboxes.filter(isBelow);
}

/**
 * The same tree below one folder; what is there already is used. A level too deep, or one folder too many, is no reason to bring
 * nothing back. @returns from the saved id to the living one
 */
async function makeMailboxes(
  { mailstore }: RestoreParts,
  accountId: AccountId,
  into: string,
  mailboxes: readonly SavedMailbox[],
): Promise<{ places: Map<number, MailboxId>; merged: string[] }> {
  return mailstore.write(accountId, async (writer) => {
    const known = await writer.mailboxes();
    const find = async (name: string, parentId: MailboxId | null, sortOrder = 0): Promise<MailboxId> => {
      const there = known.find((one) => one.parentId === parentId && one.name === name.normalize('NFC'));
      if (there) return there.id;
      const made = await writer.createMailbox({ name, parentId, sortOrder });
      known.push(made);
      return made.id;
    };
    const top = await find(into, null);
    const places = new Map<number, MailboxId>();
    const merged: string[] = [];
    const chosenIds = new Set(mailboxes.map(({ id }) => id));
    const place = async (one: SavedMailbox): Promise<MailboxId> => {
      const done = places.get(one.id);
      if (done !== undefined) return done;
      const parent =
        one.parentId !== null && chosenIds.has(one.parentId) ? mailboxes.find((m) => m.id === one.parentId) : undefined;
      const above = parent ? await place(parent) : top;
      const id = await find(one.name, above, one.sortOrder).catch((error: unknown) => {
        if (!FULL.some((code) => isDomainError(error, code))) throw error;
        merged.push(one.name);
        return above;
      });
      places.set(one.id, id);
      return id;
    };
    for (const one of mailboxes) await place(one);
    return { places, merged };
  });
}

/** The tree has no room; nothing was written when these are thrown. */
const FULL = ['mail.mailbox_too_deep', 'mail.too_many_mailboxes'];

type Done = Pick<MailboxRestored, 'restored' | 'present' | 'lost' | 'mended' | 'left'>;

async function putAll(
  parts: RestoreParts,
  accountId: AccountId,
  emails: readonly SavedEmail[],
  places: ReadonlyMap<number, MailboxId>,
  packs: Packs,
  { again, ignoreQuota }: MailboxRestore,
  done: Done,
): Promise<void> {
  const there = again ? new Map<string, number>() : await heldIn(parts, accountId, new Set(places.values()));
  for (const [i, email] of emails.entries()) {
    const mailboxIds = [...new Set(email.mailboxIds.flatMap((id) => places.get(id) ?? []))];
    const key = placeKey(mailboxIds[0], email.hash);
    const held = there.get(key) ?? 0;
    if (held > 0) {
      // The same bytes twice in one folder then are twice there now.
      there.set(key, held - 1);
      done.present++;
      if (await parts.blobs.isWhole(email.hash as BlobHash)) continue;
    }
    const bytes = await contentIn(packs, email.hash);
    if (!bytes) {
      done.lost.push(email.hash);
      continue;
    }
    const message = await parts.mailstore.prepare(bytes);
    done.mended += (await parts.blobs.mend(message.blob, bytes)).length;
    if (held > 0) continue;
    message.verdict = await verdictOf(parts, message, bytes);
    const { receivedAt } = email;
    try {
      await parts.mailstore.write(accountId, (writer) =>
        writer.append(message, { mailboxIds, keywords: unpackKeywords(email), receivedAt, ignoreQuota }),
      );
    } catch (error) {
      if (!isDomainError(error, 'mail.over_quota')) throw error;
      done.left = emails.length - i;
      break;
    }
    done.restored++;
  }
}

const placeKey = (mailboxId: MailboxId | undefined, hash: string): string => `${mailboxId ?? 0} ${hash}`;

async function heldIn(
  { mailstore }: RestoreParts,
  accountId: AccountId,
  mailboxIds: ReadonlySet<MailboxId>,
): Promise<Map<string, number>> {
  const held = new Map<string, number>();
  for (const id of mailboxIds)
    for (const { blobHash } of await mailstore.read(accountId).placed(id)) {
      const key = placeKey(id, blobHash);
      held.set(key, (held.get(key) ?? 0) + 1);
    }
  return held;
}

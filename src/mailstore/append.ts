/** Puts a message into mailboxes of an account, once per account however often the same bytes come. */
import type { BlobHash, EmailId, MailboxId, Millis } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { emailNotFound, mailboxNotFound, noMailbox, overQuota, sweptMeanwhile } from './errors.ts';
import { isUnread, packKeywords } from './keywords.ts';
import type { InnerParts } from './parts.ts';
import { noteKeywords } from './repository/account-keywords.ts';
import { emailRows, insertEmails } from './repository/emails.ts';
import { mailboxRows } from './repository/mailboxes.ts';
import { recordMessage, renewMessage } from './repository/messages.ts';
import { insertPlaces } from './repository/places.ts';
import { joinThread } from './thread.ts';
import type { Appended, MailboxRole, PreparedMessage } from './types.ts';
import type { Unit } from './unit.ts';
import { setVerdictIn } from './verdict.ts';

export interface AppendOptions {
  mailboxIds: readonly MailboxId[];
  keywords?: readonly string[];
  receivedAt?: Millis;
  ignoreQuota?: boolean;
  /** Of the one mailbox; see uid-promises.ts. */
  promisedUid?: number | undefined;
  /** `flushUnits` follows before the transaction ends. */
  flushLater?: boolean;
}

/** What a transaction has recorded already: one message for a hundred recipients is sent to the database once. */
const recorded = new WeakMap<Tx, Set<BlobHash>>();

async function recordOnce(parts: InnerParts, unit: Unit, message: PreparedMessage): Promise<void> {
  const { tx } = unit;
  const done = recorded.get(tx) ?? new Set();
  recorded.set(tx, done);
  if (done.has(message.blob.hash)) return;
  await parts.blobs.record(tx, message.blob);
  const store = { db: parts.db, q: tx.q };
  const now = parts.clock.now();
  if (message.isKnown) {
    if (!(await renewMessage(store, message.blob.hash, now))) throw sweptMeanwhile();
    done.add(message.blob.hash);
    return;
  }
  const { lacksVerdict } = await recordMessage(store, message, now);
  done.add(message.blob.hash);
  await message.whenStored?.(tx);
  // The same bytes came before, unchecked: now they have their verdict everywhere.
  if (lacksVerdict) await setVerdictIn(parts, tx, message.blob.hash, message.verdict, now);
}

export async function append(
  parts: InnerParts,
  unit: Unit,
  message: PreparedMessage,
  options: AppendOptions,
): Promise<Appended> {
  const mailboxIds = [...new Set(options.mailboxIds)];
  if (mailboxIds.length === 0) throw noMailbox();
  const stored = packKeywords(options.keywords ?? []);
  const { size } = message.blob;
  checkQuota(unit, size, options.ignoreQuota);
  if (mailboxIds.length > 1) await requireMailboxes(unit, mailboxIds); // a single one is found by taking its UID

  const savedAt = parts.clock.now();
  const receivedAt = options.receivedAt ?? savedAt;
  const delta = { total: 1, unread: isUnread(stored.flags) ? 1 : 0, bytes: size };
  const uids = new Map<MailboxId, number>();
  for (const mailboxId of mailboxIds) uids.set(mailboxId, await uidIn(unit, mailboxId, delta, options.promisedUid));
  const emailId = unit.takeEmailId();
  const { threadId, joined } = await joinThread(unit, message.derived);
  const modseq = unit.modseq();
  const { hash } = message.blob;
  await insertEmails(unit.scope, modseq, [
    { ...stored, id: emailId, blobHash: hash, threadId, size, receivedAt, searchId: emailId },
  ]);
  const places = [...uids].map(([mailboxId, uid]) => ({ mailboxId, uid, emailId, deleted: false, receivedAt }));
  await insertPlaces(unit.scope, { modseq, savedAt }, places);
  await noteKeywords(unit.scope, stored.keywords);
  unit.store(1, size);
  unit.log('Email', emailId, 'created');
  for (const mailboxId of mailboxIds) unit.log('Mailbox', mailboxId, 'counts');
  if (!options.flushLater) await unit.flush();
  await recordOnce(parts, unit, message);
  // Its text is indexed later (indexer.ts); that it is pending follows from its id.
  unit.tx.afterCommit(() => parts.indexer.noticed(unit.scope.accountId, message));
  return { emailId, threadId, joined, uids };
}

export async function deliver(
  parts: InnerParts,
  unit: Unit,
  message: PreparedMessage,
  role: MailboxRole,
  { flushLater = false }: Pick<AppendOptions, 'flushLater'> = {},
): Promise<Appended> {
  const mailboxId = (await unit.mailboxOfRole(role)) ?? (await unit.mailboxOfRole('inbox'));
  if (mailboxId === undefined) throw new Error(`account ${unit.scope.accountId} has no inbox`);
  return append(parts, unit, message, { mailboxIds: [mailboxId], ignoreQuota: true, flushLater });
}

function checkQuota(unit: Unit, bytes: number, ignore = false): void {
  if (ignore) return;
  const free = unit.quotaBytes - unit.account.usedBytes;
  if (bytes > free) throw overQuota(unit.quotaBytes);
  unit.askForRoom(bytes, free);
}

export async function requireMailboxes(unit: Unit, ids: readonly MailboxId[]): Promise<void> {
  const known = new Set((await mailboxRows(unit.scope, ids)).map((m) => m.id));
  for (const id of ids) if (!known.has(id)) throw mailboxNotFound(id);
}

async function uidIn(
  unit: Unit,
  mailboxId: MailboxId,
  delta: { total: number; unread: number; bytes: number },
  promised: number | undefined,
): Promise<number> {
  const uid = await (promised === undefined
    ? unit.takeUids(mailboxId, 1, delta)
    : unit.takePromised(mailboxId, promised, delta));
  if (uid === undefined) throw mailboxNotFound(mailboxId);
  return uid;
}

/** IMAP COPY: emails of their own with the same bytes, in the same thread, found by the same index entry. */
export async function copy(
  unit: Unit,
  emailIds: readonly EmailId[],
  to: MailboxId,
  savedAt: Millis,
): Promise<Appended[]> {
  const rows = new Map((await emailRows(unit.scope, emailIds)).map((row) => [row.id, row]));
  const sources = emailIds.map((id) => {
    const row = rows.get(id);
    if (!row) throw emailNotFound(id);
    return row;
  });
  if (sources.length === 0) return [];
  const bytes = sources.reduce((sum, e) => sum + e.size, 0);
  checkQuota(unit, bytes);
  const unread = sources.filter((e) => isUnread(e.flags)).length;
  const firstUid = await unit.takeUids(to, sources.length, { total: sources.length, unread, bytes });
  if (firstUid === undefined) throw mailboxNotFound(to);
  const modseq = unit.modseq();
  const copies = sources.map((source, i) => ({ ...source, id: unit.takeEmailId(), uid: firstUid + i }));
  await insertEmails(
    unit.scope,
    modseq,
    copies.map(({ uid: _, ...row }) => row),
  );
  const places = copies.map(({ id, uid, receivedAt }) => ({
    mailboxId: to,
    uid,
    emailId: id,
    deleted: false,
    receivedAt,
  }));
  await insertPlaces(unit.scope, { modseq, savedAt }, places);
  unit.store(copies.length, bytes);
  for (const { id, threadId } of copies) {
    unit.log('Email', id, 'created');
    unit.log('Thread', threadId, 'updated');
  }
  unit.log('Mailbox', to, 'counts');
  await unit.flush();
  return copies.map(({ id, threadId, uid }) => ({ emailId: id, threadId, joined: true, uids: new Map([[to, uid]]) }));
}

/** The store of one signed-in official: the own account, and the unit and title mailboxes of which they are delegate. */
import type { AccountId, OfficialId } from '../../base/ids.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import type { Clock } from '../../base/clock.ts';
import type { AccessibleAccount, Directory } from '../../directory/types.ts';
import type { Mailbox, Mailstore } from '../../mailstore/types.ts';
import { no } from '../errors.ts';
import type { KnownUids } from '../uids.ts';
import type { ImapStore, MailboxRef, NamedMailbox, NewMessage, ReadyMessage } from '../store.ts';
import { changeFlags } from './change-flags.ts';
import { filedAlready, markFiled } from './filed-copy.ts';
import { filer } from './filer.ts';
import * as changes from './mailbox-changes.ts';
import { expungedSince, pictures } from './pictures.ts';
import { aclOf, rightsOf } from './rights.ts';
import type { Recents } from '../recent.ts';
import type { ImapServerParts } from '../server.ts';
import type { KeptColumns } from '../sort/columns.ts';
import { canonical, namesOf, SHARED_PREFIX, sharedNames, type AccountTree } from './tree.ts';
import { copy, move } from './transfer.ts';

export interface UserStoreParts extends Pick<ImapServerParts, 'file' | 'settled' | 'verdictOf'> {
  mailstore: Mailstore;
  directory: Directory;
  blobs: BlobStore;
  clock: Clock;
  settings: { accessSeconds: number; acrossAccounts: number };
  known: KnownUids;
  recents: Recents;
  columns: KeptColumns;
}

export function createUserStore(
  parts: UserStoreParts,
  who: { officialId: OfficialId; accountId: AccountId },
): ImapStore {
  const { mailstore, blobs } = parts;
  const accounts = accessOf(parts, who);
  const tree = async (): Promise<changes.Tree> => {
    const trees = await readTrees(mailstore, await accounts(), who.accountId);
    return { trees, names: namesOf(trees) };
  };
  const transfer = { mailstore, blobs, acrossAccounts: parts.settings.acrossAccounts };
  const reader = ({ accountId }: MailboxRef) => mailstore.read(accountId);
  return {
    ...who,
    sharedPrefix: SHARED_PREFIX,
    hasShared: async () => (await accounts()).length > 1,
    accounts: async () => (await accounts()).map(({ accountId }) => accountId),
    mailboxes: async () => (await tree()).names.slice(),
    find: finder(parts, who, accounts, async () => (await tree()).names),
    create: async (name, role) => changes.create(mailstore, await tree(), name, role),
    remove: async (name) => changes.remove(mailstore, await tree(), name),
    rename: async (from, to) => changes.rename(mailstore, await tree(), from, to),
    subscribe: async (name, on) => changes.subscribe(mailstore, await tree(), name, on),
    rights: (accountId) => rightsOf(parts.directory, who, accountId),
    acl: (accountId) => aclOf(parts.directory, who, accountId),
    mayUse: async (accountId) => (await accounts()).some((a) => a.accountId === accountId),

    mailbox: (ref) => reader(ref).mailbox(ref.mailboxId),
    deleted: (ref) => reader(ref).deletedTotals(ref.mailboxId),
    quota: async (accountId) => {
      const { usedBytes, quotaBytes } = await mailstore.read(accountId).info();
      return { used: usedBytes, limit: quotaBytes };
    },
    recents: parts.recents,
    columns: parts.columns,
    ...pictures(parts),
    placed: (ref, pick) => reader(ref).placed(ref.mailboxId, pick),
    flags: (ref, pick) => reader(ref).placedFlags(ref.mailboxId, pick),
    modseqs: (ref, pick) => reader(ref).placedModseqs(ref.mailboxId, pick),
    fetchRows: (ref, pick, needs) => reader(ref).fetchRows(ref.mailboxId, pick, needs),
    details: (ref, uids) => reader(ref).placedDetails(ref.mailboxId, uids),
    headings: (ref, pick, needs) => reader(ref).headings(ref.mailboxId, pick, needs),
    highestModseq: (ref, pick) => reader(ref).highestModseq(ref.mailboxId, pick),
    expungedSince: (ref, since) => expungedSince(mailstore, ref, since),
    withText: (ref, key, tell) => reader(ref).uidsWithText(ref.mailboxId, key, tell),
    bytes: (hash, start, end) => blobs.readRange(hash, start, end),
    pieces: (hash, start, end) => blobs.stream(hash, start, end),
    series: (items) => blobs.series(items),
    onChange: (accountId, listener) => mailstore.subscribe(accountId, listener),

    ...filer(parts),
    prepare: (messages) => prepare(parts, messages),
    append: (to, messages) => append(parts, to, messages),
    changeFlags: (ref, pick, change) =>
      mailstore.write(ref.accountId, (writer) => changeFlags(writer, ref, pick, change)),
    expunge: (ref, uids) =>
      mailstore.write(ref.accountId, async (writer) => void (await writer.expunge(ref.mailboxId, uids))),
    copy: (from, uids, to, tell) => copy({ ...transfer, tell }, from, uids, to),
    move: (from, uids, to, tell) => move({ ...transfer, tell }, from, uids, to),
  };
}

/** What the official may open; asked anew after `accessSeconds`. A disabled official may open nothing. */
function accessOf(
  { directory, clock, settings }: UserStoreParts,
  { officialId }: { officialId: OfficialId },
): () => Promise<AccessibleAccount[]> {
  let known: { at: number; accounts: AccessibleAccount[] } | undefined;
  return async () => {
    if (known && clock.now() - known.at < settings.accessSeconds * 1000) return known.accounts;
    const official = await directory.official({ id: officialId });
    const accounts = official?.status === 'active' ? await directory.accessibleAccounts(officialId) : [];
    known = { at: clock.now(), accounts };
    return accounts;
  };
}

/**
 * One name. Clients ask for the same one again and again: a mailbox at the top of the own account is where it was as long as its
 * row says so, and the others need not be read to know that.
 */
function finder(
  { mailstore }: UserStoreParts,
  { accountId }: { accountId: AccountId },
  accounts: () => Promise<AccessibleAccount[]>,
  names: () => Promise<readonly NamedMailbox[]>,
): ImapStore['find'] {
  let last: NamedMailbox | undefined;
  const asBefore = async ({ ref, mailbox: before }: NamedMailbox): Promise<Mailbox | undefined> => {
    if (!before || before.parentId !== null || ref?.accountId !== accountId) return undefined;
    if (!(await accounts()).some((account) => account.accountId === accountId)) return undefined;
    const now = await mailstore.read(accountId).mailbox(before.id);
    const same = now?.name === before.name && now.role === before.role && now.parentId === null;
    return same ? now : undefined;
  };
  return async (name) => {
    const wanted = canonical(name);
    const mailbox = last?.name === wanted ? await asBefore(last) : undefined;
    if (last && mailbox) return { ...last, mailbox, subscribed: mailbox.isSubscribed };
    last = (await names()).find((one) => one.name === wanted);
    return last;
  };
}

async function readTrees(
  mailstore: Mailstore,
  accounts: readonly AccessibleAccount[],
  own: AccountId,
): Promise<AccountTree[]> {
  const names = sharedNames(accounts.filter((a) => a.accountId !== own));
  const trees: AccountTree[] = [];
  for (const { accountId } of accounts) {
    const name = names.get(accountId);
    trees.push({
      accountId,
      prefix: name === undefined ? '' : `${SHARED_PREFIX}${name}/`,
      mailboxes: await mailstore.read(accountId).mailboxes(),
    });
  }
  return trees;
}

async function prepare(
  { mailstore, verdictOf }: Pick<UserStoreParts, 'mailstore' | 'verdictOf'>,
  messages: readonly NewMessage[],
): Promise<ReadyMessage[]> {
  const prepared: ReadyMessage[] = [];
  for (const from of messages) {
    const message = await mailstore.prepare(from.bytes);
    if (verdictOf) message.verdict = await verdictOf(message, from.bytes);
    prepared.push({ message, from });
  }
  return prepared;
}

/** One unit for all (RFC 3502 §6.3.11: atomic). */
async function append(
  parts: Pick<UserStoreParts, 'mailstore' | 'blobs' | 'clock'>,
  { ref, mailbox: target }: Parameters<ImapStore['append']>[0],
  prepared: readonly ReadyMessage[],
): ReturnType<ImapStore['append']> {
  const { mailstore } = parts;
  const [only, more] = prepared;
  const filed =
    target?.role === 'sent' && only && !more
      ? await filedAlready(parts, ref, only.message, only.from.bytes)
      : undefined;
  const answer = only && filed ? await markFiled(mailstore, ref, filed.uid, only.from) : undefined;
  if (answer) return answer;
  return mailstore.write(ref.accountId, async (writer) => {
    const uids: number[] = [];
    for (const { message, from } of prepared) {
      const { flags, receivedAt } = from;
      const appended = await writer.append(message, {
        mailboxIds: [ref.mailboxId],
        keywords: flags.keywords,
        ...(receivedAt !== undefined && { receivedAt }),
      });
      const uid = appended.uids.get(ref.mailboxId) ?? 0;
      if (flags.deleted) await writer.setDeleted(ref.mailboxId, [uid], true);
      uids.push(uid);
    }
    const uidValidity = await writer.uidValidity(ref.mailboxId);
    if (uidValidity === undefined) throw no('the mailbox is gone', 'TRYCREATE');
    return { uids, uidValidity };
  });
}

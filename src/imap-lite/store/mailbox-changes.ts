/** CREATE, DELETE, RENAME, SUBSCRIBE on the tree of names: which account, which parent, what may not be. */
import type { MailboxId } from '../../base/ids.ts';
import type { AccountWriter, MailboxRole, Mailstore } from '../../mailstore/types.ts';
import { no } from '../errors.ts';
import type { MailboxRef, NamedMailbox } from '../store.ts';
import { canonical, type AccountTree } from './tree.ts';

export interface Tree {
  trees: readonly AccountTree[];
  names: readonly NamedMailbox[];
}

const nonexistent = (): Error => no('there is no such mailbox', 'NONEXISTENT');
const find = ({ names }: Tree, name: string): NamedMailbox | undefined => names.find((m) => m.name === canonical(name));

function expectRef(tree: Tree, name: string): MailboxRef {
  const found = find(tree, name);
  if (!found) throw nonexistent();
  if (!found.ref) throw no('this name only holds others', 'CANNOT');
  return found.ref;
}

/** The account that a new name falls into, and the levels below its prefix. */
function placeOf({ trees }: Tree, name: string): { account: AccountTree; levels: string[] } {
  const full = canonical(name);
  const shared = trees.find((t) => t.prefix !== '' && full.startsWith(t.prefix));
  const account = shared ?? trees.find((t) => t.prefix === '');
  const sharedRoot = trees.some(
    (t) => t.prefix !== '' && (t.prefix.startsWith(`${full}/`) || full.startsWith(`${t.prefix.split('/')[0]}/`)),
  );
  if (!account || (!shared && sharedRoot)) throw no('nothing can be made there', 'NOPERM');
  const levels = full.slice(account.prefix.length).split('/');
  if (levels.some((l) => l === '')) throw no('a level of the name is empty', 'CANNOT');
  return { account, levels };
}

/** Makes what is missing of the levels. @returns the id of the last one, null for none. */
async function ensure(writer: AccountWriter, own: boolean, levels: readonly string[]): Promise<MailboxId | null> {
  const all = await writer.mailboxes();
  let parentId: MailboxId | null = null;
  for (const [i, level] of levels.entries()) {
    const inbox: boolean = own && i === 0 && level === 'INBOX';
    const found = all.find((m) => m.parentId === parentId && (inbox ? m.role === 'inbox' : m.name === level));
    parentId = found?.id ?? (await writer.createMailbox({ name: level, parentId, isSubscribed: false })).id;
  }
  return parentId;
}

export async function create(
  mailstore: Mailstore,
  tree: Tree,
  name: string,
  role: MailboxRole | null = null,
): Promise<MailboxRef> {
  if (find(tree, name)) throw no('a mailbox of that name exists', 'ALREADYEXISTS');
  const { account, levels } = placeOf(tree, name);
  const { accountId } = account;
  if (role !== null && account.prefix !== '') throw no('mailboxes of a unit have no special use', 'USEATTR');
  const mailboxId = await mailstore.write(accountId, async (writer) => {
    const parentId = await ensure(writer, account.prefix === '', levels.slice(0, -1));
    const last = levels[levels.length - 1] ?? '';
    return (await writer.createMailbox({ name: last, parentId, role, isSubscribed: false })).id;
  });
  return { accountId, mailboxId };
}

export async function remove(mailstore: Mailstore, tree: Tree, name: string): Promise<void> {
  const { accountId, mailboxId } = expectRef(tree, name);
  await mailstore.write(accountId, (writer) => writer.destroyMailbox(mailboxId, { removeEmails: true }));
}

export async function subscribe(mailstore: Mailstore, tree: Tree, name: string, isSubscribed: boolean): Promise<void> {
  // A subscription went with its mailbox; Thunderbird takes it back only after its DELETE or RENAME.
  if (!isSubscribed && !find(tree, name)) return;
  const { accountId, mailboxId } = expectRef(tree, name);
  await mailstore.write(accountId, (writer) => writer.updateMailbox(mailboxId, { isSubscribed }));
}

export async function rename(mailstore: Mailstore, tree: Tree, from: string, to: string): Promise<void> {
  const { accountId, mailboxId } = expectRef(tree, from);
  if (find(tree, to)) throw no('a mailbox of that name exists', 'ALREADYEXISTS');
  const { account, levels } = placeOf(tree, to);
  if (account.accountId !== accountId) throw no('a mailbox cannot move to another account', 'CANNOT');
  const own = account.prefix === '';
  const name = levels[levels.length - 1] ?? '';
  await mailstore.write(accountId, async (writer) => {
    const parentId = await ensure(writer, own, levels.slice(0, -1));
    if (own && canonical(from) === 'INBOX') await emptyInbox(writer, mailboxId, { name, parentId });
    else await writer.updateMailbox(mailboxId, { name, parentId });
  });
}

/** RFC 9051 §6.3.6: renaming INBOX moves its messages into a new mailbox and leaves it, with its children, in place. */
async function emptyInbox(
  writer: AccountWriter,
  inbox: MailboxId,
  to: { name: string; parentId: MailboxId | null },
): Promise<void> {
  const made = await writer.createMailbox({ ...to, isSubscribed: false });
  const uids = (await writer.placed(inbox)).map((p) => p.uid);
  if (uids.length > 0) await writer.move(inbox, uids, made.id);
}

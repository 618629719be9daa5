/** Mailbox/set update (RFC 8621 §2.5). */
import { objectIds } from '../../base/object-ids.ts';
import type { AccountWriter } from '../../mailstore/types.ts';
import type { MethodContext, OpenAccount } from '../context.ts';
import { invalidProperties, SetError } from '../core/errors.ts';
import { checkInside, parsePatch } from '../core/patch.ts';
import { own, sameJson } from '../core/records.ts';
import { checkDepth, checkName, checkRole, readMailbox } from './create.ts';
import { presentMailbox } from './properties.ts';

const settable = new Set(['name', 'parentId', 'role', 'sortOrder', 'isSubscribed']);

export async function mailboxUpdate(
  context: MethodContext,
  account: OpenAccount,
  writer: AccountWriter,
  idText: string,
  raw: Record<string, unknown>,
): Promise<null> {
  const id = objectIds(writer.accountId).mailbox.parse(idText);
  const mailbox = id === undefined ? undefined : await writer.mailbox(id);
  if (!mailbox) throw new SetError('notFound');
  const patch = parsePatch(raw);
  checkInside(patch, [], ['myRights']);
  const shown = presentMailbox(mailbox, account.info, await threadsIfNeeded(writer, mailbox.id, raw));
  // RFC 8620 §5.3: what the server sets may be given, if it is as it is.
  const fixed = [...patch.set]
    .filter(
      ([name, value]) => !settable.has(name) && !(Object.hasOwn(shown, name) && sameJson(own(shown, name), value)),
    )
    .map(([name]) => name);
  if (fixed.length > 0) throw invalidProperties(fixed);
  const change = await readMailbox(
    context,
    writer,
    Object.fromEntries([...patch.set].filter(([name]) => settable.has(name)).map(withDefault)),
  );
  const parentId = change.parentId === undefined ? mailbox.parentId : change.parentId;
  if (change.name !== undefined || change.parentId !== undefined)
    await checkName(writer, mailbox.id, change.name ?? mailbox.name, parentId);
  if (change.parentId !== undefined) await checkDepth(context, writer, parentId, mailbox.id);
  if (change.role) await checkRole(writer, mailbox.id, change.role);
  // Delivery and sending look for these two by their role.
  if (
    change.role !== undefined &&
    change.role !== mailbox.role &&
    (mailbox.role === 'inbox' || mailbox.role === 'sent')
  ) {
    throw new SetError('forbidden', `the ${mailbox.role} keeps its role`);
  }
  if (Object.keys(change).length > 0) await writer.updateMailbox(mailbox.id, change);
  return null;
}

/** RFC 8620 §5.3: null sets the default of a property that has one. */
const withDefault = ([name, value]: [string, unknown]): [string, unknown] =>
  name === 'sortOrder' && value === null ? [name, 0] : [name, value];

async function threadsIfNeeded(
  writer: AccountWriter,
  id: Parameters<AccountWriter['mailbox']>[0],
  raw: Record<string, unknown>,
): Promise<{ total: number; unread: number } | undefined> {
  if (!Object.hasOwn(raw, 'totalThreads') && !Object.hasOwn(raw, 'unreadThreads')) return undefined;
  return (await writer.threadCounts([id])).get(id);
}

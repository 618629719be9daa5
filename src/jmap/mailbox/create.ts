/** Mailbox/set create (RFC 8621 §2.5). */
import type { MailboxId } from '../../base/ids.ts';
import { objectIds } from '../../base/object-ids.ts';
import type { AccountReader, AccountWriter, MailboxRole } from '../../mailstore/types.ts';
import type { MethodContext, OpenAccount } from '../context.ts';
import { resolveId } from '../core/get.ts';
import { invalidProperties } from '../core/errors.ts';
import { presentMailbox, roles } from './properties.ts';

const MAX_SORT_ORDER = 2 ** 31;

export interface MailboxChange {
  name?: string;
  parentId?: MailboxId | null;
  role?: MailboxRole | null;
  sortOrder?: number;
  isSubscribed?: boolean;
}

export async function mailboxCreate(
  context: MethodContext,
  account: OpenAccount,
  writer: AccountWriter,
  object: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const change = await readMailbox(context, writer, object);
  if (change.name === undefined) throw invalidProperties(['name'], 'a mailbox needs a name');
  await checkName(writer, undefined, change.name, change.parentId ?? null);
  await checkDepth(context, writer, change.parentId ?? null);
  if (change.role) await checkRole(writer, undefined, change.role);
  const made = await writer.createMailbox({ ...change, name: change.name });
  // RFC 8620 §5.3: what the client did not set, or does not know.
  const shown = presentMailbox(made, account.info);
  return Object.fromEntries(
    Object.entries(shown).filter(([name, value]) => !Object.hasOwn(object, name) || object[name] !== value),
  );
}

/** @throws SetError invalidProperties, naming each bad one */
export async function readMailbox(
  context: MethodContext,
  reader: AccountReader,
  object: Readonly<Record<string, unknown>>,
): Promise<MailboxChange> {
  const change: MailboxChange = {};
  const bad: string[] = [];
  for (const [name, value] of Object.entries(object)) {
    if (name === 'name' && isName(value, context.settings.maxSizeMailboxName)) change.name = value.normalize('NFC');
    else if (name === 'role' && (value === null || (roles as readonly unknown[]).includes(value)))
      change.role = value as MailboxRole | null;
    else if (
      name === 'sortOrder' &&
      Number.isInteger(value) &&
      (value as number) >= 0 &&
      (value as number) < MAX_SORT_ORDER
    )
      change.sortOrder = value as number;
    else if (name === 'isSubscribed' && typeof value === 'boolean') change.isSubscribed = value;
    else if (name === 'parentId' && value === null) change.parentId = null;
    else if (name === 'parentId' && typeof value === 'string') {
      const id = objectIds(reader.accountId).mailbox.parse(resolveId(context, value));
      if (id !== undefined && (await reader.mailbox(id))) change.parentId = id;
      else bad.push(name);
    } else bad.push(name);
  }
  if (bad.length > 0) throw invalidProperties(bad);
  return change;
}

/** RFC 8621 §2: Net-Unicode of 1 to maxSizeMailboxName octets, no control characters. */
function isName(value: unknown, maxOctets: number): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    Buffer.byteLength(value.normalize('NFC')) <= maxOctets &&
    !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)
  );
}

/** RFC 8621 §2: siblings have different names. */
export async function checkName(
  reader: AccountReader,
  self: MailboxId | undefined,
  name: string,
  parentId: MailboxId | null,
): Promise<void> {
  const sibling = (await reader.mailboxes()).find((m) => m.id !== self && m.parentId === parentId && m.name === name);
  if (sibling)
    throw invalidProperties(
      ['name'],
      `the mailbox ${objectIds(reader.accountId).mailbox.print(sibling.id)} has this name`,
    );
}

/** RFC 8621 §2: at most one mailbox of a role in an account. */
export async function checkRole(reader: AccountReader, self: MailboxId | undefined, role: MailboxRole): Promise<void> {
  const holder = await reader.mailboxByRole(role);
  if (holder && holder.id !== self)
    throw invalidProperties(
      ['role'],
      `the mailbox ${objectIds(reader.accountId).mailbox.print(holder.id)} has this role`,
    );
}

/** RFC 8621 §1.3.1 maxMailboxDepth; @throws SetError also when `self` would lie below itself */
export async function checkDepth(
  context: MethodContext,
  reader: AccountReader,
  parentId: MailboxId | null,
  self?: MailboxId,
): Promise<void> {
  const parents = new Map((await reader.mailboxes()).map((m) => [m.id, m.parentId]));
  let depth = 1 + (self === undefined ? 0 : heightBelow(self, parents));
  for (let id = parentId; id !== null; id = parents.get(id) ?? null) {
    if (id === self) throw invalidProperties(['parentId'], 'a mailbox cannot lie below itself');
    if (++depth > context.settings.maxMailboxDepth)
      throw invalidProperties(['parentId'], 'the mailbox would lie too deep');
  }
}

function heightBelow(id: MailboxId, parents: ReadonlyMap<MailboxId, MailboxId | null>): number {
  const children = [...parents].filter(([, parent]) => parent === id);
  return Math.max(0, ...children.map(([child]) => 1 + heightBelow(child, parents)));
}

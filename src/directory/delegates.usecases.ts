/** Unit and title mailboxes have no password: named people open them with their own. */
import type { AccountId, OfficialId } from '../base/ids.ts';
import { fold } from '../base/text.ts';
import type { Tx } from '../db/database.ts';
import { announceChange, expectGivable, giveAddress, type Acting, type Context } from './context.ts';
import { accountNotShared, addressTaken, officialNotFound } from './directory.errors.ts';
import { searchKey } from './search.models.ts';
import type { Unit } from './types.ts';

export interface Delegating extends Acting {
  canSend: boolean;
}

/** Naming a delegate again changes what they may. @throws delegate.not_shared, official.not_found */
export async function addDelegate(
  ctx: Context,
  tx: Tx,
  accountId: AccountId,
  officialId: OfficialId,
  { canSend, actor = 'system' }: Delegating,
): Promise<void> {
  if (!(await isShared(ctx, tx, accountId))) throw accountNotShared();
  const official = await ctx.officials.find(tx.q, { id: officialId }, ctx.today());
  if (official?.status !== 'active') throw officialNotFound();
  await ctx.shared.endDelegations(tx.q, { accountId, officialId }, ctx.today());
  await ctx.shared.addDelegation(tx.q, { accountId, officialId, canSend, validFrom: ctx.today() });
  await ctx.audit.record(tx, {
    actor,
    action: 'delegate.add',
    object: `account:${accountId}`,
    details: { officialId, canSend },
  });
  announceChange(ctx, tx);
}

export async function removeDelegate(
  ctx: Context,
  tx: Tx,
  accountId: AccountId,
  officialId: OfficialId,
  { actor = 'system' }: Acting = {},
): Promise<void> {
  await ctx.shared.endDelegations(tx.q, { accountId, officialId }, ctx.today());
  await ctx.audit.record(tx, {
    actor,
    action: 'delegate.remove',
    object: `account:${accountId}`,
    details: { officialId },
  });
  announceChange(ctx, tx);
}

async function isShared(ctx: Context, tx: Tx, accountId: AccountId): Promise<boolean> {
  if (await ctx.shared.titleMailbox(tx.q, accountId)) return true;
  return (await ctx.units.all(tx.q)).some((unit) => unit.accountId === accountId);
}

/** Makes the mailbox of a post when it is missing, and names the holder its delegate. @throws address.invalid, address.taken */
export async function holdTitleMailbox(
  ctx: Context,
  tx: Tx,
  text: string,
  holder: { officialId: OfficialId; unit: Unit; title: string },
): Promise<void> {
  const address = expectGivable(ctx, text);
  const given = await ctx.addresses.find(tx.q, address);
  if (given && !(await ctx.shared.titleMailbox(tx.q, given.accountId))) throw addressTaken(address);
  const accountId = given?.accountId ?? (await openTitleMailbox(ctx, tx, address, holder));
  const held = await ctx.shared.delegations(tx.q, { accountId }, ctx.today());
  if (held.some((delegation) => delegation.officialId === holder.officialId)) return;
  await ctx.shared.addDelegation(tx.q, {
    accountId,
    officialId: holder.officialId,
    canSend: true,
    validFrom: ctx.today(),
  });
}

async function openTitleMailbox(
  ctx: Context,
  tx: Tx,
  address: string,
  { unit, title }: { unit: Unit; title: string },
): Promise<AccountId> {
  const accountId = await ctx.mailstore.createAccount(tx, {
    kind: 'title',
    quotaBytes: ctx.settings.titleQuotaMiB * 2 ** 20,
  });
  await giveAddress(ctx, tx, address, accountId);
  // "Chủ tịch UBND tỉnh" says its unit already, "Văn thư" does not.
  const name = fold(title).includes(fold(unit.shortName)) ? title : `${title} - ${unit.shortName}`;
  await ctx.shared.insertTitleMailbox(tx.q, {
    accountId,
    unitId: unit.id,
    title,
    name,
    searchKey: searchKey(address.split('@')[0] ?? null, name, unit.name),
  });
  return accountId;
}

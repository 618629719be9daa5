/** Granted roles, and the mailbox that goes with running the whole province. */
import type { AccountId, OfficialId, UnitId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { announceChange, giveAddress, type Acting, type Context } from './context.ts';
import { officialNotFound } from './directory.errors.ts';
import { searchKey } from './search.models.ts';
import type { Grant } from './types.ts';

const PROVINCE = 0 as UnitId;
const administrator: Grant = { role: 'system_admin', unitId: PROVINCE };

export async function grantRole(
  ctx: Context,
  tx: Tx,
  officialId: OfficialId,
  grant: Grant,
  { actor = 'system' }: Acting = {},
): Promise<void> {
  const official = await ctx.officials.find(tx.q, { id: officialId }, ctx.today());
  if (official?.status !== 'active') throw officialNotFound();
  await ctx.shared.addGrant(tx.q, officialId, grant);
  if (isAdministrator(grant)) await openTo(ctx, tx, officialId);
  await ctx.audit.record(tx, { actor, action: 'grant.add', object: `official:${officialId}`, details: { ...grant } });
  announceChange(ctx, tx);
}

export async function revokeRole(
  ctx: Context,
  tx: Tx,
  officialId: OfficialId,
  grant: Grant,
  { actor = 'system' }: Acting = {},
): Promise<void> {
  await ctx.shared.removeGrants(tx.q, officialId, grant);
  const accountId = isAdministrator(grant) ? await postmaster(ctx, tx) : undefined;
  if (accountId !== undefined) await ctx.shared.endDelegations(tx.q, { accountId, officialId }, ctx.today());
  await ctx.audit.record(tx, {
    actor,
    action: 'grant.remove',
    object: `official:${officialId}`,
    details: { ...grant },
  });
  announceChange(ctx, tx);
}

/**
 * The mailbox of postmaster@ and abuse@. It stands before there is anybody to read it; whoever administers the whole
 * province opens it as a delegate. Doing it twice changes nothing.
 */
export async function openPostmaster(ctx: Context, tx: Tx, { actor = 'system' }: Acting = {}): Promise<void> {
  // RFC 5321 §4.5.1: every domain takes mail for postmaster. RFC 2142 §2, §4: abuse too.
  const [address, ...others] = roleAddresses(ctx);
  if (await ctx.addresses.find(tx.q, address)) return;
  const accountId = await ctx.mailstore.createAccount(tx, {
    kind: 'title',
    quotaBytes: ctx.settings.titleQuotaMiB * 2 ** 20,
  });
  await giveAddress(ctx, tx, address, accountId);
  // An administrator may have given abuse@ to somebody by hand: it stays theirs.
  for (const other of others)
    if (!(await ctx.addresses.find(tx.q, other))) await giveAddress(ctx, tx, other, accountId, false);
  await ctx.shared.insertTitleMailbox(tx.q, {
    accountId,
    unitId: PROVINCE,
    title: TITLE,
    name: TITLE,
    searchKey: searchKey('postmaster', 'abuse', TITLE),
  });
  for (const officialId of await ctx.shared.holders(tx.q, administrator)) await openTo(ctx, tx, officialId);
  await ctx.audit.record(tx, {
    actor,
    action: 'postmaster.open',
    object: `account:${accountId}`,
    details: { address },
  });
  announceChange(ctx, tx);
}
const TITLE = 'Quản trị thư';

const isAdministrator = ({ role, unitId }: Grant) => role === administrator.role && unitId === PROVINCE;

function roleAddresses({ settings: { domain } }: Context): [string, string] {
  return [`postmaster@${domain}`, `abuse@${domain}`];
}

/** Undefined: not made yet, or the address is a unit's by hand. */
async function postmaster(ctx: Context, tx: Tx): Promise<AccountId | undefined> {
  const given = await ctx.addresses.find(tx.q, roleAddresses(ctx)[0]);
  const mailbox = given && (await ctx.shared.titleMailbox(tx.q, given.accountId));
  return mailbox?.unitId === PROVINCE ? mailbox.accountId : undefined;
}

async function openTo(ctx: Context, tx: Tx, officialId: OfficialId): Promise<void> {
  const accountId = await postmaster(ctx, tx);
  if (accountId === undefined) return;
  const held = await ctx.shared.delegations(tx.q, { accountId }, ctx.today());
  if (held.some((delegation) => delegation.officialId === officialId)) return;
  await ctx.shared.addDelegation(tx.q, { accountId, officialId, canSend: true, validFrom: ctx.today() });
}

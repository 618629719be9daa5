import type { AccountId, OfficialId } from '../base/ids.ts';
import { clean } from '../base/text.ts';
import type { Tx } from '../db/database.ts';
import { firstFree, localPartByRule, splitName, type PersonName } from './addresses.models.ts';
import { announceChange, expectGivable, giveAddress, type Acting, type Context } from './context.ts';
import { holdTitleMailbox } from './delegates.usecases.ts';
import { addressTaken, officialInvalid, officialNotFound, unitInvalid, unitNotFound } from './directory.errors.ts';
import { firstPasswordNow, type FirstPassword } from './passwords.ts';
import { searchKey } from './search.models.ts';
import type { Official, OfficialInput, Unit } from './types.ts';
import { isDay, standsOn } from './units.models.ts';

export interface AddOfficialOptions extends Acting {
  /** The first password in clear: hashed here and now, which blocks for some 30 ms. Servers pass `prepared`. */
  password?: string;
  prepared?: FirstPassword;
  mustChange?: boolean;
}

/** @throws official.invalid, unit.not_found, unit.invalid, address.invalid, address.taken */
export async function addOfficial(
  ctx: Context,
  tx: Tx,
  input: OfficialInput,
  options: AddOfficialOptions = {},
): Promise<{ official: Official; password: string }> {
  const { actor = 'system', mustChange = true } = options;
  const name = nameOf(input);
  const unit = await standingUnit(ctx, tx, input.unitCode);
  const validFrom = input.validFrom ?? ctx.today();
  if (!isDay(validFrom)) throw officialInvalid('validFrom', `${validFrom} is no day`);
  const title = clean(input.title).trim();
  if (title === '') throw officialInvalid('title', 'a post has a title');
  const wanted = input.address ? expectGivable(ctx, input.address) : undefined;
  if (wanted !== undefined && (await ctx.addresses.find(tx.q, wanted))) throw addressTaken(wanted);
  const accountId = await ctx.mailstore.createAccount(tx, {
    kind: 'person',
    quotaBytes: ctx.settings.personQuotaMiB * 2 ** 20,
  });
  const address = await addressFor(ctx, tx, accountId, name, wanted);
  const id = await ctx.officials.insert(tx.q, {
    accountId,
    ...name,
    status: 'active',
    externalId: input.externalId ?? null,
    searchKey: officialKey(address, name.fullName, title, unit),
    createdAt: ctx.clock.now(),
  });
  await ctx.officials.addPost(tx.q, {
    officialId: id,
    unitId: unit.id,
    title,
    role: input.role ?? 'chuyen_vien',
    isPrimary: true,
    validFrom,
  });
  const { password, hash } = options.prepared ?? firstPasswordNow(options.password, ctx.cost);
  await ctx.credentials.passwords.put(tx.q, {
    officialId: id,
    passwordHash: hash,
    mustChange,
    changedAt: ctx.clock.now(),
  });
  if (input.titleMailbox) await holdTitleMailbox(ctx, tx, input.titleMailbox, { officialId: id, unit, title });
  await ctx.audit.record(tx, {
    actor,
    action: 'official.add',
    object: `official:${id}`,
    details: { address, unit: unit.code, title },
  });
  announceChange(ctx, tx);
  const official = await ctx.officials.find(tx.q, { id }, ctx.today());
  if (!official) throw new Error('the official just added is missing');
  return { official, password };
}

/** Corrects the name, moves to another post. The address stays. */
export async function updateOfficial(
  ctx: Context,
  tx: Tx,
  id: OfficialId,
  input: OfficialInput,
  { actor = 'system' }: Acting = {},
): Promise<void> {
  const today = ctx.today();
  const now = await ctx.officials.find(tx.q, { id }, today);
  if (!now) throw officialNotFound();
  const name = nameOf(input);
  const unit = await standingUnit(ctx, tx, input.unitCode);
  const [post] = now.posts;
  const title = clean(input.title).trim();
  const role = input.role ?? post?.role ?? 'chuyen_vien';
  if (post?.unitId !== unit.id || post.title !== title || post.role !== role) {
    await ctx.officials.endPosts(tx.q, id, today);
    await leaveTitleMailboxes(ctx, tx, now, input.titleMailbox ?? null);
    await ctx.officials.addPost(tx.q, {
      officialId: id,
      unitId: unit.id,
      title,
      role,
      isPrimary: true,
      validFrom: today,
    });
  }
  if (input.titleMailbox) await holdTitleMailbox(ctx, tx, input.titleMailbox, { officialId: id, unit, title });
  await ctx.officials.update(tx.q, id, {
    ...name,
    ...(input.externalId ? { externalId: input.externalId } : {}),
    searchKey: officialKey(now.address, name.fullName, title, unit),
  });
  await ctx.audit.record(tx, {
    actor,
    action: 'official.update',
    object: `official:${id}`,
    details: { fullName: name.fullName, unit: unit.code, title },
  });
  announceChange(ctx, tx);
}

/** The account stays with its mail; nobody signs in, nothing more arrives, nobody acts for another with it. */
export async function disableOfficial(
  ctx: Context,
  tx: Tx,
  id: OfficialId,
  { actor = 'system' }: Acting = {},
): Promise<void> {
  const official = await ctx.officials.find(tx.q, { id }, ctx.today());
  if (!official) throw officialNotFound();
  await ctx.officials.update(tx.q, id, { status: 'disabled' });
  await ctx.mailstore.setAccount(tx, official.accountId, { status: 'disabled' });
  await ctx.credentials.sessions.removeOf(tx.q, id);
  await ctx.credentials.appPasswords.removeOf(tx.q, id);
  await ctx.shared.endDelegations(tx.q, { officialId: id }, ctx.today());
  await ctx.shared.removeGrants(tx.q, id);
  await ctx.audit.record(tx, {
    actor,
    action: 'official.disable',
    object: `official:${id}`,
    details: { address: official.address },
  });
  announceChange(ctx, tx);
}

/** Delegations and roles do not come back by themselves. */
export async function enableOfficial(
  ctx: Context,
  tx: Tx,
  id: OfficialId,
  { actor = 'system' }: Acting = {},
): Promise<void> {
  const official = await ctx.officials.find(tx.q, { id }, ctx.today());
  if (!official) throw officialNotFound();
  await ctx.officials.update(tx.q, id, { status: 'active' });
  await ctx.mailstore.setAccount(tx, official.accountId, { status: 'active' });
  await ctx.audit.record(tx, {
    actor,
    action: 'official.enable',
    object: `official:${id}`,
    details: { address: official.address },
  });
  announceChange(ctx, tx);
}

/** Another address of the same mailbox. @throws address.invalid, address.taken */
export async function addAlias(
  ctx: Context,
  tx: Tx,
  accountId: AccountId,
  text: string,
  { actor = 'system' }: Acting = {},
): Promise<void> {
  const address = expectGivable(ctx, text);
  await giveAddress(ctx, tx, address, accountId, false);
  await ctx.audit.record(tx, { actor, action: 'address.add', object: `account:${accountId}`, details: { address } });
  announceChange(ctx, tx);
}

async function standingUnit(ctx: Context, tx: Tx, code: string): Promise<Unit> {
  const unit = await ctx.units.byCode(tx.q, code);
  if (!unit) throw unitNotFound(code);
  if (unit.validTo !== null && !standsOn(ctx.today(), { validFrom: '', validTo: unit.validTo }))
    throw unitInvalid('unitCode', `unit ${code} was closed`);
  return unit;
}

async function addressFor(
  ctx: Context,
  tx: Tx,
  accountId: AccountId,
  name: PersonName,
  wanted: string | undefined,
): Promise<string> {
  if (wanted !== undefined) {
    await giveAddress(ctx, tx, wanted, accountId);
    return wanted;
  }
  const rule = localPartByRule(name);
  if (rule === undefined) throw officialInvalid('givenName', 'no address can be made from this name: give one by hand');
  const at = `@${ctx.settings.domain}`;
  const taken = await ctx.addresses.startingWith(tx.q, rule);
  for (;;) {
    const address = firstFree(rule, (candidate) => taken.has(candidate + at)) + at;
    const row = { address, accountId, isPrimary: true, createdAt: ctx.clock.now() };
    if (await ctx.addresses.insert(tx.q, row)) return address;
    // PostgreSQL: another unit of work took it since we looked.
    taken.add(address);
  }
}

/** @throws official.invalid */
export function nameOf(input: OfficialInput): PersonName & { fullName: string } {
  const tidy = (text: string) => clean(text).trim().replace(/\s+/gu, ' ');
  const fullName = tidy(input.fullName);
  if (fullName === '' || fullName.length > 100) throw officialInvalid('fullName', 'a name has 1 to 100 characters');
  const made = splitName(fullName);
  const givenName = tidy(input.givenName ?? '');
  if (givenName === '') return { fullName, ...made };
  return { fullName, familyName: tidy(input.familyName ?? ''), middleName: tidy(input.middleName ?? ''), givenName };
}

function officialKey(address: string, fullName: string, title: string, unit: Unit): string {
  return searchKey(address.split('@')[0] ?? null, fullName, title, unit.shortName);
}

/** A mailbox of the post stays with the post. */
async function leaveTitleMailboxes(ctx: Context, tx: Tx, official: Official, keeps: string | null): Promise<void> {
  const today = ctx.today();
  const units = new Set(official.posts.map((post) => post.unitId));
  for (const { accountId } of await ctx.shared.delegations(tx.q, { officialId: official.id }, today)) {
    const mailbox = await ctx.shared.titleMailbox(tx.q, accountId);
    if (!mailbox || !units.has(mailbox.unitId)) continue;
    const own = await ctx.addresses.ofAccount(tx.q, accountId);
    if (keeps !== null && own.some((row) => row.address === keeps.toLowerCase())) continue;
    await ctx.shared.endDelegations(tx.q, { accountId, officialId: official.id }, today);
  }
}

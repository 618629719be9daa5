import { clean } from '../base/text.ts';
import type { Tx } from '../db/database.ts';
import { announceChange, expectGivable, giveAddress, type Acting, type Context } from './context.ts';
import { addressTaken, unitExists, unitInvalid, unitNotFound } from './directory.errors.ts';
import { searchKey } from './search.models.ts';
import type { Unit, UnitInput } from './types.ts';
import { adminTiers, isDay, isLegacyCode, isUnitCode } from './units.models.ts';

/** @throws unit.invalid, unit.exists, unit.not_found (the parent), address.invalid, address.taken */
export async function addUnit(
  ctx: Context,
  tx: Tx,
  input: UnitInput,
  { actor = 'system' }: Acting = {},
): Promise<Unit> {
  const unit = checked(input);
  const parent = unit.parentCode === null ? undefined : await ctx.units.byCode(tx.q, unit.parentCode);
  if (unit.parentCode !== null && !parent) throw unitNotFound(unit.parentCode);
  const email = unit.email === null ? null : expectGivable(ctx, unit.email);
  const accountId = email === null ? null : await openMailbox(ctx, tx, email);
  const { parentCode: _, email: __, ...rest } = unit;
  const row = { ...rest, parentId: parent?.id ?? null, accountId, searchKey: unitKey({ ...unit, email }) };
  const id = await ctx.units.insert(tx.q, row);
  if (id === undefined) throw unitExists(unit.code);
  await ctx.audit.record(tx, {
    actor,
    action: 'unit.add',
    object: `unit:${unit.code}`,
    details: { name: unit.name, email },
  });
  announceChange(ctx, tx);
  const { searchKey: ___, ...made } = row;
  return { id, ...made, email };
}

/**
 * Brings a unit to what the input says. An address that it has is kept: it can be given one, not lose one.
 * @throws unit.not_found, unit.invalid, address.invalid, address.taken
 */
export async function updateUnit(
  ctx: Context,
  tx: Tx,
  input: UnitInput,
  { actor = 'system' }: Acting = {},
): Promise<void> {
  const next = checked(input);
  const now = await ctx.units.byCode(tx.q, next.code);
  if (!now) throw unitNotFound(next.code);
  const parent = next.parentCode === null ? undefined : await ctx.units.byCode(tx.q, next.parentCode);
  if (next.parentCode !== null && !parent) throw unitNotFound(next.parentCode);
  if (parent && (await liesBelow(ctx, tx, parent, now)))
    throw unitInvalid('parentCode', 'a unit cannot lie below itself');
  const email = next.email === null ? now.email : expectGivable(ctx, next.email);
  let accountId = now.accountId;
  if (email !== null && email !== now.email) {
    if (accountId === null) accountId = await openMailbox(ctx, tx, email);
    else throw unitInvalid('email', `unit ${next.code} has the address ${now.email ?? ''}, which it keeps`);
  }
  const { parentCode: _, email: __, ...rest } = next;
  await ctx.units.update(tx.q, now.id, {
    ...rest,
    parentId: parent?.id ?? null,
    accountId,
    searchKey: unitKey({ ...next, email }),
  });
  await ctx.audit.record(tx, {
    actor,
    action: 'unit.update',
    object: `unit:${next.code}`,
    details: { name: next.name, email },
  });
  announceChange(ctx, tx);
}

/** From `validTo` on it no longer stands and its address takes no mail; its code and its mail stay. */
export async function closeUnit(
  ctx: Context,
  tx: Tx,
  code: string,
  validTo: string,
  { actor = 'system' }: Acting = {},
): Promise<void> {
  const unit = await ctx.units.byCode(tx.q, code);
  if (!unit) throw unitNotFound(code);
  if (!isDay(validTo) || validTo < unit.validFrom)
    throw unitInvalid('validTo', `${validTo} is no day after ${unit.validFrom}`);
  await ctx.units.update(tx.q, unit.id, { validTo });
  await ctx.audit.record(tx, { actor, action: 'unit.close', object: `unit:${code}`, details: { validTo } });
  announceChange(ctx, tx);
}

async function openMailbox(ctx: Context, tx: Tx, email: string) {
  if (await ctx.addresses.find(tx.q, email)) throw addressTaken(email);
  const accountId = await ctx.mailstore.createAccount(tx, {
    kind: 'unit',
    quotaBytes: ctx.settings.unitQuotaMiB * 2 ** 20,
  });
  await giveAddress(ctx, tx, email, accountId);
  return accountId;
}

async function liesBelow(ctx: Context, tx: Tx, unit: Unit, above: Unit): Promise<boolean> {
  const byId = new Map((await ctx.units.all(tx.q)).map((u) => [u.id, u]));
  const seen = new Set<number>();
  for (
    let at: Unit | undefined = unit;
    at && !seen.has(at.id);
    at = at.parentId === null ? undefined : byId.get(at.parentId)
  ) {
    if (at.id === above.id) return true;
    seen.add(at.id);
  }
  return false;
}

type CheckedUnit = Required<UnitInput> & { legacyCode: string | null; validTo: string | null };

function checked(input: UnitInput): CheckedUnit {
  const unit: CheckedUnit = {
    ...input,
    name: clean(input.name).trim(),
    shortName: clean(input.shortName).trim(),
    abbreviation: clean(input.abbreviation).trim(),
    place: clean(input.place).trim(),
    legacyCode: input.legacyCode ?? null,
    validTo: input.validTo ?? null,
  };
  if (!isUnitCode(unit.code)) throw unitInvalid('code', `${unit.code} is no identification code`);
  if (unit.legacyCode !== null && !isLegacyCode(unit.legacyCode))
    throw unitInvalid('legacyCode', `${unit.legacyCode} is no legacy code`);
  if (unit.name === '' || unit.name.length > 200) throw unitInvalid('name', 'a name has 1 to 200 characters');
  if (unit.parentCode === unit.code) throw unitInvalid('parentCode', 'a unit cannot lie below itself');
  if (!adminTiers.includes(unit.adminTier)) throw unitInvalid('adminTier', 'unknown tier');
  if (!isDay(unit.validFrom)) throw unitInvalid('validFrom', `${unit.validFrom} is no day`);
  if (unit.validTo !== null && (!isDay(unit.validTo) || unit.validTo < unit.validFrom))
    throw unitInvalid('validTo', `${unit.validTo} is no day after ${unit.validFrom}`);
  return unit;
}

function unitKey(unit: Pick<Unit, 'email' | 'name' | 'shortName' | 'abbreviation' | 'code'>): string {
  return searchKey(unit.email?.split('@')[0] ?? null, unit.name, unit.shortName, unit.abbreviation, unit.code);
}

/**
 * Staff lists and unit lists, all or nothing: a dry run says what would happen, the real run does it in one unit of
 * work after planning again on what the database holds then. Passwords are hashed before.
 */
import { DomainError } from '../base/errors.ts';
import type { OfficialId, UnitId } from '../base/ids.ts';
import type { Query } from '../db/database.ts';
import { createContext, type Context, type DirectoryDeps } from './context.ts';
import type { Language, RowError } from './import-messages.ts';
import { officialHeaders, planOfficials, type KnownState } from './import-officials.models.ts';
import { readTable } from './import-table.ts';
import { planUnits, unitHeaders, type KnownUnits } from './import-units.models.ts';
import { firstPassword, type FirstPassword, type HashCost } from './passwords.ts';
import type { Directory } from './types.ts';

export interface ImportOptions {
  dryRun: boolean;
  language?: Language;
  actor?: string;
  /** Units that the importer administers; undefined: all. */
  within?: ReadonlySet<UnitId> | undefined;
}
export interface ImportedRow {
  line: number;
  action: 'create' | 'update' | 'unchanged';
  /** Unit code or address. */
  key: string;
  name: string;
  /** Fields that change. */
  changes: string[];
  /** First password of a created official; never in a dry run. */
  password?: string;
}
export interface ImportResult {
  dryRun: boolean;
  rows: ImportedRow[];
  created: number;
  updated: number;
  unchanged: number;
  /** Dry run only: with any, the real run does nothing. */
  errors: RowError[];
}

export interface DirectoryImport {
  /** @throws import.rejected {errors} unless it is a dry run; import.unreadable, import.too_large, import.header_missing, import.encoding */
  units(file: Uint8Array, options: ImportOptions): Promise<ImportResult>;
  officials(file: Uint8Array, options: ImportOptions): Promise<ImportResult>;
}

export interface ImportDeps extends DirectoryDeps {
  directory: Directory;
  /** Of the passwords' hashes. */
  cost: HashCost;
}

export function createDirectoryImport(deps: ImportDeps): DirectoryImport {
  const ctx = createContext(deps);
  return {
    units: (file, options) => importUnits(ctx, deps, file, options),
    officials: (file, options) => importOfficials(ctx, deps, file, options),
  };
}

async function importUnits(
  ctx: Context,
  { directory }: ImportDeps,
  file: Uint8Array,
  options: ImportOptions,
): Promise<ImportResult> {
  const { dryRun, language = 'vi', actor = 'system' } = options;
  const rows = await readTable(file, unitHeaders, ['code', 'name'], ctx.settings);
  const planOn = async (q: Query) => planUnits(rows, await knownUnits(ctx, q, options.within), language);
  const asRow = (plan: ReturnType<typeof planUnits>['plans'][number]): ImportedRow => ({
    line: plan.line,
    action: plan.action,
    key: plan.input.code,
    name: plan.input.name,
    changes: plan.changes,
  });
  const first = await planOn(ctx.db.read);
  if (dryRun) return result(true, first.plans.map(asRow), first.errors);
  expectNoErrors(first.errors);
  const plans = await ctx.db.write(async (tx) => {
    const plan = await planOn(tx.q);
    expectNoErrors(plan.errors);
    for (const { action, input } of plan.plans) {
      if (action === 'create') await directory.addUnit(tx, input, { actor });
      if (action === 'update') await directory.updateUnit(tx, input, { actor });
    }
    return plan.plans;
  });
  return result(false, plans.map(asRow), []);
}

async function importOfficials(
  ctx: Context,
  { directory, cost }: ImportDeps,
  file: Uint8Array,
  options: ImportOptions,
): Promise<ImportResult> {
  const { dryRun, language = 'vi', actor = 'system' } = options;
  const rows = await readTable(file, officialHeaders, ['title', 'unitCode'], ctx.settings);
  const planOn = async (q: Query) => planOfficials(rows, await knownState(ctx, q, options.within), language);
  const first = await planOn(ctx.db.read);
  if (dryRun)
    return result(
      true,
      first.plans.map((plan) => asRow(plan)),
      first.errors,
    );
  expectNoErrors(first.errors);
  const passwords = await hashed(first.plans.filter((plan) => plan.action === 'create').length, cost);
  const done = await ctx.db.write(async (tx) => {
    const plan = await planOn(tx.q);
    expectNoErrors(plan.errors);
    let used = 0;
    const made: ImportedRow[] = [];
    for (const one of plan.plans) {
      const prepared = one.action === 'create' ? passwords[used++] : undefined;
      if (one.action === 'create' && !prepared)
        throw new DomainError('conflict', 'import.changed', 'the directory changed meanwhile: try again');
      if (prepared) await directory.addOfficial(tx, one.input, { prepared, mustChange: true, actor });
      if (one.action === 'update') await directory.updateOfficial(tx, one.id, one.input, { actor });
      made.push(asRow(one, prepared));
    }
    return made;
  });
  return result(false, done, []);
}

function asRow(plan: ReturnType<typeof planOfficials>['plans'][number], prepared?: FirstPassword): ImportedRow {
  const changes = plan.action === 'update' ? plan.changes : [];
  return {
    line: plan.line,
    action: plan.action,
    key: plan.address,
    name: plan.input.fullName,
    changes,
    ...(prepared ? { password: prepared.password } : {}),
  };
}

function result(dryRun: boolean, rows: ImportedRow[], errors: RowError[]): ImportResult {
  const count = (action: ImportedRow['action']) => rows.filter((row) => row.action === action).length;
  return {
    dryRun,
    rows: rows.sort((a, b) => a.line - b.line),
    created: count('create'),
    updated: count('update'),
    unchanged: count('unchanged'),
    errors,
  };
}

function expectNoErrors(errors: RowError[]): void {
  if (errors.length > 0)
    throw new DomainError('invalid', 'import.rejected', `${errors.length} errors: nothing was imported`, { errors });
}

/** As many at a time as the thread pool has threads: 19 MiB each. */
async function hashed(count: number, cost: HashCost): Promise<FirstPassword[]> {
  const made: FirstPassword[] = [];
  while (made.length < count) {
    const batch = Math.min(4, count - made.length);
    made.push(...(await Promise.all(Array.from({ length: batch }, () => firstPassword(undefined, cost)))));
  }
  return made;
}

async function knownUnits(ctx: Context, q: Query, within: ReadonlySet<UnitId> | undefined): Promise<KnownUnits> {
  const units = await ctx.units.all(q);
  const taken = new Set((await ctx.addresses.all(q)).map((row) => row.address));
  return { domains: ctx.settings, today: ctx.today(), units, taken, within };
}

async function knownState(ctx: Context, q: Query, within: ReadonlySet<UnitId> | undefined): Promise<KnownState> {
  const today = ctx.today();
  const units = new Map((await ctx.units.all(q)).map((unit) => [unit.code, unit]));
  const addresses = await ctx.addresses.all(q);
  const addressesOf = groupBy(addresses, (row) => row.accountId);
  const posts = new Map(
    (await ctx.officials.primaryPosts(q, today)).map(({ officialId, ...post }) => [officialId, post]),
  );
  const holders = groupBy(await ctx.shared.allDelegations(q, today), (delegation) => delegation.accountId);
  const officials = (await ctx.officials.rows(q)).map((row) => {
    const own = (addressesOf.get(row.accountId) ?? []).sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary));
    return { ...row, addresses: own.map((a) => a.address), post: posts.get(row.id) };
  });
  const titleMailboxes = new Map(
    (await ctx.shared.titleMailboxes(q)).map(({ address, unitId, accountId }) => {
      const held: ReadonlySet<OfficialId> = new Set(
        (holders.get(accountId) ?? []).map((delegation) => delegation.officialId),
      );
      return [address, { unitId, holders: held }];
    }),
  );
  return {
    today,
    domains: ctx.settings,
    units,
    officials,
    taken: new Set(addresses.map((row) => row.address)),
    titleMailboxes,
    within,
  };
}

function groupBy<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}

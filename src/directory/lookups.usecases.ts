/**
 * What the rest of the program reads all day: whose address is this, what may this official open. Answers are kept in
 * memory until anything in the directory changes (bus topic "directory"); dates are looked at on each call.
 */
import type { AccountId, OfficialId, UnitId } from '../base/ids.ts';
import { compareVietnamese } from '../base/text.ts';
import { isLocal, lookupKey } from './addresses.models.ts';
import { TOPIC, type Context } from './context.ts';
import { createLru } from './lru.ts';
import { searchPatterns } from './search.models.ts';
import type { AccessibleAccount, AddressOwner, Directory, DirectoryEntry, Official, Unit } from './types.ts';
import { standsOn } from './units.models.ts';

export type Lookups = Pick<
  Directory,
  | 'unit'
  | 'units'
  | 'unitsBelow'
  | 'official'
  | 'officials'
  | 'delegates'
  | 'resolve'
  | 'isLocalDomain'
  | 'owner'
  | 'accessibleAccounts'
  | 'maySendAs'
  | 'search'
>;

export function createLookups(ctx: Context): Lookups {
  const { settings, db } = ctx;
  const caches = createCaches(ctx);
  const owner = async (accountId: AccountId) => stillStanding(ctx, await caches.owner(accountId));
  const resolve = async (address: string) => {
    const key = lookupKey(address, settings);
    const accountId = key === undefined ? undefined : await caches.account(key);
    const found = accountId === undefined ? undefined : await owner(accountId);
    return found?.kind === 'person' && found.official.status === 'disabled' ? undefined : found;
  };
  const accessible = (officialId: OfficialId) => accessibleAccounts(ctx, owner, officialId);
  return {
    owner,
    resolve,
    isLocalDomain: (domain) => isLocal(domain, settings),
    unit: async (ref) =>
      (await caches.units()).find((unit) =>
        'code' in ref ? unit.code === ref.code : 'id' in ref ? unit.id === ref.id : unit.accountId === ref.accountId,
      ),
    units: async () => [...(await caches.units())],
    unitsBelow: async (id) => below(await caches.units(), id),
    async official(ref) {
      if (!('address' in ref)) return ctx.officials.find(db.read, ref, ctx.today());
      const key = lookupKey(ref.address, settings);
      const row = key === undefined ? undefined : await ctx.addresses.find(db.read, key);
      return row && ctx.officials.find(db.read, { accountId: row.accountId }, ctx.today());
    },
    async officials({ unitId, query, after, limit = 100 } = {}) {
      const patterns = query === undefined ? undefined : searchPatterns(query)?.words;
      const filter = {
        ...(unitId === undefined ? {} : { unitId }),
        ...(patterns ? { patterns } : {}),
        ...(after === undefined ? {} : { after }),
      };
      return ctx.officials.list(db.read, { ...filter, limit }, ctx.today());
    },
    async delegates(accountId) {
      const rows = await ctx.shared.delegations(db.read, { accountId }, ctx.today());
      const named = await Promise.all(
        rows.map(async ({ officialId, canSend }) => ({
          official: await ctx.officials.find(db.read, { id: officialId }, ctx.today()),
          canSend,
        })),
      );
      return named.flatMap(({ official, canSend }) => (official ? [{ official, canSend }] : []));
    },
    accessibleAccounts: accessible,
    async maySendAs(officialId, address) {
      const found = await resolve(address);
      if (!found) return undefined;
      const account = (await accessible(officialId)).find((a) => a.accountId === found.accountId && a.canSend);
      return account && { accountId: account.accountId, kind: account.kind };
    },
    search: (query, limit) => search(ctx, caches.units, query, limit),
  };
}

function createCaches(ctx: Context) {
  const { db, settings } = ctx;
  const age = settings.cacheSeconds * 1000;
  const accounts = createLru<AccountId | undefined>(settings.cacheEntries, age, ctx.clock);
  const owners = createLru<AddressOwner | undefined>(settings.cacheEntries, age, ctx.clock);
  const unitLists = createLru<Unit[]>(1, age, ctx.clock);
  const clear = () => {
    for (const cache of [accounts, owners, unitLists]) cache.clear();
  };
  ctx.memories.push(clear);
  // Lives as long as the database. "reconnected": PostgreSQL's announcements may have been missed.
  for (const topic of [TOPIC, 'reconnected']) db.bus.subscribe(topic, clear);
  const units = () => unitLists.through('all', () => ctx.units.all(db.read));
  return {
    units,
    account: (address: string) =>
      accounts.through(address, async () => (await ctx.addresses.find(db.read, address))?.accountId),
    owner: (accountId: AccountId) => owners.through(String(accountId), () => loadOwner(ctx, units, accountId)),
  };
}

async function loadOwner(
  ctx: Context,
  units: () => Promise<Unit[]>,
  accountId: AccountId,
): Promise<AddressOwner | undefined> {
  const { db } = ctx;
  const official = await ctx.officials.find(db.read, { accountId }, ctx.today());
  if (official) return { kind: 'person', accountId, address: official.address, name: official.fullName, official };
  const unit = (await units()).find((u) => u.accountId === accountId);
  if (unit) return { kind: 'unit', accountId, address: unit.email ?? '', name: unit.name, unit };
  const mailbox = await ctx.shared.titleMailbox(db.read, accountId);
  const address = (await ctx.addresses.ofAccount(db.read, accountId)).find((row) => row.isPrimary)?.address;
  return (
    mailbox && {
      kind: 'title',
      accountId,
      address: address ?? '',
      name: mailbox.name,
      title: mailbox.title,
      unitId: mailbox.unitId,
    }
  );
}

/** A unit closes by date: nobody announces midnight. */
function stillStanding(ctx: Context, owner: AddressOwner | undefined): AddressOwner | undefined {
  if (owner?.kind !== 'unit') return owner;
  return owner.unit.validTo === null || ctx.today() < owner.unit.validTo ? owner : undefined;
}

function below(units: Unit[], id: UnitId): UnitId[] {
  const children = new Map<UnitId, UnitId[]>();
  for (const unit of units) {
    if (unit.parentId === null) continue;
    const siblings = children.get(unit.parentId);
    if (siblings) siblings.push(unit.id);
    else children.set(unit.parentId, [unit.id]);
  }
  const found = new Set<UnitId>([id]);
  for (const at of found) for (const child of children.get(at) ?? []) found.add(child);
  return [...found];
}

async function accessibleAccounts(
  ctx: Context,
  owner: (id: AccountId) => Promise<AddressOwner | undefined>,
  officialId: OfficialId,
): Promise<AccessibleAccount[]> {
  const { db } = ctx;
  const official = await ctx.officials.find(db.read, { id: officialId }, ctx.today());
  if (official?.status !== 'active') return [];
  const own = {
    accountId: official.accountId,
    kind: 'person' as const,
    name: official.fullName,
    addresses: [official.address, ...official.aliases],
    canSend: true,
  };
  const shared: AccessibleAccount[] = [];
  for (const { accountId, canSend } of await ctx.shared.delegations(db.read, { officialId }, ctx.today())) {
    const found = await owner(accountId);
    if (!found || found.kind === 'person') continue;
    const addresses = await ctx.addresses.ofAccount(db.read, accountId);
    const aliases = addresses.filter((row) => !row.isPrimary).map((row) => row.address);
    shared.push({ accountId, kind: found.kind, name: found.name, addresses: [found.address, ...aliases], canSend });
  }
  return [own, ...shared.sort((a, b) => compareVietnamese(a.name, b.name))];
}

async function search(
  ctx: Context,
  allUnits: () => Promise<Unit[]>,
  query: string,
  limit: number,
): Promise<DirectoryEntry[]> {
  const patterns = searchPatterns(query);
  const most = Math.max(0, Math.min(limit, 200));
  if (!patterns || most === 0) return [];
  const { db } = ctx;
  const today = ctx.today();
  const units = await allUnits();
  const found = new Set(await ctx.units.search(db.read, patterns, most));
  const people = await ctx.officials.search(db.read, patterns, most, today);
  const titles = await ctx.shared.searchTitles(db.read, patterns, most);
  const entries: DirectoryEntry[] = [
    ...people.sort(byGivenName).map(personEntry),
    ...units.filter((unit) => found.has(unit.id) && unit.email !== null && standsOn(today, unit)).map(unitEntry),
    ...titles.map(({ address, name, title, unitId }) => {
      const unit = units.find((u) => u.id === unitId);
      return {
        kind: 'title' as const,
        address,
        name,
        title,
        unitCode: unit?.code ?? null,
        unitName: unit?.name ?? null,
      };
    }),
  ];
  const typed = patterns.first.slice(1, -1).replaceAll('!', '');
  const rank = (entry: DirectoryEntry) => (entry.address.startsWith(typed) ? 0 : 1);
  return entries.sort((a, b) => rank(a) - rank(b)).slice(0, most);
}

// People are sorted by given name, then family, middle.
function byGivenName(a: Official, b: Official): number {
  return (
    compareVietnamese(a.givenName, b.givenName) ||
    compareVietnamese(a.familyName, b.familyName) ||
    compareVietnamese(a.middleName, b.middleName)
  );
}

export function entryOf(owner: AddressOwner): DirectoryEntry {
  if (owner.kind === 'person') return personEntry(owner.official);
  if (owner.kind === 'unit') return unitEntry(owner.unit);
  return { kind: 'title', address: owner.address, name: owner.name, title: null, unitCode: null, unitName: null };
}

function personEntry({ address, fullName, posts: [post] }: Official): DirectoryEntry {
  return {
    kind: 'person',
    address,
    name: fullName,
    title: post?.title ?? null,
    unitCode: post?.unitCode ?? null,
    unitName: post?.unitName ?? null,
  };
}

function unitEntry({ email, name, code }: Unit): DirectoryEntry {
  return { kind: 'unit', address: email ?? '', name, title: null, unitCode: code, unitName: name };
}

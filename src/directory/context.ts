import type { Audit } from '../audit/audit.repository.ts';
import type { Clock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import type { Database, Tx } from '../db/database.ts';
import type { Mailstore } from '../mailstore/types.ts';
import { addressesRepository, type AddressesRepository } from './addresses.repository.ts';
import { givableAddress } from './addresses.models.ts';
import { credentialsRepository, type CredentialsRepository } from './credentials.repository.ts';
import { addressInvalid, addressTaken } from './directory.errors.ts';
import { officialsRepository, type OfficialsRepository } from './officials.repository.ts';
import type { HashCost } from './passwords.ts';
import type { DirectorySettings } from './settings.ts';
import type { Acting } from './types.ts';
import { sharedRepository, type SharedRepository } from './shared.repository.ts';
import { dayOf } from './units.models.ts';
import { unitsRepository, type UnitsRepository } from './units.repository.ts';

/** What the directory asks of the mail store. */
export type AccountMaker = Pick<Mailstore, 'createAccount' | 'setAccount'>;

export interface DirectoryDeps {
  db: Database;
  mailstore: AccountMaker;
  clock: Clock;
  audit: Audit;
  settings: DirectorySettings;
  /** Of first passwords; the usual one if absent. */
  cost?: HashCost;
}

/** What the use cases share. */
export interface Context extends DirectoryDeps {
  units: UnitsRepository;
  officials: OfficialsRepository;
  addresses: AddressesRepository;
  shared: SharedRepository;
  credentials: CredentialsRepository;
  today(): string;
  /** Memories to clear when anything changes. */
  memories: (() => void)[];
}

export type { Acting };

export const TOPIC = 'directory';

export function createContext(deps: DirectoryDeps): Context {
  const { db, clock } = deps;
  return {
    ...deps,
    units: unitsRepository(db),
    officials: officialsRepository(db),
    addresses: addressesRepository(db),
    shared: sharedRepository(db),
    credentials: credentialsRepository(db),
    today: () => dayOf(clock.now()),
    memories: [],
  };
}

/** Tells every process; this one forgets before the caller goes on, since PostgreSQL's word takes a moment. */
export function announceChange(ctx: Context, tx: Tx): void {
  tx.announce(TOPIC);
  tx.afterCommit(() => {
    for (const forget of ctx.memories) forget();
  });
}

/** @throws address.invalid */
export function expectGivable(ctx: Context, text: string): string {
  const address = givableAddress(text, ctx.settings);
  if (address === undefined) throw addressInvalid(text);
  return address;
}

/** @throws address.taken */
export async function giveAddress(
  ctx: Context,
  tx: Tx,
  address: string,
  accountId: AccountId,
  isPrimary = true,
): Promise<void> {
  const given = await ctx.addresses.insert(tx.q, { address, accountId, isPrimary, createdAt: ctx.clock.now() });
  if (!given) throw addressTaken(address);
}

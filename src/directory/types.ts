/** Units, officials, addresses, rights, credentials: what the rest of the program asks of the directory. */
import type { AccountId, OfficialId, UnitId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';

export interface UnitInput {
  code: string;
  legacyCode?: string | null;
  name: string;
  shortName: string;
  abbreviation: string;
  kind: string;
  adminTier: 'trung_uong' | 'tinh' | 'xa';
  parentCode: string | null;
  /** Address of the unit mailbox; null: none. */
  email: string | null;
  place: string;
  hasSeal: boolean;
  ownsRegisters: boolean;
  validFrom: string;
  validTo?: string | null;
}
export interface Unit extends Omit<UnitInput, 'parentCode' | 'legacyCode' | 'validTo'> {
  id: UnitId;
  parentId: UnitId | null;
  legacyCode: string | null;
  validTo: string | null;
  accountId: AccountId | null;
}

export interface OfficialInput {
  fullName: string;
  familyName?: string;
  middleName?: string;
  givenName?: string;
  title: string;
  unitCode: string;
  role?: string;
  /** Wanted address; made from the name when absent. */
  address?: string | null;
  /** Address of a title mailbox that goes with the post. */
  titleMailbox?: string | null;
  externalId?: string | null;
  validFrom?: string;
}
export interface Post {
  unitId: UnitId;
  unitCode: string;
  unitName: string;
  unitShortName: string;
  title: string;
  role: string;
  isPrimary: boolean;
}
export interface Official {
  id: OfficialId;
  accountId: AccountId;
  fullName: string;
  familyName: string;
  middleName: string;
  givenName: string;
  address: string;
  aliases: string[];
  status: 'active' | 'disabled';
  posts: Post[];
}

/** What an address is to us. */
export type AddressOwner =
  | { kind: 'person'; accountId: AccountId; address: string; name: string; official: Official }
  | { kind: 'unit'; accountId: AccountId; address: string; name: string; unit: Unit }
  | { kind: 'title'; accountId: AccountId; address: string; name: string };

/** A row of the recipient picker and the address book. */
export interface DirectoryEntry {
  kind: 'person' | 'unit' | 'title';
  address: string;
  name: string;
  title: string | null;
  unitCode: string | null;
  unitName: string | null;
}

/** An account that an official may open: the own one, or a unit or title mailbox as its delegate. */
export interface AccessibleAccount {
  accountId: AccountId;
  kind: 'person' | 'unit' | 'title';
  name: string;
  addresses: string[];
  canSend: boolean;
}

/** Who is acting, wherever the request came from. */
export type Principal =
  | { kind: 'official'; officialId: OfficialId; accountId: AccountId; roles: Grant[]; via: 'session' | 'password' | 'app_password' }
  | { kind: 'api_key'; apiKeyId: number; name: string; scopes: string[]; unitId: UnitId | null }
  | { kind: 'system' };
export interface Grant {
  role: 'system_admin' | 'unit_admin' | 'security_officer';
  /** 0: the whole province. */
  unitId: UnitId;
}

export interface Directory {
  readonly domain: string;

  addUnit(tx: Tx, unit: UnitInput): Promise<Unit>;
  unit(ref: { code: string } | { id: UnitId } | { accountId: AccountId }): Promise<Unit | undefined>;
  units(): Promise<Unit[]>;
  /** The unit itself and all below it. */
  unitsBelow(id: UnitId): Promise<UnitId[]>;

  /** Gives an account, an address by the rule (domain.md §2), a first password that must be changed. */
  addOfficial(tx: Tx, official: OfficialInput, options?: { password?: string; mustChange?: boolean }): Promise<{ official: Official; password: string }>;
  disableOfficial(tx: Tx, id: OfficialId): Promise<void>;
  official(ref: { id: OfficialId } | { accountId: AccountId } | { address: string }): Promise<Official | undefined>;
  officials(options?: { unitId?: UnitId; query?: string; after?: OfficialId; limit?: number }): Promise<Official[]>;
  addDelegate(tx: Tx, accountId: AccountId, officialId: OfficialId, options: { canSend: boolean }): Promise<void>;
  removeDelegate(tx: Tx, accountId: AccountId, officialId: OfficialId): Promise<void>;
  delegates(accountId: AccountId): Promise<{ official: Official; canSend: boolean }[]>;

  /** Lower-cases, follows plus-addressing (`hungnv+x@`). Undefined: not ours. Disabled accounts do not resolve. */
  resolve(address: string): Promise<AddressOwner | undefined>;
  /** Is this one of our domains? */
  isLocalDomain(domain: string): boolean;
  owner(accountId: AccountId): Promise<AddressOwner | undefined>;
  /** Own account first, then unit and title mailboxes by name. */
  accessibleAccounts(officialId: OfficialId): Promise<AccessibleAccount[]>;
  maySendAs(officialId: OfficialId, address: string): Promise<{ accountId: AccountId; kind: 'person' | 'unit' | 'title' } | undefined>;
  search(query: string, limit: number): Promise<DirectoryEntry[]>;
}

export interface Credentials {
  /**
   * Address and password, or address and app password. Counts failures per account and per remote address, locks out.
   * @throws DomainError sign_in.wrong (unknown address and wrong password look alike, in time too), sign_in.locked, sign_in.rate_limited, sign_in.disabled
   */
  authenticate(input: { address: string; password: string; remote: string; allowAppPassword: boolean; allowPassword?: boolean }): Promise<Extract<Principal, { kind: 'official' }> & { mustChange: boolean }>;
  changePassword(officialId: OfficialId, current: string, next: string): Promise<void>;
  /** By an administrator: a fresh first password, sessions and app passwords ended. */
  resetPassword(officialId: OfficialId, password?: string): Promise<string>;
  createSession(officialId: OfficialId, meta: { userAgent: string; ip: string }): Promise<{ token: string; expiresAt: number }>;
  session(token: string): Promise<(Extract<Principal, { kind: 'official' }> & { mustChange: boolean; tokenHash: string }) | undefined>;
  endSession(token: string): Promise<void>;
  createAppPassword(officialId: OfficialId, label: string): Promise<{ id: number; password: string }>;
  appPasswords(officialId: OfficialId): Promise<{ id: number; label: string; createdAt: number; lastUsedAt: number | null }[]>;
  deleteAppPassword(officialId: OfficialId, id: number): Promise<void>;
  createApiKey(tx: Tx, key: { name: string; scopes: string[]; unitId?: UnitId | null; secret?: string }): Promise<{ id: number; secret: string }>;
  apiKey(secret: string): Promise<Extract<Principal, { kind: 'api_key' }> | undefined>;
}

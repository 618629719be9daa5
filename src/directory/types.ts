/** Units, officials, addresses, rights, credentials: what the rest of the program asks of the directory. */
import type { AccountId, OfficialId, UnitId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { BearerHints } from './oauth-bearer.models.ts';

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
  | { kind: 'title'; accountId: AccountId; address: string; name: string; title: string; unitId: UnitId };

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
  | {
      kind: 'official';
      officialId: OfficialId;
      accountId: AccountId;
      roles: Grant[];
      via: 'session' | 'password' | 'app_password' | 'token';
    }
  | { kind: 'api_key'; apiKeyId: number; name: string; scopes: string[]; unitId: UnitId | null }
  | { kind: 'system' };
export interface Grant {
  role: 'system_admin' | 'unit_admin' | 'security_officer';
  /** 0: the whole province. */
  unitId: UnitId;
}

/** Who did it, for the audit log: "official:12", "key:3", "cli"; "system" when absent. */
export interface Acting {
  actor?: string;
}

export interface Directory {
  readonly domain: string;

  /** Opens the unit's mailbox when it has an address. @throws unit.invalid, unit.exists, unit.not_found (parent), address.invalid, address.taken */
  addUnit(tx: Tx, unit: UnitInput, options?: Acting): Promise<Unit>;
  updateUnit(tx: Tx, unit: UnitInput, options?: Acting): Promise<void>;
  /** From `validTo` (yyyy-mm-dd) on it no longer stands: its address does not resolve, its code stays known. */
  closeUnit(tx: Tx, code: string, validTo: string, options?: Acting): Promise<void>;
  unit(ref: { code: string } | { id: UnitId } | { accountId: AccountId }): Promise<Unit | undefined>;
  units(): Promise<Unit[]>;
  /** The unit itself and all below it. */
  unitsBelow(id: UnitId): Promise<UnitId[]>;

  /** Gives an account, an address by the rule, a first password that must be changed. */
  addOfficial(
    tx: Tx,
    official: OfficialInput,
    /** `password` is hashed inside the unit, which blocks for some 30 ms; `prepared` (passwords.ts, firstPassword) was hashed before. */
    options?: Acting & { password?: string; prepared?: { password: string; hash: string }; mustChange?: boolean },
  ): Promise<{ official: Official; password: string }>;
  /** Corrects the name, moves to another post; the address stays. */
  updateOfficial(tx: Tx, id: OfficialId, official: OfficialInput, options?: Acting): Promise<void>;
  /** Ends sessions, app passwords, delegations and roles; the mail stays. */
  disableOfficial(tx: Tx, id: OfficialId, options?: Acting): Promise<void>;
  enableOfficial(tx: Tx, id: OfficialId, options?: Acting): Promise<void>;
  /** Another address of the same mailbox. */
  addAlias(tx: Tx, accountId: AccountId, address: string, options?: Acting): Promise<void>;
  official(ref: { id: OfficialId } | { accountId: AccountId } | { address: string }): Promise<Official | undefined>;
  officials(options?: { unitId?: UnitId; query?: string; after?: OfficialId; limit?: number }): Promise<Official[]>;
  addDelegate(
    tx: Tx,
    accountId: AccountId,
    officialId: OfficialId,
    options: Acting & { canSend: boolean },
  ): Promise<void>;
  removeDelegate(tx: Tx, accountId: AccountId, officialId: OfficialId, options?: Acting): Promise<void>;
  delegates(accountId: AccountId): Promise<{ official: Official; canSend: boolean }[]>;
  grants(officialId: OfficialId): Promise<Grant[]>;
  grantRole(tx: Tx, officialId: OfficialId, grant: Grant, options?: Acting): Promise<void>;
  revokeRole(tx: Tx, officialId: OfficialId, grant: Grant, options?: Acting): Promise<void>;
  /** Makes the mailbox of postmaster@ and abuse@ when it is missing; administrators of the whole province open it. */
  openPostmaster(tx: Tx, options?: Acting): Promise<void>;

  /** Lower-cases, follows plus-addressing (`hungnv+x@`). Undefined: not ours. Disabled accounts do not resolve. */
  resolve(address: string): Promise<AddressOwner | undefined>;
  /** Is this one of our domains? */
  isLocalDomain(domain: string): boolean;
  owner(accountId: AccountId): Promise<AddressOwner | undefined>;
  /** Own account first, then unit and title mailboxes by name. */
  accessibleAccounts(officialId: OfficialId): Promise<AccessibleAccount[]>;
  maySendAs(
    officialId: OfficialId,
    address: string,
  ): Promise<{ accountId: AccountId; kind: 'person' | 'unit' | 'title' } | undefined>;
  search(query: string, limit: number): Promise<DirectoryEntry[]>;
}

export interface OpenedSession {
  mustChange: boolean;
  tokenHash: string;
  signedInAt: number;
}

export interface Credentials {
  /**
   * Address and password, or address and app password. Counts failures per account and per remote address, locks out.
   * @throws DomainError sign_in.wrong (unknown address and wrong password look alike, in time too), sign_in.locked, sign_in.rate_limited, sign_in.disabled
   */
  authenticate(input: {
    address: string;
    password: string;
    remote: string;
    allowAppPassword: boolean;
    allowPassword?: boolean;
  }): Promise<Extract<Principal, { kind: 'official' }> & { mustChange: boolean }>;
  /** Sign-in by access token (RFC 7628); absent: no issuer is configured, and nobody may offer it. */
  readonly tokens?: {
    readonly hints: BearerHints;
    /**
     * `authzid`: who the client says it is; must be whom the token names.
     * @throws DomainError sign_in.token_invalid, sign_in.token_scope, sign_in.rate_limited, sign_in.disabled
     */
    authenticate(input: {
      token: string;
      authzid: string | undefined;
      remote: string;
    }): Promise<Extract<Principal, { kind: 'official' }> & { mustChange: boolean }>;
  };
  /**
   * Ends all sessions but `keepSession`, given by its hash.
   * @throws password.wrong, password.too_weak {rules}, password.reused, sign_in.locked, sign_in.rate_limited
   */
  changePassword(
    officialId: OfficialId,
    current: string,
    next: string,
    options?: { keepSession?: string; endAppPasswords?: boolean; remote?: string },
  ): Promise<void>;
  /**
   * For what a session left open must not do: the password was given for this session a short while ago, or is given now.
   * @throws password.confirm, password.wrong, sign_in.locked, sign_in.rate_limited
   */
  confirmPassword(
    officialId: OfficialId,
    given: { signedInAt: number; password?: string | undefined; remote?: string },
  ): Promise<void>;
  /** By an administrator: a fresh first password, sessions and app passwords ended. */
  resetPassword(officialId: OfficialId, password?: string, options?: Acting): Promise<string>;
  createSession(
    officialId: OfficialId,
    meta: { userAgent: string; ip: string },
  ): Promise<{ token: string; expiresAt: number }>;
  session(token: string): Promise<(Extract<Principal, { kind: 'official' }> & OpenedSession) | undefined>;
  endSession(token: string): Promise<void>;
  createAppPassword(officialId: OfficialId, label: string): Promise<{ id: number; password: string }>;
  appPasswords(
    officialId: OfficialId,
  ): Promise<{ id: number; label: string; createdAt: number; lastUsedAt: number | null }[]>;
  deleteAppPassword(officialId: OfficialId, id: number): Promise<void>;
  createApiKey(
    tx: Tx,
    key: { name: string; scopes: string[]; unitId?: UnitId | null; secret?: string },
    options?: Acting,
  ): Promise<{ id: number; secret: string }>;
  apiKeys(): Promise<ApiKeyInfo[]>;
  /** @returns false when there is no such key, or it was revoked before. */
  revokeApiKey(tx: Tx, id: number, options?: Acting): Promise<boolean>;
  apiKey(secret: string): Promise<Extract<Principal, { kind: 'api_key' }> | undefined>;
}

export interface ApiKeyInfo {
  id: number;
  name: string;
  scopes: string[];
  unitId: UnitId | null;
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

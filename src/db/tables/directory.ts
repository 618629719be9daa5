/** Units, officials, posts, addresses, delegates, credentials. */
import type { AccountId, OfficialId, UnitId } from '../../base/ids.ts';
import type { Kit } from '../kit.ts';

export const directoryTables = (k: Kit) => ({
  units: k.table(
    'units',
    {
      id: k.id('id').$type<UnitId>(),
      /** State identification code (QĐ 20/2020/QĐ-TTg), e.g. H99.06.01. */
      code: k.text('code').notNull(),
      legacyCode: k.text('legacy_code'),
      name: k.text('name').notNull(),
      shortName: k.text('short_name').notNull(),
      abbreviation: k.text('abbreviation').notNull(),
      kind: k.text('kind').notNull(),
      adminTier: k.text('admin_tier').$type<'trung_uong' | 'tinh' | 'xa'>().notNull(),
      parentId: k.int('parent_id').$type<UnitId>(),
      place: k.text('place').notNull(),
      hasSeal: k.bool('has_seal').notNull(),
      ownsRegisters: k.bool('owns_registers').notNull(),
      /** The unit's mailbox. */
      accountId: k.int('account_id').$type<AccountId>(),
      /** Dates, yyyy-mm-dd; validTo is the first day on which it no longer stands. */
      validFrom: k.text('valid_from').notNull(),
      validTo: k.text('valid_to'),
      /** fold() of names, abbreviation, code and address. */
      searchKey: k.text('search_key').notNull(),
    },
    (t) => [
      k.uniqueIndex('units_code').on(t.code),
      k.index('units_parent').on(t.parentId),
      k.index('units_account').on(t.accountId),
    ],
  ),
  officials: k.table(
    'officials',
    {
      id: k.id('id').$type<OfficialId>(),
      fullName: k.text('full_name').notNull(),
      familyName: k.text('family_name').notNull(),
      middleName: k.text('middle_name').notNull(),
      givenName: k.text('given_name').notNull(),
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      status: k.text('status').$type<'active' | 'disabled'>().notNull(),
      /** The staff list's own key for the person, if it has one. */
      externalId: k.text('external_id'),
      searchKey: k.text('search_key').notNull(),
      createdAt: k.int('created_at').notNull(),
    },
    (t) => [k.uniqueIndex('officials_account').on(t.accountId), k.index('officials_external').on(t.externalId)],
  ),
  posts: k.table(
    'posts',
    {
      id: k.id('id'),
      officialId: k.int('official_id').$type<OfficialId>().notNull(),
      unitId: k.int('unit_id').$type<UnitId>().notNull(),
      title: k.text('title').notNull(),
      /** lanh_dao, lanh_dao_phong, chuyen_vien, van_thu, quan_tri, mot_cua. */
      role: k.text('role').notNull(),
      isPrimary: k.bool('is_primary').notNull(),
      validFrom: k.text('valid_from').notNull(),
      validTo: k.text('valid_to'),
    },
    (t) => [k.index('posts_official').on(t.officialId), k.index('posts_unit').on(t.unitId)],
  ),
  /** Every address that we accept mail for, lower case. */
  addresses: k.table(
    'addresses',
    {
      address: k.text('address').primaryKey(),
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      isPrimary: k.bool('is_primary').notNull(),
      createdAt: k.int('created_at').notNull(),
    },
    (t) => [k.index('addresses_account').on(t.accountId)],
  ),
  /** Mailboxes that go with a post (chutich.ubnd@…) and are handed over with it. */
  titleMailboxes: k.table(
    'title_mailboxes',
    {
      accountId: k.int('account_id').$type<AccountId>().primaryKey(),
      unitId: k.int('unit_id').$type<UnitId>().notNull(),
      title: k.text('title').notNull(),
      name: k.text('name').notNull(),
      searchKey: k.text('search_key').notNull(),
    },
    (t) => [k.index('title_mailboxes_unit').on(t.unitId)],
  ),
  delegates: k.table(
    'delegates',
    {
      id: k.id('id'),
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      officialId: k.int('official_id').$type<OfficialId>().notNull(),
      canSend: k.bool('can_send').notNull(),
      validFrom: k.text('valid_from').notNull(),
      validTo: k.text('valid_to'),
    },
    (t) => [k.index('delegates_account').on(t.accountId), k.index('delegates_official').on(t.officialId)],
  ),
  grants: k.table(
    'grants',
    {
      officialId: k.int('official_id').$type<OfficialId>().notNull(),
      role: k.text('role').$type<'system_admin' | 'unit_admin' | 'security_officer'>().notNull(),
      /** 0 for the whole province. */
      unitId: k.int('unit_id').$type<UnitId>().notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.officialId, t.role, t.unitId] })],
  ),
  credentials: k.table('credentials', {
    officialId: k.int('official_id').$type<OfficialId>().primaryKey(),
    passwordHash: k.text('password_hash').notNull(),
    mustChange: k.bool('must_change').notNull(),
    changedAt: k.int('changed_at').notNull(),
    failures: k.int('failures').notNull(),
    lockedUntil: k.int('locked_until'),
    lastSignInAt: k.int('last_sign_in_at'),
  }),
  appPasswords: k.table(
    'app_passwords',
    {
      id: k.id('id'),
      officialId: k.int('official_id').$type<OfficialId>().notNull(),
      label: k.text('label').notNull(),
      tokenHash: k.text('token_hash').notNull(),
      createdAt: k.int('created_at').notNull(),
      lastUsedAt: k.int('last_used_at'),
    },
    (t) => [k.uniqueIndex('app_passwords_hash').on(t.tokenHash), k.index('app_passwords_official').on(t.officialId)],
  ),
  sessions: k.table(
    'sessions',
    {
      tokenHash: k.text('token_hash').primaryKey(),
      officialId: k.int('official_id').$type<OfficialId>().notNull(),
      createdAt: k.int('created_at').notNull(),
      lastSeenAt: k.int('last_seen_at').notNull(),
      expiresAt: k.int('expires_at').notNull(),
      userAgent: k.text('user_agent').notNull(),
      ip: k.text('ip').notNull(),
    },
    (t) => [k.index('sessions_official').on(t.officialId)],
  ),
  apiKeys: k.table(
    'api_keys',
    {
      id: k.id('id'),
      name: k.text('name').notNull(),
      keyHash: k.text('key_hash').notNull(),
      scopes: k.json<string[]>('scopes').notNull(),
      /** The unit whose registers an eOffice key may use with those below it; null: the province. */
      unitId: k.int('unit_id').$type<UnitId>(),
      createdAt: k.int('created_at').notNull(),
      lastUsedAt: k.int('last_used_at'),
      revokedAt: k.int('revoked_at'),
    },
    (t) => [k.uniqueIndex('api_keys_hash').on(t.keyHash)],
  ),
  signingKeys: k.table(
    'signing_keys',
    {
      /** Upper-case hex of the v4 primary key. */
      fingerprint: k.text('fingerprint').primaryKey(),
      officialId: k.int('official_id').$type<OfficialId>().notNull(),
      address: k.text('address').notNull(),
      /** z-base-32 of the SHA-1 of the address's local part: the name under which WKD asks for it. */
      wkdHash: k.text('wkd_hash').notNull(),
      /** Binary transferable public key with our certification. */
      publicKey: k.blob('public_key').notNull(),
      /** Armored private key, encrypted under the signing passphrase in the browser. */
      privateKey: k.text('private_key').notNull(),
      /** Revocation signature, sealed by the master key. */
      revocation: k.blob('revocation').notNull(),
      state: k.text('state').$type<'active' | 'superseded' | 'compromised' | 'retired'>().notNull(),
      createdAt: k.int('created_at').notNull(),
      certifiedAt: k.int('certified_at').notNull(),
      revokedAt: k.int('revoked_at'),
    },
    (t) => [
      k.index('signing_keys_official').on(t.officialId),
      k.index('signing_keys_address').on(t.address),
      k.index('signing_keys_wkd').on(t.wkdHash),
    ],
  ),
  /** Key ids (16 hex digits, upper case) of primary keys and signing subkeys: a signature names only these. */
  signingKeyIds: k.table(
    'signing_key_ids',
    {
      keyId: k.text('key_id').notNull(),
      fingerprint: k.text('fingerprint').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.keyId, t.fingerprint] })],
  ),
  /** Which messages bear a good signature of which key of ours: their verdicts are made anew when it turns out compromised. */
  signedMessages: k.table(
    'signed_messages',
    {
      fingerprint: k.text('fingerprint').notNull(),
      messageHash: k.text('message_hash').notNull(),
      signedAt: k.int('signed_at').notNull(),
      /** When we first saw these bytes, by our own clock: the time in a mailbox is what its owner says (IMAP APPEND, Email/import). */
      arrivedAt: k.int('arrived_at').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.fingerprint, t.messageHash] })],
  ),
  /** Keys of people elsewhere, as WKD gave them. */
  outsideKeys: k.table('outside_keys', {
    address: k.text('address').primaryKey(),
    /** Null: asked, nothing found. */
    publicKey: k.blob('public_key'),
    fetchedAt: k.int('fetched_at').notNull(),
  }),
});

/** What /api/v1 takes and gives; src/base/api-types.ts is the same in types (schemas.test.ts holds them together). */
import * as v from 'valibot';

import { apiScopes } from '../../directory/keys.usecases.ts';
import { postRoles, adminTiers } from '../../directory/units.models.ts';

const text = (max: number, min = 1) => v.pipe(v.string(), v.minLength(min), v.maxLength(max));
const id = v.pipe(v.number(), v.integer(), v.minValue(1));
/** Path and query values are text. */
export const idText = v.pipe(v.string(), v.regex(/^[1-9]\d{0,14}$/), v.transform(Number));
const limitText = (byDefault: number, max: number) =>
  v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,4}$/), v.transform(Number), v.minValue(1), v.maxValue(max)),
    String(byDefault),
  );
const day = v.pipe(v.string(), v.isoDate());
const kind = v.picklist(['person', 'unit', 'title']);
const roleName = v.picklist(['system_admin', 'unit_admin', 'security_officer']);

/** RFC 9457. */
export const problemSchema = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  code: v.string(),
  detail: v.exactOptional(v.string()),
  errors: v.exactOptional(
    v.array(
      v.object({
        field: v.exactOptional(v.string()),
        line: v.exactOptional(v.number()),
        code: v.string(),
        message: v.string(),
      }),
    ),
  ),
  retryAfter: v.exactOptional(v.number()),
});

/* ---- session ---- */

export const signInSchema = v.object({ address: text(320), password: text(256) });
export const sessionSchema = v.object({
  official: v.object({
    id: v.number(),
    fullName: v.string(),
    address: v.string(),
    title: v.nullable(v.string()),
    unitName: v.nullable(v.string()),
    unitCode: v.nullable(v.string()),
  }),
  accounts: v.array(
    v.object({ accountId: v.string(), kind, name: v.string(), addresses: v.array(v.string()), canSend: v.boolean() }),
  ),
  roles: v.array(roleName),
  mustChangePassword: v.boolean(),
  signingKey: v.nullable(v.object({ fingerprint: v.string() })),
  locale: v.picklist(['vi', 'en']),
});
export const passwordSchema = v.object({
  current: text(256),
  next: v.pipe(v.string(), v.maxLength(1000)),
  /** Mail programs stop working too: for when somebody else may know the password. */
  endAppPasswords: v.optional(v.boolean(), false),
});
/** Given again when the sign-in is too long ago (problem password.confirm). */
const confirmation = { password: v.exactOptional(text(256)) };

/* ---- directory ---- */

export const entriesQuery = v.object({
  q: v.optional(v.pipe(v.string(), v.maxLength(200)), ''),
  limit: limitText(20, 200),
});
export const entrySchema = v.object({
  kind,
  address: v.string(),
  name: v.string(),
  title: v.nullable(v.string()),
  unitCode: v.nullable(v.string()),
  unitName: v.nullable(v.string()),
});
export const entriesSchema = v.object({ entries: v.array(entrySchema) });
export const unitSchema = v.object({
  code: v.string(),
  name: v.string(),
  shortName: v.string(),
  abbreviation: v.string(),
  kind: v.string(),
  adminTier: v.string(),
  parentCode: v.nullable(v.string()),
  email: v.nullable(v.string()),
  place: v.string(),
  validFrom: v.string(),
  validTo: v.nullable(v.string()),
});
export const unitsSchema = v.object({ units: v.array(unitSchema) });

/* ---- administration of the directory ---- */

export const unitInputSchema = v.object({
  code: text(35),
  legacyCode: v.optional(v.nullable(text(35)), null),
  name: text(200),
  shortName: text(100),
  abbreviation: v.optional(text(30, 0), ''),
  kind: v.optional(text(40), 'khac'),
  adminTier: v.picklist(adminTiers),
  parentCode: v.optional(v.nullable(text(35)), null),
  email: v.optional(v.nullable(text(320)), null),
  place: v.optional(text(100, 0), ''),
  hasSeal: v.optional(v.boolean(), false),
  ownsRegisters: v.optional(v.boolean(), false),
  validFrom: day,
  validTo: v.optional(v.nullable(day), null),
});
export const closeUnitSchema = v.object({ validTo: day });
export const officialInputSchema = v.object({
  fullName: text(100),
  familyName: v.exactOptional(text(100, 0)),
  middleName: v.exactOptional(text(100, 0)),
  givenName: v.exactOptional(text(100)),
  title: text(200),
  unitCode: text(35),
  role: v.optional(v.picklist(postRoles), 'chuyen_vien'),
  address: v.optional(v.nullable(text(320)), null),
  titleMailbox: v.optional(v.nullable(text(320)), null),
  externalId: v.optional(v.nullable(text(100)), null),
  validFrom: v.exactOptional(day),
});
const postSchema = v.object({
  unitCode: v.string(),
  unitName: v.string(),
  title: v.string(),
  role: v.string(),
  isPrimary: v.boolean(),
});
export const officialSchema = v.object({
  id: v.number(),
  fullName: v.string(),
  address: v.string(),
  aliases: v.array(v.string()),
  status: v.picklist(['active', 'disabled']),
  posts: v.array(postSchema),
});
export const officialsSchema = v.object({ officials: v.array(officialSchema), nextAfter: v.nullable(v.number()) });
export const officialsQuery = v.object({
  unit: v.optional(text(35)),
  q: v.optional(v.pipe(v.string(), v.maxLength(200))),
  after: v.optional(idText),
  limit: limitText(100, 500),
});
export const newOfficialSchema = v.object({ official: officialSchema, password: v.string() });
export const firstPasswordSchema = v.object({ password: v.string() });
export const importQuery = v.object({
  dryRun: v.optional(v.picklist(['true', 'false']), 'false'),
  language: v.optional(v.picklist(['vi', 'en']), 'vi'),
});
export const importResultSchema = v.object({
  dryRun: v.boolean(),
  rows: v.array(
    v.object({
      line: v.number(),
      action: v.picklist(['create', 'update', 'unchanged']),
      key: v.string(),
      name: v.string(),
      changes: v.array(v.string()),
      password: v.exactOptional(v.string()),
    }),
  ),
  created: v.number(),
  updated: v.number(),
  unchanged: v.number(),
  errors: v.array(v.object({ line: v.number(), field: v.string(), code: v.string(), message: v.string() })),
});
export const idParam = v.object({ id: idText });
export const codeParam = v.object({ code: text(35) });
export const addressParam = v.object({ address: text(320) });
export const delegateParam = v.object({ address: text(320), id: idText });
export const delegateSchema = v.object({ canSend: v.boolean() });
export const delegatesSchema = v.object({
  delegates: v.array(
    v.object({ officialId: v.number(), fullName: v.string(), address: v.string(), canSend: v.boolean() }),
  ),
});
export const grantSchema = v.object({ role: roleName, unitCode: v.optional(v.nullable(text(35)), null) });
export const grantsSchema = v.object({
  grants: v.array(v.object({ role: roleName, unitCode: v.nullable(v.string()) })),
});

/* ---- keys ---- */

export const keyInputSchema = v.object({
  publicKey: text(100_000),
  privateKey: text(100_000),
  // Empty with a new passphrase for a key that is enrolled already.
  revocation: text(100_000, 0),
  ...confirmation,
});
export const ownKeySchema = v.object({
  fingerprint: v.string(),
  createdAt: v.string(),
  publicKey: v.string(),
  privateKey: v.string(),
});
export const officialKeysSchema = v.object({
  keys: v.array(
    v.object({
      fingerprint: v.string(),
      address: v.string(),
      state: v.picklist(['active', 'superseded', 'compromised', 'retired']),
      createdAt: v.string(),
      revokedAt: v.nullable(v.string()),
    }),
  ),
});
export const officialKeyParam = v.object({
  id: idParam.entries.id,
  fingerprint: v.pipe(v.string(), v.regex(/^[0-9A-F]{40}$/)),
});
/** `since`: signatures from this time on are bad; now when absent. */
export const officialRevokeSchema = v.object({
  reason: v.picklist(['compromised', 'retired']),
  since: v.optional(v.pipe(v.string(), v.isoTimestamp())),
});
export const revokeSchema = v.object({ reason: v.picklist(['superseded', 'compromised']), ...confirmation });
export const labelSchema = v.object({
  label: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100)),
  ...confirmation,
});
export const appPasswordSchema = v.object({
  id: v.number(),
  label: v.string(),
  createdAt: v.string(),
  lastUsedAt: v.nullable(v.string()),
});
export const appPasswordsSchema = v.object({ appPasswords: v.array(appPasswordSchema) });
export const newAppPasswordSchema = v.object({ id: v.number(), password: v.string() });
export const mailProgramsSchema = v.object({
  hostname: v.string(),
  userName: v.string(),
  services: v.array(
    v.object({ protocol: v.picklist(['imap', 'smtp']), port: v.number(), security: v.picklist(['tls', 'starttls']) }),
  ),
});
export const apiKeyInputSchema = v.object({
  name: text(100),
  scopes: v.pipe(v.array(v.picklist(apiScopes)), v.minLength(1), v.maxLength(10)),
  unitCode: v.optional(v.nullable(text(35)), null),
});
export const newApiKeySchema = v.object({ id, secret: v.string() });
export const apiKeysSchema = v.object({
  apiKeys: v.array(
    v.object({
      id,
      name: v.string(),
      scopes: v.array(v.string()),
      unitCode: v.nullable(v.string()),
      createdAt: v.string(),
      lastUsedAt: v.nullable(v.string()),
      revokedAt: v.nullable(v.string()),
    }),
  ),
});

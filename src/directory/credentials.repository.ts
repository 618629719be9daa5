import { and, asc, desc, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm';

import type { AccountId, OfficialId, UnitId } from '../base/ids.ts';
import type { Database, Query } from '../db/database.ts';

export interface CredentialRow {
  officialId: OfficialId;
  passwordHash: string;
  mustChange: boolean;
  failures: number;
  lockedUntil: number | null;
}
export interface Holder {
  officialId: OfficialId;
  accountId: AccountId;
  fullName: string;
  status: 'active' | 'disabled';
}
export interface SessionRow {
  tokenHash: string;
  officialId: OfficialId;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
}
export interface ApiKeyRow {
  id: number;
  name: string;
  scopes: string[];
  unitId: UnitId | null;
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

export interface CredentialsRepository {
  passwords: ReturnType<typeof passwords>;
  sessions: ReturnType<typeof sessions>;
  appPasswords: ReturnType<typeof appPasswords>;
  apiKeys: ReturnType<typeof apiKeys>;
}

export function credentialsRepository(db: Database): CredentialsRepository {
  return { passwords: passwords(db), sessions: sessions(db), appPasswords: appPasswords(db), apiKeys: apiKeys(db) };
}

function passwords(db: Database) {
  const { credentials, officials } = db.t;
  return {
    holder: async (q: Query, officialId: OfficialId): Promise<Holder | undefined> => {
      const { id, accountId, fullName, status } = officials;
      return (
        await q
          .select({ officialId: id, accountId, fullName, status })
          .from(officials)
          .where(eq(id, officialId))
          .limit(1)
      )[0];
    },
    find: async (q: Query, officialId: OfficialId): Promise<CredentialRow | undefined> =>
      (await q.select().from(credentials).where(eq(credentials.officialId, officialId)).limit(1))[0],
    put: async (
      q: Query,
      row: { officialId: OfficialId; passwordHash: string; mustChange: boolean; changedAt: number },
    ) => {
      const { officialId: _, ...set } = { ...row, failures: 0, lockedUntil: null };
      await q
        .insert(credentials)
        .values({ officialId: row.officialId, ...set, lastSignInAt: null })
        .onConflictDoUpdate({ target: credentials.officialId, set });
    },
    /** @returns failures in a row, this one included. */
    countFailure: async (q: Query, officialId: OfficialId): Promise<number> => {
      const set = { failures: sql`${credentials.failures} + 1` };
      const [row] = await q
        .update(credentials)
        .set(set)
        .where(eq(credentials.officialId, officialId))
        .returning({ failures: credentials.failures });
      return row?.failures ?? 0;
    },
    lock: async (q: Query, officialId: OfficialId, lockedUntil: number) =>
      void (await q
        .update(credentials)
        .set({ lockedUntil, failures: 0 })
        .where(eq(credentials.officialId, officialId))),
    signedIn: async (q: Query, officialId: OfficialId, lastSignInAt: number) =>
      void (await q
        .update(credentials)
        .set({ failures: 0, lockedUntil: null, lastSignInAt })
        .where(eq(credentials.officialId, officialId))),
    /** A hash made with older parameters gives way, unless the password was changed meanwhile. */
    replaceHash: async (q: Query, officialId: OfficialId, from: string, to: string) =>
      void (await q
        .update(credentials)
        .set({ passwordHash: to })
        .where(and(eq(credentials.officialId, officialId), eq(credentials.passwordHash, from)))),
  };
}

function sessions(db: Database) {
  const { sessions: table } = db.t;
  const { tokenHash, officialId, createdAt, lastSeenAt, expiresAt } = table;
  return {
    insert: async (q: Query, row: SessionRow & { userAgent: string; ip: string }) =>
      void (await q.insert(table).values(row)),
    find: async (q: Query, hash: string): Promise<SessionRow | undefined> =>
      (
        await q
          .select({ tokenHash, officialId, createdAt, lastSeenAt, expiresAt })
          .from(table)
          .where(eq(tokenHash, hash))
          .limit(1)
      )[0],
    touch: async (q: Query, hash: string, at: number) =>
      void (await q.update(table).set({ lastSeenAt: at }).where(eq(tokenHash, hash))),
    remove: async (q: Query, hash: string): Promise<OfficialId | undefined> =>
      (await q.delete(table).where(eq(tokenHash, hash)).returning({ officialId }))[0]?.officialId,
    removeOf: async (q: Query, id: OfficialId, except?: string) =>
      void (await q
        .delete(table)
        .where(and(eq(officialId, id), except === undefined ? undefined : sql`${tokenHash} <> ${except}`))),
    /** Ended ones of anybody, and the oldest of this official beyond `keep`. */
    prune: async (q: Query, id: OfficialId, keep: number, now: number, idleSince: number) => {
      await q.delete(table).where(or(lt(expiresAt, now), lt(lastSeenAt, idleSince)));
      const own = await q
        .select({ tokenHash })
        .from(table)
        .where(eq(officialId, id))
        .orderBy(desc(lastSeenAt), desc(createdAt));
      const over = own.slice(keep).map((row) => row.tokenHash);
      if (over.length > 0) await q.delete(table).where(inArray(tokenHash, over));
    },
  };
}

function appPasswords(db: Database) {
  const { appPasswords: table, credentials } = db.t;
  const { id, officialId, label, tokenHash, createdAt, lastUsedAt } = table;
  return {
    insert: async (
      q: Query,
      row: { officialId: OfficialId; label: string; tokenHash: string; createdAt: number },
    ): Promise<number> => {
      const [made] = await q
        .insert(table)
        .values({ ...row, lastUsedAt: null })
        .returning({ id });
      if (!made) throw new Error('an insert returned no row');
      return made.id;
    },
    find: async (q: Query, hash: string) =>
      (await q.select({ id, officialId, lastUsedAt }).from(table).where(eq(tokenHash, hash)).limit(1))[0],
    /** For the unit of work: those that are asked for at the same moment are counted one after the other. */
    hold: async (q: Query, of: OfficialId) =>
      void (await q.update(credentials).set({ officialId: of }).where(eq(credentials.officialId, of))),
    list: (q: Query, of: OfficialId) =>
      q.select({ id, label, createdAt, lastUsedAt }).from(table).where(eq(officialId, of)).orderBy(asc(id)),
    touch: async (q: Query, row: number, at: number) =>
      void (await q.update(table).set({ lastUsedAt: at }).where(eq(id, row))),
    /** @returns whether it was there. */
    remove: async (q: Query, of: OfficialId, row: number) =>
      (
        await q
          .delete(table)
          .where(and(eq(officialId, of), eq(id, row)))
          .returning({ id })
      ).length === 1,
    removeOf: async (q: Query, of: OfficialId) => void (await q.delete(table).where(eq(officialId, of))),
  };
}

function apiKeys(db: Database) {
  const { apiKeys: table } = db.t;
  const { id, name, scopes, unitId, createdAt, lastUsedAt, revokedAt, keyHash } = table;
  const columns = { id, name, scopes, unitId, createdAt, lastUsedAt, revokedAt };
  return {
    insert: async (
      q: Query,
      row: { name: string; keyHash: string; scopes: string[]; unitId: UnitId | null; createdAt: number },
    ): Promise<number> => {
      const [made] = await q
        .insert(table)
        .values({ ...row, lastUsedAt: null, revokedAt: null })
        .returning({ id });
      if (!made) throw new Error('an insert returned no row');
      return made.id;
    },
    find: async (q: Query, hash: string): Promise<ApiKeyRow | undefined> =>
      (
        await q
          .select(columns)
          .from(table)
          .where(and(eq(keyHash, hash), isNull(revokedAt)))
          .limit(1)
      )[0],
    list: (q: Query): Promise<ApiKeyRow[]> => q.select(columns).from(table).orderBy(asc(id)),
    touch: async (q: Query, row: number, at: number) =>
      void (await q.update(table).set({ lastUsedAt: at }).where(eq(id, row))),
    revoke: async (q: Query, row: number, at: number) =>
      (
        await q
          .update(table)
          .set({ revokedAt: at })
          .where(and(eq(id, row), isNull(revokedAt)))
          .returning({ id })
      ).length === 1,
  };
}

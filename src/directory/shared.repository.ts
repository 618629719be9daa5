/** Title mailboxes, delegates and granted roles: what makes a person more than the owner of one mailbox. */
import { and, asc, eq, gt, isNull, lte, or, sql } from 'drizzle-orm';

import type { AccountId, OfficialId, UnitId } from '../base/ids.ts';
import type { Database, Query } from '../db/database.ts';
import type { Grant } from './types.ts';

export interface TitleMailbox {
  accountId: AccountId;
  unitId: UnitId;
  title: string;
  name: string;
}
export interface Delegation {
  accountId: AccountId;
  officialId: OfficialId;
  canSend: boolean;
}

export interface SharedRepository {
  titleMailbox(q: Query, accountId: AccountId): Promise<TitleMailbox | undefined>;
  insertTitleMailbox(q: Query, mailbox: TitleMailbox & { searchKey: string }): Promise<void>;
  /** With their addresses. */
  titleMailboxes(q: Query): Promise<(TitleMailbox & { address: string })[]>;
  searchTitles(
    q: Query,
    patterns: { words: string[]; first: string },
    limit: number,
  ): Promise<(TitleMailbox & { address: string })[]>;

  delegations(q: Query, of: { accountId: AccountId } | { officialId: OfficialId }, day: string): Promise<Delegation[]>;
  allDelegations(q: Query, day: string): Promise<Delegation[]>;
  addDelegation(q: Query, delegation: Delegation & { validFrom: string }): Promise<void>;
  endDelegations(q: Query, of: { accountId?: AccountId; officialId: OfficialId }, day: string): Promise<void>;

  grants(q: Query, officialId: OfficialId): Promise<Grant[]>;
  addGrant(q: Query, officialId: OfficialId, grant: Grant): Promise<void>;
  removeGrants(q: Query, officialId: OfficialId, grant?: Grant): Promise<void>;
  holders(q: Query, grant: Grant): Promise<OfficialId[]>;
}

export function sharedRepository(db: Database): SharedRepository {
  return { ...titles(db), ...delegations(db), ...granted(db) };
}

function titles(db: Database) {
  const { titleMailboxes, addresses } = db.t;
  const { accountId, unitId, title, name } = titleMailboxes;
  const columns = { accountId, unitId, title, name };
  const withAddress = (q: Query) =>
    q
      .select({ ...columns, address: addresses.address })
      .from(titleMailboxes)
      .innerJoin(addresses, and(eq(addresses.accountId, titleMailboxes.accountId), eq(addresses.isPrimary, true)));
  return {
    titleMailbox: async (q: Query, id: AccountId) =>
      (await q.select(columns).from(titleMailboxes).where(eq(accountId, id)).limit(1))[0],
    insertTitleMailbox: async (q: Query, mailbox: TitleMailbox & { searchKey: string }) =>
      void (await q.insert(titleMailboxes).values(mailbox)),
    titleMailboxes: (q: Query) => withAddress(q).orderBy(asc(accountId)),
    searchTitles: (q: Query, { words, first }: { words: string[]; first: string }, limit: number) =>
      withAddress(q)
        .where(and(...words.map((word) => sql`${titleMailboxes.searchKey} like ${word} escape '!'`)))
        .orderBy(sql`case when ${titleMailboxes.searchKey} like ${first} escape '!' then 0 else 1 end`, asc(accountId))
        .limit(limit),
  };
}

function delegations(db: Database) {
  const { delegates } = db.t;
  const columns = { accountId: delegates.accountId, officialId: delegates.officialId, canSend: delegates.canSend };
  const standing = (day: string) =>
    and(lte(delegates.validFrom, day), or(isNull(delegates.validTo), gt(delegates.validTo, day)));
  return {
    delegations: (q: Query, of: { accountId: AccountId } | { officialId: OfficialId }, day: string) =>
      q
        .select(columns)
        .from(delegates)
        .where(
          and(
            'accountId' in of ? eq(delegates.accountId, of.accountId) : eq(delegates.officialId, of.officialId),
            standing(day),
          ),
        )
        .orderBy(asc(delegates.id)),
    allDelegations: (q: Query, day: string) => q.select(columns).from(delegates).where(standing(day)),
    addDelegation: async (q: Query, delegation: Delegation & { validFrom: string }) =>
      void (await q.insert(delegates).values({ ...delegation, validTo: null })),
    endDelegations: async (q: Query, of: { accountId?: AccountId; officialId: OfficialId }, day: string) => {
      const account = of.accountId === undefined ? undefined : eq(delegates.accountId, of.accountId);
      await q
        .update(delegates)
        .set({ validTo: day })
        .where(
          and(
            account,
            eq(delegates.officialId, of.officialId),
            or(isNull(delegates.validTo), gt(delegates.validTo, day)),
          ),
        );
    },
  };
}

function granted(db: Database) {
  const { grants } = db.t;
  return {
    grants: (q: Query, officialId: OfficialId) =>
      q
        .select({ role: grants.role, unitId: grants.unitId })
        .from(grants)
        .where(eq(grants.officialId, officialId))
        .orderBy(asc(grants.role), asc(grants.unitId)),
    addGrant: async (q: Query, officialId: OfficialId, grant: Grant) =>
      void (await q
        .insert(grants)
        .values({ officialId, ...grant })
        .onConflictDoNothing()),
    removeGrants: async (q: Query, officialId: OfficialId, grant?: Grant) => {
      const which = grant && and(eq(grants.role, grant.role), eq(grants.unitId, grant.unitId));
      await q.delete(grants).where(and(eq(grants.officialId, officialId), which));
    },
    holders: async (q: Query, { role, unitId }: Grant) =>
      (
        await q
          .select({ officialId: grants.officialId })
          .from(grants)
          .where(and(eq(grants.role, role), eq(grants.unitId, unitId)))
          .orderBy(asc(grants.officialId))
      ).map((row) => row.officialId),
  };
}

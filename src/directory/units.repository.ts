import { and, asc, eq, sql } from 'drizzle-orm';

import type { AccountId, UnitId } from '../base/ids.ts';
import type { Database, Query } from '../db/database.ts';
import type { Unit } from './types.ts';

export type NewUnit = Omit<Unit, 'id' | 'email'> & { searchKey: string };

export interface UnitsRepository {
  all(q: Query): Promise<Unit[]>;
  byCode(q: Query, code: string): Promise<Unit | undefined>;
  /** @returns undefined when the code exists. */
  insert(q: Query, unit: NewUnit): Promise<UnitId | undefined>;
  update(q: Query, id: UnitId, change: Partial<NewUnit>): Promise<void>;
  search(q: Query, patterns: { words: string[]; first: string }, limit: number): Promise<UnitId[]>;
}

export function unitsRepository(db: Database): UnitsRepository {
  const { units, addresses } = db.t;
  const selected = (q: Query) =>
    q
      .select({ unit: units, email: addresses.address })
      .from(units)
      .leftJoin(addresses, and(eq(addresses.accountId, units.accountId), eq(addresses.isPrimary, true)));
  return {
    all: async (q) => (await selected(q).orderBy(asc(units.code))).map(toUnit),
    byCode: async (q, code) => (await selected(q).where(eq(units.code, code)).limit(1)).map(toUnit)[0],
    async insert(q, unit) {
      const rows = await q
        .insert(units)
        .values(unit)
        .onConflictDoNothing({ target: units.code })
        .returning({ id: units.id });
      return rows[0]?.id;
    },
    update: async (q, id, change) => void (await q.update(units).set(change).where(eq(units.id, id))),
    async search(q, { words, first }, limit) {
      const rows = await q
        .select({ id: units.id })
        .from(units)
        .where(and(...words.map((word) => sql`${units.searchKey} like ${word} escape '!'`)))
        .orderBy(sql`case when ${units.searchKey} like ${first} escape '!' then 0 else 1 end`, asc(units.code))
        .limit(limit);
      return rows.map((row) => row.id);
    },
  };
}

interface Row {
  unit: Omit<Unit, 'email'> & { searchKey: string; accountId: AccountId | null };
  email: string | null;
}
function toUnit({ unit: { searchKey: _, ...unit }, email }: Row): Unit {
  return { ...unit, email };
}

import { asc, eq, like } from 'drizzle-orm';

import type { AccountId } from '../base/ids.ts';
import type { Database, Query } from '../db/database.ts';

export interface AddressRow {
  address: string;
  accountId: AccountId;
  isPrimary: boolean;
}

/** Rows are never deleted: an address that was given once is not given to another. */
export interface AddressesRepository {
  find(q: Query, address: string): Promise<AddressRow | undefined>;
  ofAccount(q: Query, accountId: AccountId): Promise<AddressRow[]>;
  /** Every address ever given whose local part begins so. */
  startingWith(q: Query, localPart: string): Promise<Set<string>>;
  all(q: Query): Promise<AddressRow[]>;
  /** @returns false when it was given before. */
  insert(q: Query, row: AddressRow & { createdAt: number }): Promise<boolean>;
}

export function addressesRepository(db: Database): AddressesRepository {
  const { addresses } = db.t;
  const columns = { address: addresses.address, accountId: addresses.accountId, isPrimary: addresses.isPrimary };
  return {
    find: async (q, address) =>
      (await q.select(columns).from(addresses).where(eq(addresses.address, address)).limit(1))[0],
    ofAccount: (q, accountId) =>
      q.select(columns).from(addresses).where(eq(addresses.accountId, accountId)).orderBy(asc(addresses.address)),
    async startingWith(q, localPart) {
      const rows = await q
        .select({ address: addresses.address })
        .from(addresses)
        .where(like(addresses.address, `${localPart}%`));
      return new Set(rows.map((row) => row.address));
    },
    all: (q) => q.select(columns).from(addresses),
    async insert(q, row) {
      return (
        (await q.insert(addresses).values(row).onConflictDoNothing({ target: addresses.address }).returning())
          .length === 1
      );
    },
  };
}

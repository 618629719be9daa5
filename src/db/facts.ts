import { eq } from 'drizzle-orm';

import type { Database, Tx } from './database.ts';

/** Small things that an installation remembers about itself. */
export interface FactStore {
  get(name: string): Promise<unknown>;
  /** Within a unit of work. */
  getIn(tx: Tx, name: string): Promise<unknown>;
  put(tx: Tx, name: string, value: unknown): Promise<void>;
}

export function createFactStore(db: Database): FactStore {
  const { facts } = db.t;
  return {
    get: async (name) => (await db.read.select().from(facts).where(eq(facts.name, name)))[0]?.value,
    getIn: async ({ q }, name) => (await q.select().from(facts).where(eq(facts.name, name)))[0]?.value,
    async put(tx, name, value) {
      await tx.q.insert(facts).values({ name, value }).onConflictDoUpdate({ target: facts.name, set: { value } });
    },
  };
}

import { eq } from 'drizzle-orm';

import type { SecretBox } from '../base/secret-box.ts';
import type { Database, Tx } from './database.ts';

/** Small secrets of the server, sealed under the master key with their own name as context. */
export interface SecretStore {
  get(name: string): Promise<Uint8Array | undefined>;
  put(tx: Tx, name: string, secret: Uint8Array): Promise<void>;
  names(): Promise<string[]>;
}

export function createSecretStore(db: Database, box: SecretBox, now: () => number): SecretStore {
  const { secrets } = db.t;
  return {
    async get(name) {
      const [row] = await db.read.select({ sealed: secrets.sealed }).from(secrets).where(eq(secrets.name, name));
      return row ? box.open(`secret:${name}`, row.sealed) : undefined;
    },
    async put(tx, name, secret) {
      const sealed = box.seal(`secret:${name}`, secret);
      await tx.q
        .insert(secrets)
        .values({ name, sealed, createdAt: now() })
        .onConflictDoUpdate({ target: secrets.name, set: { sealed } });
    },
    names: async () => (await db.read.select({ name: secrets.name }).from(secrets)).map((r) => r.name),
  };
}

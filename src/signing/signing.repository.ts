/** Keys of our own people, keys from elsewhere, the certification key's public half. */
import { and, desc, eq, inArray } from 'drizzle-orm';

import type { OfficialId } from '../base/ids.ts';
import type { Database, Query, Tx } from '../db/database.ts';

export type KeyState = 'active' | 'superseded' | 'compromised' | 'retired';

export interface KeyRow {
  fingerprint: string;
  officialId: OfficialId;
  address: string;
  wkdHash: string;
  publicKey: Uint8Array;
  privateKey: string;
  /** Sealed. */
  revocation: Uint8Array;
  state: KeyState;
  createdAt: number;
  certifiedAt: number;
  revokedAt: number | null;
}
export interface OutsideKey {
  publicKey: Uint8Array | null;
  fetchedAt: number;
}
export interface Certification {
  fingerprint: string;
  address: string;
  /** Binary. */
  publicKey: Uint8Array;
}

const CERTIFICATION_FACT = 'signing.certification';
export const CERTIFICATION_SECRET = 'signing.certification';

export interface SigningRepository {
  insert(tx: Tx, row: KeyRow, keyIds: readonly string[]): Promise<void>;
  update(
    tx: Tx,
    fingerprint: string,
    change: Partial<Pick<KeyRow, 'publicKey' | 'privateKey' | 'state' | 'revokedAt'>>,
  ): Promise<void>;
  key(fingerprint: string, q?: Query): Promise<KeyRow | undefined>;
  /** Newest first. */
  keysOf(officialId: OfficialId, q?: Query): Promise<KeyRow[]>;
  byKeyId(keyId: string): Promise<KeyRow[]>;
  /** Active first, then newest first. */
  byWkdHash(hash: string): Promise<KeyRow[]>;
  outside(address: string): Promise<OutsideKey | undefined>;
  putOutside(tx: Tx, address: string, key: OutsideKey): Promise<void>;
  certification(q?: Query): Promise<Certification | undefined>;
  putCertification(tx: Tx, certification: Certification): Promise<void>;
  /** The first arrival of these bytes stays. */
  noteSigned(
    tx: Tx,
    signed: { fingerprint: string; messageHash: string; signedAt: number; arrivedAt: number },
  ): Promise<void>;
  signedBy(fingerprint: string): Promise<{ hash: string; arrivedAt: number }[]>;
}

type Writes = Pick<SigningRepository, 'insert' | 'update' | 'putOutside' | 'putCertification' | 'noteSigned'>;

function writes(db: Database): Writes {
  const { signingKeys, signingKeyIds, outsideKeys, facts, signedMessages } = db.t;
  return {
    async insert(tx, row, keyIds) {
      await tx.q.insert(signingKeys).values(row);
      await tx.q.insert(signingKeyIds).values(keyIds.map((keyId) => ({ keyId, fingerprint: row.fingerprint })));
    },
    async update(tx, fingerprint, change) {
      await tx.q.update(signingKeys).set(change).where(eq(signingKeys.fingerprint, fingerprint));
    },
    async putOutside(tx, address, key) {
      await tx.q
        .insert(outsideKeys)
        .values({ address, ...key })
        .onConflictDoUpdate({ target: outsideKeys.address, set: key });
    },
    async putCertification(tx, { publicKey, ...rest }) {
      const value = { ...rest, publicKey: Buffer.from(publicKey).toString('base64') };
      await tx.q.insert(facts).values({ name: CERTIFICATION_FACT, value });
    },
    async noteSigned(tx, signed) {
      await tx.q.insert(signedMessages).values(signed).onConflictDoNothing();
    },
  };
}

export function createSigningRepository(db: Database): SigningRepository {
  const { signingKeys, signingKeyIds, outsideKeys, facts, signedMessages } = db.t;
  const activeFirst = (a: KeyRow, b: KeyRow) =>
    Number(b.state === 'active') - Number(a.state === 'active') || b.createdAt - a.createdAt;
  return {
    ...writes(db),
    key: async (fingerprint, q = db.read) =>
      (await q.select().from(signingKeys).where(eq(signingKeys.fingerprint, fingerprint)))[0],
    keysOf: (officialId, q = db.read) =>
      rowsOf(
        q
          .select()
          .from(signingKeys)
          .where(eq(signingKeys.officialId, officialId))
          .orderBy(desc(signingKeys.certifiedAt)),
      ),
    async byKeyId(keyId) {
      const ids = await db.read
        .select({ fingerprint: signingKeyIds.fingerprint })
        .from(signingKeyIds)
        .where(eq(signingKeyIds.keyId, keyId))
        .limit(5);
      if (ids.length === 0) return [];
      return db.read
        .select()
        .from(signingKeys)
        .where(
          and(
            inArray(
              signingKeys.fingerprint,
              ids.map((i) => i.fingerprint),
            ),
          ),
        );
    },
    byWkdHash: async (hash) =>
      (await db.read.select().from(signingKeys).where(eq(signingKeys.wkdHash, hash)).limit(20)).sort(activeFirst),
    outside: async (address) =>
      (
        await db.read
          .select({ publicKey: outsideKeys.publicKey, fetchedAt: outsideKeys.fetchedAt })
          .from(outsideKeys)
          .where(eq(outsideKeys.address, address))
      )[0],
    async certification(q = db.read) {
      const [row] = await q.select({ value: facts.value }).from(facts).where(eq(facts.name, CERTIFICATION_FACT));
      return row ? readCertification(row.value) : undefined;
    },
    signedBy: async (fingerprint) =>
      db.read
        .select({ hash: signedMessages.messageHash, arrivedAt: signedMessages.arrivedAt })
        .from(signedMessages)
        .where(eq(signedMessages.fingerprint, fingerprint)),
  };
}

const rowsOf = async (query: PromiseLike<KeyRow[]>): Promise<KeyRow[]> => await query;

function readCertification(value: unknown): Certification {
  if (
    typeof value !== 'object' ||
    value === null ||
    !('fingerprint' in value) ||
    !('address' in value) ||
    !('publicKey' in value)
  ) {
    throw new Error('the certification key of the database cannot be read');
  }
  return {
    fingerprint: String(value.fingerprint),
    address: String(value.address),
    publicKey: Buffer.from(String(value.publicKey), 'base64'),
  };
}

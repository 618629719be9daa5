/**
 * The life of keys: the certification key, enrolment, revocation, what WKD serves. The private certification key is
 * opened for one certification and dropped; it never meets bytes from outside that the worker has not checked.
 */
import { armor, enums, generateKey, readPrivateKey, readKey, type PrivateKey } from 'openpgp';

import { isDomainError } from '../base/errors.ts';
import type { OfficialId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { exclusive } from '../db/exclusive.ts';
import type { Official } from '../directory/types.ts';
import type { Context } from './context.ts';
import type { EnrolCheck } from './enrol-check.ts';
import {
  certify,
  hexFingerprint,
  readPublicKeys,
  readRevocations,
  revokeCertification,
  signPacket,
  writeKeys,
} from './packets.ts';
import {
  certificationExists,
  keyNotFound,
  keysChanging,
  keyTaken,
  keyUnfit,
  noCertificationKey,
  officialNotFound,
} from './signing.errors.ts';
import { CERTIFICATION_SECRET, type KeyRow } from './signing.repository.ts';
import type { Signing, SigningKeyInfo } from './types.ts';
import { splitAddress, wkdHash } from './wkd-name.ts';

type Fit = Extract<EnrolCheck, { fit: true }>;
type EnrolInput = Parameters<Signing['enrol']>[1];

export async function createCertificationKey(
  { directory, clock, settings, secrets, repository, audit }: Context,
  tx: Tx,
): Promise<string> {
  // Once in an installation's life, at init, before anything else runs: the unit may wait for the key's own arithmetic.
  if (await repository.certification(tx.q)) throw certificationExists();
  const date = new Date(Math.floor(clock.now() / 1000) * 1000);
  const address = `${settings.certificationLocalPart}@${directory.domain}`;
  const made = await generateKey({
    userIDs: [{ name: settings.certificationName, email: address }],
    type: 'ecc',
    curve: 'ed25519Legacy',
    subkeys: [],
    date,
    format: 'object',
  });
  const key = made.privateKey;
  const [user] = key.users;
  if (!user) throw new Error('a new key without user id');
  const properties = {
    signatureType: enums.signature.certPositive,
    keyFlags: Uint8Array.of(enums.keyFlags.certifyKeys),
    isPrimaryUserID: true,
  };
  user.selfCertifications = [await signPacket(key, { userID: user.userID, key: key.keyPacket }, properties, date)];
  const fingerprint = hexFingerprint(key);
  await secrets.put(tx, CERTIFICATION_SECRET, key.write());
  await repository.putCertification(tx, { fingerprint, address, publicKey: key.toPublic().write() });
  await audit.record(tx, {
    actor: 'system',
    action: 'signing.certification_key_created',
    object: `key:${fingerprint}`,
  });
  return fingerprint;
}

async function certificationPrivateKey({ secrets }: Context): Promise<PrivateKey> {
  const binaryKey = await secrets.get(CERTIFICATION_SECRET);
  if (!binaryKey) throw noCertificationKey();
  return readPrivateKey({ binaryKey });
}

export async function enrol(context: Context, officialId: OfficialId, input: EnrolInput): Promise<SigningKeyInfo> {
  const official = await context.directory.official({ id: officialId });
  if (!official || official.status !== 'active') throw officialNotFound();
  const checked = await context.worker.enrol({
    ...input,
    fullName: official.fullName,
    address: official.address,
    now: context.clock.now(),
  });
  if (!checked.fit) throw keyUnfit(checked.reason, checked.detail);
  // Whoever enrols at the same time makes what was read old: then it is read anew.
  for (let round = 0; round < ROUNDS; round++) {
    const known = await context.repository.key(checked.fingerprint);
    if (known) return changePassphrase(context, known, officialId, input.privateKey);
    if (input.revocation === '') throw keyUnfit('revocation');
    const stored = await store(context, official, checked, input);
    if (stored) return stored;
  }
  throw keysChanging();
}

const ROUNDS = 10;
/** Keys of one official change one after the other. */
const keysOfOfficial = (officialId: OfficialId): string => `signing.keys:${officialId}`;

/** The same key under a new passphrase: only the encrypted half is replaced. */
async function changePassphrase(
  { db, repository, audit }: Context,
  known: KeyRow,
  officialId: OfficialId,
  privateKey: string,
): Promise<SigningKeyInfo> {
  if (known.officialId !== officialId || known.state !== 'active') throw keyTaken();
  await db.write(async (tx) => {
    await repository.update(tx, known.fingerprint, { privateKey });
    await audit.record(tx, {
      actor: `official:${officialId}`,
      action: 'signing.passphrase_changed',
      object: `key:${known.fingerprint}`,
    });
  });
  return infoOf(known);
}

/** The former key goes and the new one comes in one unit of work. Undefined: the official's keys changed meanwhile. */
async function store(
  context: Context,
  official: Official,
  checked: Fit,
  input: EnrolInput,
): Promise<SigningKeyInfo | undefined> {
  const { db, repository, clock, box, audit } = context;
  const now = clock.now();
  const certifier = await certificationPrivateKey(context);
  const [key] = await readPublicKeys(checked.publicKey);
  const [user] = key?.users ?? [];
  if (!key || !user) throw keyUnfit('unreadable');
  user.otherCertifications = [await certify(certifier, key, user, new Date(now))];
  const row: KeyRow = {
    fingerprint: checked.fingerprint,
    officialId: official.id,
    address: official.address,
    wkdHash: wkdHash(splitAddress(official.address)?.localPart ?? ''),
    publicKey: key.write(),
    privateKey: input.privateKey,
    revocation: box.seal(revocationContext(checked.fingerprint), Buffer.from(input.revocation, 'utf8')),
    state: 'active',
    createdAt: checked.createdAt,
    certifiedAt: now,
    revokedAt: null,
  };
  const actor = `official:${official.id}`;
  const former = (await repository.keysOf(official.id)).filter(isActive);
  const revocations = await Promise.all(former.map((one) => prepareRevocation(context, one, 'superseded')));
  return db.write(async (tx) => {
    await exclusive(db, tx, keysOfOfficial(official.id));
    const active = (await repository.keysOf(official.id, tx.q)).filter(isActive);
    if (!sameKeys(active, former) || (await repository.key(row.fingerprint, tx.q))) return undefined;
    for (const revocation of revocations) await applyRevocation(context, tx, revocation, actor);
    await repository.insert(tx, row, checked.keyIds);
    await audit.record(tx, {
      actor,
      action: 'signing.key_enrolled',
      object: `key:${row.fingerprint}`,
      details: { address: row.address },
    });
    return infoOf(row);
  });
}

const isActive = ({ state }: KeyRow): boolean => state === 'active';
const sameKeys = (a: readonly KeyRow[], b: readonly KeyRow[]): boolean =>
  a.length === b.length && a.every(({ fingerprint }) => b.some((other) => other.fingerprint === fingerprint));

const revocationContext = (fingerprint: string): string => `signing.revocation:${fingerprint}`;

const reasonFlags = {
  superseded: enums.reasonForRevocation.keySuperseded,
  compromised: enums.reasonForRevocation.keyCompromised,
  retired: enums.reasonForRevocation.keyRetired,
};

/** @param since compromised: signatures from this time on are bad; now when absent. */
export async function revoke(
  context: Context,
  fingerprint: string,
  reason: Reason,
  actor: string,
  since?: number,
): Promise<void> {
  const { db, repository } = context;
  for (let round = 0; round < ROUNDS; round++) {
    const row = await repository.key(fingerprint);
    if (!row) throw keyNotFound();
    // A key that was superseded may turn out compromised; the worse word stays.
    if (row.state === reason || row.state === 'compromised') return;
    const revocation = await prepareRevocation(context, row, reason, since);
    const done = await db.write(async (tx) => {
      await exclusive(db, tx, keysOfOfficial(row.officialId));
      if ((await repository.key(fingerprint, tx.q))?.state !== row.state) return false;
      await applyRevocation(context, tx, revocation, actor);
      return true;
    });
    if (done) return;
  }
  throw keysChanging();
}

export async function retireKeysOf(context: Context, officialId: OfficialId, actor: string): Promise<void> {
  for (const row of (await context.repository.keysOf(officialId)).filter(isActive))
    await revoke(context, row.fingerprint, 'retired', actor);
}

type Reason = keyof typeof reasonFlags;
interface PreparedRevocation {
  fingerprint: string;
  reason: Reason;
  publicKey: Uint8Array;
  revokedAt: number;
}

/** What a unit of work cannot wait for: the arithmetic. */
async function prepareRevocation(
  context: Context,
  row: KeyRow,
  reason: Reason,
  since?: number,
): Promise<PreparedRevocation> {
  const { clock, box } = context;
  const now = clock.now();
  const [key] = await readPublicKeys(row.publicKey);
  const [user] = key?.users ?? [];
  if (!key || !user) throw new Error('a stored key cannot be read');
  const made = await readRevocations(
    Buffer.from(box.open(revocationContext(row.fingerprint), row.revocation)).toString('utf8'),
  );
  const fitting =
    made.find((p) => p.reasonForRevocationFlag === reasonFlags[reason]) ??
    made.find((p) => p.reasonForRevocationFlag !== reasonFlags.superseded);
  key.revocationSignatures = [fitting ?? made[0]].filter((p) => p !== undefined);
  // Kept elsewhere, our own key cannot take its certification back now; the key's own revocation must not wait for it.
  const certifier = await certificationPrivateKey(context).catch((error: unknown) => {
    if (isDomainError(error, 'signing.no_certification_key')) return undefined;
    throw error;
  });
  if (certifier)
    user.revocationSignatures = [await revokeCertification(certifier, key, user, reasonFlags[reason], new Date(now))];
  return { fingerprint: row.fingerprint, reason, publicKey: key.write(), revokedAt: Math.min(since ?? now, now) };
}

async function applyRevocation(
  { repository, audit, jobs }: Context,
  tx: Tx,
  { fingerprint, reason, publicKey, revokedAt }: PreparedRevocation,
  actor: string,
): Promise<void> {
  await repository.update(tx, fingerprint, { publicKey, state: reason, revokedAt });
  await audit.record(tx, {
    actor,
    action: 'signing.key_revoked',
    object: `key:${fingerprint}`,
    details: { reason, revokedAt },
  });
  if (reason === 'compromised') await jobs.add(tx, REVERIFY_QUEUE, { fingerprint }, { key: fingerprint });
}

/** Verdicts of messages that a compromised key signed are made anew. */
export const REVERIFY_QUEUE = 'signing.reverify';

export async function ownKey(
  { repository }: Context,
  officialId: OfficialId,
): Promise<(SigningKeyInfo & { publicKey: string; privateKey: string }) | undefined> {
  const row = (await repository.keysOf(officialId)).find((r) => r.state === 'active');
  if (!row) return undefined;
  return { ...infoOf(row), publicKey: armor(enums.armor.publicKey, row.publicKey), privateKey: row.privateKey };
}

/** All keys of the address, the active one first: a reader of old mail needs the superseded one too. */
export async function wkd(
  { repository, directory, settings }: Context,
  domain: string,
  hash: string,
): Promise<Uint8Array | undefined> {
  if (!/^[a-z0-9]{32}$/.test(hash) || !directory.isLocalDomain(domain)) return undefined;
  if (hash === wkdHash(settings.certificationLocalPart)) return (await repository.certification())?.publicKey;
  const rows = (await repository.byWkdHash(hash)).filter(
    (row) => splitAddress(row.address)?.domain === domain.toLowerCase(),
  );
  if (rows.length === 0) return undefined;
  return writeKeys(await Promise.all(rows.map((row) => readKey({ binaryKey: row.publicKey }))));
}

export function infoOf({ fingerprint, address, state, createdAt, revokedAt }: KeyRow): SigningKeyInfo {
  return { fingerprint, address, state, createdAt, revokedAt };
}

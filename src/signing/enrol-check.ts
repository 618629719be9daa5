/**
 * Whether a key that a browser made may become an official's (docs/signing-browser.md). In the worker: until it is checked, a key is as
 * hostile as any upload. Every reason is a stable word that the screen translates.
 */
import { enums, readKeys, readPrivateKeys, type Key, type PrivateKey } from 'openpgp';

import { fullStrict, hexFingerprint, hexKeyId, isWeak, readRevocations, strict, verifies } from './packets.ts';

/** Armored, each of the three. A key of ours has about 1.5 KB. */
export const MAX_ENROL_CHARACTERS = 32 * 1024;

export interface EnrolInput {
  publicKey: string;
  privateKey: string;
  /** '' for a new passphrase of a key that is enrolled already. */
  revocation: string;
  fullName: string;
  address: string;
  now: number;
}
export type EnrolCheck =
  | { fit: false; reason: string; detail?: string }
  | { fit: true; fingerprint: string; keyIds: string[]; createdAt: number; publicKey: Uint8Array };

class Unfit extends Error {
  override readonly name = 'Unfit';
}
function demand(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Unfit(reason);
}

const HOUR = 3600_000;

export async function checkEnrolment(input: EnrolInput): Promise<EnrolCheck> {
  try {
    for (const text of [input.publicKey, input.privateKey, input.revocation])
      demand(text.length <= MAX_ENROL_CHARACTERS, 'too_large');
    const key = await readOne(input.publicKey);
    demand(!key.isPrivate(), 'not_a_public_key');
    checkPrimary(key, input.now);
    await checkUser(key, input);
    await checkSubkeys(key, input.now);
    checkPrivate(key, await readPrivate(input.privateKey));
    if (input.revocation !== '') await checkRevocations(key, input.revocation);
    return {
      fit: true,
      fingerprint: hexFingerprint(key),
      keyIds: key.subkeys.map(hexKeyId),
      createdAt: key.getCreationTime().getTime(),
      publicKey: key.write(),
    };
  } catch (error) {
    if (error instanceof Unfit) return { fit: false, reason: error.message };
    return { fit: false, reason: 'unreadable', detail: error instanceof Error ? error.message : String(error) };
  }
}

async function readOne(armored: string): Promise<Key> {
  // Unknown packets are not passed over: what we do not understand we do not publish.
  const keys = await readKeys({ armoredKeys: armored, config: { ...strict, ignoreUnsupportedPackets: false } });
  const [key] = keys;
  demand(key !== undefined && keys.length === 1, 'not_one_key');
  return key;
}

/** gpg 2.2 must verify it: the old packet form of Ed25519, algorithm 22. */
function isEd25519(part: Pick<Key, 'getAlgorithmInfo'>): boolean {
  const { algorithm, curve } = part.getAlgorithmInfo();
  return algorithm === 'eddsaLegacy' && curve === 'ed25519Legacy';
}

function checkPrimary(key: Key, now: number): void {
  demand(key.keyPacket.version === 4, 'version');
  demand(isEd25519(key), 'algorithm');
  demand(key.revocationSignatures.length === 0, 'revoked');
  demand(key.getCreationTime().getTime() <= now + HOUR, 'created_in_future');
}

async function checkUser(key: Key, { fullName, address, now, revocation }: EnrolInput): Promise<void> {
  const [user] = key.users;
  demand(key.users.length === 1 && user?.userID != null, 'not_one_user_id');
  demand(user.userID.userID === `${fullName.normalize('NFC')} <${address}>`, 'user_id_differs');
  // A key that is enrolled already comes back as we gave it out, with the province's certification; only its private half is taken.
  demand(revocation === '' || user.otherCertifications.length === 0, 'foreign_signatures');
  demand(user.revocationSignatures.length === 0, 'foreign_signatures');
  demand(user.selfCertifications.length === 1, 'self_certification');
  const [own] = user.selfCertifications;
  demand(own !== undefined && !isWeak(own.hashAlgorithm), 'weak_digest');
  await key
    .verifyPrimaryKey(new Date(now + HOUR), undefined, fullStrict)
    .catch(() => demand(false, 'self_certification'));
  // The primary key certifies, a subkey signs.
  demand(own.keyFlags?.[0] === enums.keyFlags.certifyKeys, 'primary_key_flags');
  demand(own.exportable !== false, 'self_certification');
}

async function checkSubkeys(key: Key, now: number): Promise<void> {
  demand(key.subkeys.length >= 1 && key.subkeys.length <= 3, 'signing_subkey');
  for (const subkey of key.subkeys) {
    demand(subkey.keyPacket.version === 4 && isEd25519(subkey), 'algorithm');
    demand(subkey.revocationSignatures.length === 0, 'revoked');
    demand(subkey.bindingSignatures.length === 1, 'signing_subkey');
    const [binding] = subkey.bindingSignatures;
    demand(binding?.keyFlags?.[0] === enums.keyFlags.signData, 'signing_subkey');
    demand(!isWeak(binding.hashAlgorithm) && !isWeak(binding.embeddedSignature?.hashAlgorithm ?? null), 'weak_digest');
    // Also verifies the subkey's own signature back (RFC 9580 §5.2.1.9).
    await key
      .getSigningKey(subkey.getKeyID(), new Date(now + HOUR), undefined, fullStrict)
      .catch(() => demand(false, 'signing_subkey'));
    demand(subkey.getCreationTime().getTime() <= now + HOUR, 'created_in_future');
  }
}

async function readPrivate(armored: string): Promise<PrivateKey> {
  const keys = await readPrivateKeys({ armoredKeys: armored, config: strict }).catch(() => []);
  const [key] = keys;
  demand(key !== undefined && keys.length === 1, 'private_key_unreadable');
  return key;
}

interface Protection {
  s2kUsage?: number;
  s2k?: { type?: string; c?: number; t?: number; encodedM?: number } | null;
}

/** The server must not be able to read it: both halves of every packet fit, none lies in the clear. */
function checkPrivate(key: Key, secret: PrivateKey): void {
  const names = (k: Key) => [k, ...k.subkeys].map(hexFingerprint).join();
  demand(names(key) === names(secret), 'private_key_differs');
  for (const { keyPacket } of [secret, ...secret.subkeys]) {
    demand('isMissingSecretKeyMaterial' in keyPacket && !keyPacket.isMissingSecretKeyMaterial(), 'private_key_missing');
    demand(!keyPacket.isDecrypted(), 'private_key_in_clear');
    const { s2kUsage, s2k } = keyPacket as Protection;
    demand(s2kUsage === 253 || s2kUsage === 254, 'private_key_protection');
    // RFC 9580 §3.7.1.4, §3.7.1.3: 32 MiB at least; coded count 224 are 16 million octets.
    const argon2 = s2k?.type === 'argon2' && (s2k.encodedM ?? 0) >= 15 && (s2k.t ?? 0) >= 1;
    const iterated = s2k?.type === 'iterated' && (s2k.c ?? 0) >= 224;
    demand(argon2 || iterated, 'private_key_protection');
  }
}

async function checkRevocations(key: Key, armored: string): Promise<void> {
  const packets = await readRevocations(armored).catch(() => []);
  demand(packets.length >= 1 && packets.length <= 5, 'revocation');
  for (const packet of packets) {
    demand(
      packet.signatureType === enums.signature.keyRevocation &&
        packet.created !== null &&
        !isWeak(packet.hashAlgorithm),
      'revocation',
    );
    demand(
      await verifies(packet, key, enums.signature.keyRevocation, { key: key.keyPacket }, packet.created),
      'revocation',
    );
  }
  const soft = [enums.reasonForRevocation.keySuperseded, enums.reasonForRevocation.keyRetired];
  // One that works when the key was stolen.
  demand(
    packets.some((p) => p.reasonForRevocationFlag === null || !soft.includes(p.reasonForRevocationFlag)),
    'revocation',
  );
}

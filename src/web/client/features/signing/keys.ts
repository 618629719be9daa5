/**
 * The official's key (docs/signing-browser.md): v4, Ed25519; the primary key certifies only, a subkey signs, one user id, nothing
 * encrypts. Runs inside the worker, nowhere else.
 */
import {
  armor,
  config,
  createMessage,
  decryptKey,
  encryptKey,
  enums,
  generateKey,
  PacketList,
  readPrivateKey,
  sign,
  SignaturePacket,
  type Config,
  type PartialConfig,
  type PrivateKey,
} from 'openpgp';

import { MIN_PASSPHRASE } from './passphrase-rules.ts';
import { SigningError, type MadeKey } from './protocol.ts';

/** What a guess of the passphrase costs: RFC 9580 §3.7.1.4, Argon2id with 4 lanes. */
export interface GuessCost {
  passes: number;
  /** 2^n KiB. */
  memoryExponent: number;
}
const usualCost: GuessCost = { passes: 3, memoryExponent: 16 };
/** The least that the server takes: where the passphrase is known to all (the demo, tests). */
export const leastCost: GuessCost = { passes: 1, memoryExponent: 15 };

/** RFC 9580 §3.7.2.1: Argon2 demands AEAD. */
const atRest = (cost: GuessCost): PartialConfig => ({
  aeadProtect: true,
  s2kType: enums.s2k.argon2,
  s2kArgon2Params: { ...cost, parallelism: 4 },
});
/** What gpg 2.2 reads: iterated and salted SHA-256 over 65 MB, AES-256 in CFB mode. */
const forGpg: PartialConfig = { aeadProtect: false, s2kType: enums.s2k.iterated, s2kIterationCountByte: 255 };

/** RFC 8265 §4.2: the same words typed in NFC and NFD are one passphrase. */
const normal = (passphrase: string): string => passphrase.normalize('NFC');

export async function makeKey(
  input: { fullName: string; address: string; passphrase: string; at?: number },
  cost = usualCost,
): Promise<{ made: MadeKey; unlocked: PrivateKey }> {
  const name = input.fullName.normalize('NFC').trim();
  const email = input.address.trim().toLowerCase();
  if (!/^[^<>@()\p{Cc}\p{Cf}]{1,100}$/u.test(name) || !/^[^\s<>@]{1,64}@[a-z0-9.-]{1,253}$/.test(email))
    throw new SigningError('name_or_address_invalid');
  if ([...normal(input.passphrase)].length < MIN_PASSPHRASE) throw new SigningError('passphrase_weak');
  const date = new Date(Math.floor((input.at ?? Date.now()) / 1000) * 1000);
  const { privateKey: key } = await generateKey({
    userIDs: [{ name, email }],
    type: 'ecc',
    curve: 'ed25519Legacy',
    subkeys: [{ sign: true }],
    date,
    format: 'object',
    config: { preferredHashAlgorithm: enums.hash.sha512 },
  });
  await certifyOnly(key, date);
  const locked = await encrypt(key, input.passphrase, cost);
  return {
    made: {
      fingerprint: key.getFingerprint().toUpperCase(),
      publicKey: key.toPublic().armor(),
      privateKey: locked,
      revocation: await revocations(key, date),
    },
    unlocked: key,
  };
}

/** openpgp.js lets the primary key sign too; ours says again, with fewer flags, what it vouches for. */
async function certifyOnly(key: PrivateKey, date: Date): Promise<void> {
  const [user] = key.users;
  const [made] = user?.selfCertifications ?? [];
  if (!user?.userID || !made) throw new SigningError('failed', 'a new key without user id');
  const certification = Object.assign(new SignaturePacket(), {
    signatureType: enums.signature.certPositive,
    publicKeyAlgorithm: key.keyPacket.algorithm,
    hashAlgorithm: enums.hash.sha512,
    keyFlags: [enums.keyFlags.certifyKeys],
    isPrimaryUserID: true,
    preferredHashAlgorithms: made.preferredHashAlgorithms,
    preferredSymmetricAlgorithms: made.preferredSymmetricAlgorithms,
    preferredCompressionAlgorithms: made.preferredCompressionAlgorithms,
    features: made.features,
  });
  const { keyPacket } = key;
  if (!('privateParams' in keyPacket)) throw new SigningError('failed', 'a new key without private half');
  // The library's type knows neither that a certification is over {userID, key} nor that `config` is wanted.
  const signOver = certification.sign.bind(certification) as (
    key: unknown,
    data: object,
    date: Date,
    detached: boolean,
    config: Config,
  ) => Promise<void>;
  await signOver(keyPacket, { userID: user.userID, key: keyPacket }, date, false, config);
  user.selfCertifications = [certification];
}

/**
 * Made now, because later nobody may hold the passphrase. RFC 9580 §5.2.3.31: superseded and retired leave old
 * signatures good, compromised does not; the server publishes the one that fits.
 */
async function revocations(key: PrivateKey, date: Date): Promise<string> {
  const packets = new PacketList<SignaturePacket>();
  for (const flag of [
    enums.reasonForRevocation.keySuperseded,
    enums.reasonForRevocation.keyCompromised,
    enums.reasonForRevocation.keyRetired,
  ]) {
    const [signature] = (await key.revoke({ flag }, date)).revocationSignatures;
    if (signature) packets.push(signature);
  }
  return armor(enums.armor.publicKey, packets.write(), undefined, undefined, 'Revocation signatures');
}

async function encrypt(key: PrivateKey, passphrase: string, cost = usualCost): Promise<string> {
  try {
    return (await encryptKey({ privateKey: key, passphrase: normal(passphrase), config: atRest(cost) })).armor();
  } catch (error) {
    throw wasmBlocked(error) ? new SigningError('argon2_unavailable') : error;
  }
}

export async function unlockKey(privateKey: string, passphrase: string): Promise<PrivateKey> {
  const key = await readPrivateKey({ armoredKey: privateKey }).catch((error: unknown) => {
    throw new SigningError('key_unreadable', messageOf(error));
  });
  try {
    return await decryptKey({ privateKey: key, passphrase: normal(passphrase) });
  } catch (error) {
    if (wasmBlocked(error)) throw new SigningError('argon2_unavailable');
    // The key itself was read, so what fails now is the authentication tag or the checksum under this passphrase.
    if (/is not supported|not implemented|unknown s2k/i.test(messageOf(error)))
      throw new SigningError('key_unreadable', messageOf(error));
    throw new SigningError('wrong_passphrase');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
function wasmBlocked(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'CompileError' || /WebAssembly|wasm|Argon2 out of memory/i.test(cause.message)) return true;
  }
  return false;
}

export async function changePassphrase(privateKey: string, current: string, next: string): Promise<string> {
  if ([...normal(next)].length < MIN_PASSPHRASE) throw new SigningError('passphrase_weak');
  return encrypt(await unlockKey(privateKey, current), next);
}

export async function exportForGpg(privateKey: string, passphrase: string): Promise<string> {
  const key = await unlockKey(privateKey, passphrase);
  return (await encryptKey({ privateKey: key, passphrase: normal(passphrase), config: forGpg })).armor();
}

/** RFC 3156 §5: over exactly these octets; micalg comes from the signature that was really made. */
export async function signDetached(
  key: PrivateKey,
  payload: Uint8Array,
  at?: number,
): Promise<{ armored: string; micalg: string }> {
  const date = at === undefined ? new Date() : new Date(at);
  const signature = await sign({
    message: await createMessage({ binary: payload }),
    signingKeys: key,
    detached: true,
    format: 'object',
    date,
  });
  // With `detached` the result is a Signature, which the library's type does not say.
  const [packet] = signature.packets;
  if (!(packet instanceof SignaturePacket) || packet.hashAlgorithm === null)
    throw new SigningError('failed', 'no signature was made');
  return { armored: signature.armor(), micalg: `pgp-${enums.read(enums.hash, packet.hashAlgorithm)}` };
}

/** Overwrites what can be overwritten; the rest goes with the worker. */
export function forget(key: PrivateKey): void {
  for (const { keyPacket } of [key, ...key.subkeys]) {
    if (!('privateParams' in keyPacket) || !keyPacket.privateParams) continue;
    for (const value of Object.values(keyPacket.privateParams)) if (value instanceof Uint8Array) value.fill(0);
    keyPacket.privateParams = null;
  }
}

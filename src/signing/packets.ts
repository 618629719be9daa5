/** OpenPGP packets with our limits (RFC 9580, v4). Used in the worker for what strangers send, on the main thread for our own keys. */
import { config, enums, readKeys, readSignature, SignaturePacket, unarmor } from 'openpgp';
import type { Config, Key, PartialConfig, SecretKeyPacket, Subkey, User } from 'openpgp';

/** docs/trust-verdict.md: SHA-1 and MD5 never count, for messages and for keys. */
const weak = new Set([enums.hash.md5, enums.hash.sha1, enums.hash.ripemd]);

export const strict: PartialConfig = {
  rejectHashAlgorithms: weak,
  rejectMessageHashAlgorithms: weak,
  minRSABits: 2047,
  ignoreUnsupportedPackets: true,
  ignoreMalformedPackets: false,
  maxUserIDLength: 1024,
};
export const fullStrict: Config = { ...config, ...strict };

export const isWeak = (hash: enums.hash | null): boolean => hash === null || weak.has(hash);

/** Octets of one key block; what is larger is not read. */
export const MAX_KEY_BYTES = 256 * 1024;
/** Signatures on one key that are looked at: a flooded key is refused, not worked through. */
const MAX_SIGNATURES = 500;

export async function readPublicKeys(binary: Uint8Array): Promise<Key[]> {
  if (binary.length > MAX_KEY_BYTES) throw new Error('the key is too large');
  const keys = await readKeys({ binaryKeys: binary, config: strict });
  if (keys.length > 10) throw new Error('too many keys');
  for (const key of keys)
    if (countSignatures(key) > MAX_SIGNATURES || key.subkeys.length > 50 || key.users.length > 50)
      throw new Error('too many packets');
  return keys.map((key) => (key.isPrivate() ? key.toPublic() : key));
}

function countSignatures(key: Key): number {
  return (
    key.revocationSignatures.length +
    key.users.reduce(
      (n, u) => n + u.selfCertifications.length + u.otherCertifications.length + u.revocationSignatures.length,
      0,
    ) +
    key.subkeys.reduce((n, s) => n + s.bindingSignatures.length + s.revocationSignatures.length, 0)
  );
}

export async function readSignatures(armored: string): Promise<SignaturePacket[]> {
  return [...(await readSignature({ armoredSignature: armored, config: strict })).packets];
}

/** Several revocation signatures in one armor, which calls itself a public key as gpg's revocation certificates do. */
export async function readRevocations(armored: string): Promise<SignaturePacket[]> {
  const opened: { data: unknown } = await unarmor(armored, fullStrict);
  const binary = opened.data;
  // The library's type promises a stream; for a string it gives the octets.
  const octets =
    binary instanceof Uint8Array
      ? binary
      : new Uint8Array(await new Response(binary as ReadableStream<Uint8Array>).arrayBuffer());
  return [...(await readSignature({ binarySignature: octets, config: strict })).packets];
}

export const hexFingerprint = (key: Pick<Key | Subkey, 'getFingerprint'>): string => key.getFingerprint().toUpperCase();
export const hexKeyId = (key: Pick<Key | Subkey, 'getKeyID'>): string => key.getKeyID().toHex().toUpperCase();

/** Key ids that may stand on a signature of this key. */
export const signingKeyIdsOf = (key: Key): string[] => [key, ...key.subkeys].map(hexKeyId);

export function secretPacket(key: Key): SecretKeyPacket {
  const { keyPacket } = key;
  if (!('privateParams' in keyPacket)) throw new Error('not a private key');
  return keyPacket;
}

interface Over {
  key: unknown;
  userID?: unknown;
}

/** A signature of `signer` over a key, or a user id on a key. */
export async function signPacket(
  signer: Key,
  over: Over,
  properties: Partial<SignaturePacket>,
  date: Date,
): Promise<SignaturePacket> {
  const packet = Object.assign(
    new SignaturePacket(),
    { publicKeyAlgorithm: signer.keyPacket.algorithm, hashAlgorithm: enums.hash.sha512 },
    properties,
  );
  // The library's type knows neither what certifications are over nor that `config` is wanted.
  const sign = packet.sign.bind(packet) as (
    key: unknown,
    data: object,
    date: Date,
    detached: boolean,
    full: Config,
  ) => Promise<void>;
  await sign(secretPacket(signer), over, date, false, fullStrict);
  return packet;
}

/** RFC 9580 §5.2.1.4 generic certification by our provincial key. */
export function certify(signer: Key, key: Key, user: User, date: Date): Promise<SignaturePacket> {
  return signPacket(
    signer,
    { userID: user.userID, key: key.keyPacket },
    { signatureType: enums.signature.certGeneric },
    date,
  );
}

/** RFC 9580 §5.2.1.13: takes our certification back. */
export function revokeCertification(
  signer: Key,
  key: Key,
  user: User,
  reason: enums.reasonForRevocation,
  date: Date,
): Promise<SignaturePacket> {
  const properties = {
    signatureType: enums.signature.certRevocation,
    reasonForRevocationFlag: reason,
    reasonForRevocationString: '',
  };
  return signPacket(signer, { userID: user.userID, key: key.keyPacket }, properties, date);
}

/** Does `certifier` vouch for this user id? Whether it was taken back, and when, the table of keys knows. */
export async function isCertified(certifier: Key, key: Key, user: User, at: Date): Promise<boolean> {
  const over = { userID: user.userID, key: key.keyPacket };
  const kinds = [
    enums.signature.certGeneric,
    enums.signature.certPersona,
    enums.signature.certCasual,
    enums.signature.certPositive,
  ];
  const good = async (signature: SignaturePacket) => {
    const type = signature.signatureType;
    if (type === null || !kinds.includes(type) || isWeak(signature.hashAlgorithm)) return false;
    if (!signature.issuerKeyID.equals(certifier.getKeyID())) return false;
    return verifies(signature, certifier, type, over, at);
  };
  for (const signature of user.otherCertifications) if (await good(signature)) return true;
  return false;
}

export function verifies(
  signature: SignaturePacket,
  by: Pick<Key | Subkey, 'keyPacket'>,
  type: enums.signature,
  over: object,
  at: Date,
): Promise<boolean> {
  return signature.verify(by.keyPacket, type, over, at, false, fullStrict).then(
    () => true,
    () => false,
  );
}

/** Packets in the order that RFC 9580 §10.1.1 demands. */
export function writeKeys(keys: readonly Key[]): Uint8Array {
  const octets = keys.map((key) => key.write());
  return Buffer.concat(octets);
}

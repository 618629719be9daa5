/** The cryptographic part of a verdict, in the worker: the signature under the keys that might have made it, as of its own time. */
import {
  createMessage,
  enums,
  LiteralDataPacket,
  readSignature,
  type Key,
  type SignaturePacket,
  type Subkey,
} from 'openpgp';

import { parseMessage } from '../message/parse.ts';
import {
  fullStrict,
  hexFingerprint,
  hexKeyId,
  isCertified,
  isWeak,
  readPublicKeys,
  strict,
  verifies,
} from './packets.ts';
import { armorOf, findSigned } from './structure.ts';

export interface CheckInput {
  bytes: Uint8Array;
  keys: Uint8Array[];
  /** Whose certification makes a user id of our own people believable; absent: keys came from their domain itself. */
  certifier?: Uint8Array;
  /** Our clock, ms. */
  now: number;
  /** The address that the key was asked for: only this user id counts. */
  address?: string;
}

export type CheckResult =
  | { kind: 'noKey' }
  /** The octets are not those that were signed. */
  | { kind: 'bad'; detail: string }
  | {
      kind: 'good';
      fingerprint: string;
      /** The user id that somebody vouches for; absent: nobody does. */
      user?: { name: string; address: string };
      /** Of key and subkey at the signature time. */
      validity: 'valid' | 'expired' | 'unfit';
      detail?: string;
      /** By the key's own owner, from the key itself; times in ms. */
      revocation?: { at: number; reason: 'superseded' | 'compromised' | 'retired'; hard: boolean };
    };

export async function check(input: CheckInput): Promise<CheckResult> {
  const structure = findSigned(input.bytes, parseMessage(input.bytes));
  if (structure.kind !== 'signed') return { kind: 'bad', detail: 'not signed' };
  const { entity } = structure;
  const read = await readSignature({ armoredSignature: armorOf(entity), config: strict });
  const [packet] = read.packets;
  if (!packet?.created) return { kind: 'bad', detail: 'no signature' };
  const found = await signerOf(packet, input.keys);
  if (!found) return { kind: 'noKey' };
  const problem = await overOctets(packet, found.part, entity.canonicalBytes);
  if (problem !== undefined) return { kind: 'bad', detail: problem };
  const { created } = packet;
  const user = await vouchedUser(found.key, input, created);
  const revocation = await revocationOf(found.key, found.part);
  const validity = await validityAt(found.key, found.part, packet, created);
  return {
    kind: 'good',
    fingerprint: hexFingerprint(found.key),
    ...validity,
    ...(user ? { user } : {}),
    ...(revocation ? { revocation } : {}),
  };
}

async function signerOf(
  packet: SignaturePacket,
  blocks: readonly Uint8Array[],
): Promise<{ key: Key; part: Key | Subkey } | undefined> {
  const wanted = packet.issuerKeyID.toHex().toUpperCase();
  for (const block of blocks) {
    for (const key of await readPublicKeys(block)) {
      const part = [key, ...key.subkeys].find((k) => hexKeyId(k) === wanted);
      if (part) return { key, part };
    }
  }
  return undefined;
}

/** @returns what is wrong, or undefined. */
async function overOctets(packet: SignaturePacket, by: Key | Subkey, octets: Uint8Array): Promise<string | undefined> {
  const type = packet.signatureType;
  if (type !== enums.signature.binary && type !== enums.signature.text) return 'not a signature over a document';
  if (isWeak(packet.hashAlgorithm)) return 'weak digest';
  const literal = (await createMessage({ binary: octets })).packets.findPacket(enums.packet.literalData);
  if (!(literal instanceof LiteralDataPacket)) return 'no content';
  try {
    // Expiry is judged apart: as of the signature time, not of today.
    await packet.verify(by.keyPacket, type, literal, packet.created ?? undefined, true, fullStrict);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The user id that counts: certified by the province, or that of the address its own domain answered for. */
async function vouchedUser(
  key: Key,
  { certifier, address, now }: CheckInput,
  at: Date,
): Promise<{ name: string; address: string } | undefined> {
  // A key is certified a moment after it was made, perhaps after its first signature: any time up to now counts.
  const [certifying] = certifier ? await readPublicKeys(certifier) : [];
  for (const user of key.users) {
    const { userID } = user;
    if (!userID || userID.email === '') continue;
    const own = user.selfCertifications.some((s) => !isWeak(s.hashAlgorithm));
    if (!own || !(await selfCertified(key, user.selfCertifications, userID))) continue;
    if (
      certifying
        ? await isCertified(certifying, key, user, new Date(Math.max(now, at.getTime())))
        : userID.email.toLowerCase() === address?.toLowerCase()
    ) {
      return { name: userID.name, address: userID.email.toLowerCase() };
    }
  }
  return undefined;
}

async function selfCertified(key: Key, certifications: readonly SignaturePacket[], userID: unknown): Promise<boolean> {
  const over = { userID, key: key.keyPacket };
  for (const signature of certifications) {
    if (
      signature.signatureType !== null &&
      (await verifies(signature, key, signature.signatureType, over, signature.created ?? new Date()))
    )
      return true;
  }
  return false;
}

/** RFC 9580 §5.2.3.31: superseded and retired count from their time on, every other reason for all time. */
async function revocationOf(
  key: Key,
  part: Key | Subkey,
): Promise<Extract<CheckResult, { kind: 'good' }>['revocation']> {
  const own = key.revocationSignatures.map((signature) => ({
    signature,
    type: enums.signature.keyRevocation,
    over: { key: key.keyPacket },
  }));
  const sub =
    part === key
      ? []
      : part.revocationSignatures.map((signature) => ({
          signature,
          type: enums.signature.subkeyRevocation,
          over: { key: key.keyPacket, bind: part.keyPacket },
        }));
  const good: NonNullable<Extract<CheckResult, { kind: 'good' }>['revocation']>[] = [];
  for (const { signature, type, over } of [...own, ...sub]) {
    if (!signature.created || !(await verifies(signature, key, type, over, signature.created))) continue;
    const flag = signature.reasonForRevocationFlag;
    const reason =
      flag === enums.reasonForRevocation.keySuperseded
        ? 'superseded'
        : flag === enums.reasonForRevocation.keyRetired
          ? 'retired'
          : 'compromised';
    good.push({ at: signature.created.getTime(), reason, hard: reason === 'compromised' });
  }
  return good.sort((a, b) => Number(b.hard) - Number(a.hard) || a.at - b.at)[0];
}

async function validityAt(
  key: Key,
  part: Key | Subkey,
  packet: SignaturePacket,
  at: Date,
): Promise<{ validity: 'valid' | 'expired' | 'unfit'; detail?: string }> {
  if (packet.isExpired(at)) return { validity: 'expired', detail: 'the signature expired' };
  for (const each of [key, part]) {
    if (at < each.getCreationTime()) return { validity: 'unfit', detail: 'signed before the key was made' };
  }
  const revocations = { own: key.revocationSignatures, sub: part.revocationSignatures };
  try {
    // Revocations are judged with our own knowledge of their time; here the key counts as it was before them.
    key.revocationSignatures = [];
    part.revocationSignatures = [];
    await key.getSigningKey(part.getKeyID(), at, undefined, fullStrict);
    return { validity: 'valid' };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const ends = await Promise.all(
      [
        key.getExpirationTime(undefined, fullStrict),
        part === key ? Infinity : part.getExpirationTime(at, fullStrict),
      ].map(async (e) => e),
    ).catch(() => []);
    return {
      validity:
        ends.some((end) => end !== null && Number(end) <= at.getTime()) || /expired/i.test(detail)
          ? 'expired'
          : 'unfit',
      detail,
    };
  } finally {
    key.revocationSignatures = revocations.own;
    part.revocationSignatures = revocations.sub;
  }
}

/** First look at a message, in the worker: what is signed, by which key id, and whether the header says the same inside and out. */
import { enums, type SignaturePacket } from 'openpgp';

import { parseMessage } from '../message/parse.ts';
import { compareHeaders, protectedHeaders, type HeaderDifference } from '../message/protected-headers.ts';
import type { SignedEntity } from '../message/signed.ts';
import type { Address, ParsedMessage } from '../message/types.ts';
import { isWeak, readSignatures } from './packets.ts';
import { armorOf, countFiles, findSigned } from './structure.ts';

export interface SignatureInfo {
  /** 16 hex digits, upper case. */
  keyId: string;
  createdAt: number;
  /** "sha512" */
  hash: string;
  weak: boolean;
}
export interface HeaderFinding {
  /** The signed part says that it protects header fields. */
  present: boolean;
  changed: HeaderDifference[];
  /** Shown to readers, but not under the signature. */
  uncovered: string[];
  /** A field that may stand once stands twice. */
  repeated: boolean;
}

export type Inspection =
  | { kind: 'unsigned'; noticed?: string; files: { signed: number; unsigned: number } }
  | { kind: 'broken'; reason: string; files: { signed: number; unsigned: number } }
  | {
      kind: 'signed';
      signedPart: string;
      outside: string[];
      signature: SignatureInfo;
      /** The container names the digest that was used (RFC 3156 §5). */
      micalg: { stated: string; fits: boolean };
      headers: HeaderFinding;
      from: Address[];
      files: { signed: number; unsigned: number };
    };

export async function inspect(bytes: Uint8Array): Promise<Inspection> {
  const message = parseMessage(bytes);
  const structure = findSigned(bytes, message);
  if (structure.kind !== 'signed') return { ...structure, files: countFiles(message.root) };
  const { entity, outside, repeated } = structure;
  const files = countFiles(message.root, entity);
  const signature = await onlySignature(entity);
  if (typeof signature === 'string') return { kind: 'broken', reason: signature, files };
  return {
    kind: 'signed',
    signedPart: entity.signedPart.path,
    outside,
    signature,
    micalg: { stated: entity.micalg, fits: entity.micalg === `pgp-${signature.hash}` },
    headers: headerFinding(bytes, message, entity, repeated),
    from: message.summary.from,
    files,
  };
}

/** Subject, From, To, Date; and Cc and Reply-To, which decide who is answered. */
const shown = new Set(['From', 'To', 'Cc', 'Reply-To', 'Subject', 'Date']);

function headerFinding(
  bytes: Uint8Array,
  message: ParsedMessage,
  entity: SignedEntity,
  repeated: boolean,
): HeaderFinding {
  const inner = protectedHeaders(bytes, entity);
  if (!inner) return { present: false, changed: [], uncovered: [], repeated };
  const { differences, unprotected } = compareHeaders(message.header, inner);
  return {
    present: true,
    changed: differences.slice(0, 20).map(short),
    uncovered: unprotected.filter((field) => shown.has(field)),
    repeated,
  };
}

const short = ({ field, outer, signed }: HeaderDifference): HeaderDifference => ({
  field,
  outer: outer.slice(0, 1000),
  signed: signed.slice(0, 1000),
});

/** docs/trust-verdict.md: one signature. Others could be added by anyone on the way, since nothing covers the signature part. */
async function onlySignature(entity: SignedEntity): Promise<SignatureInfo | string> {
  let packets: SignaturePacket[];
  try {
    packets = await readSignatures(armorOf(entity));
  } catch (error) {
    return `the signature cannot be read: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`;
  }
  const [packet, second] = packets;
  if (!packet) return 'no signature in the signature part';
  if (second) return `${packets.length} signatures`;
  const { signatureType: type, created, hashAlgorithm: hash } = packet;
  if ((type !== enums.signature.binary && type !== enums.signature.text) || created === null || hash === null)
    return 'not a signature over a document';
  return {
    keyId: packet.issuerKeyID.toHex().toUpperCase(),
    createdAt: created.getTime(),
    hash: enums.read(enums.hash, hash),
    weak: isWeak(hash),
  };
}

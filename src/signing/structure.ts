/**
 * What src/message/signed.ts found, judged by docs/trust-verdict.md: is there one OpenPGP signature, and what would a reader see that it
 * does not cover? Signatures inside an attached message, S/MIME and inline PGP are noticed and never count.
 */
import { latin1 } from '../message/charset.ts';
import { findFields } from '../message/header.ts';
import { findSignature, isCovered, type SignatureConcern, type SignedEntity } from '../message/signed.ts';
import type { ParsedMessage, Part } from '../message/types.ts';

export type Structure =
  /** `outside`: what a reader would see that the signature does not cover; empty: it covers everything. */
  | { kind: 'signed'; entity: SignedEntity; outside: string[]; repeated: boolean }
  | { kind: 'broken'; reason: string }
  | { kind: 'unsigned'; noticed?: string };

export function findSigned(bytes: Uint8Array, message: ParsedMessage): Structure {
  const { signed, extra, others } = findSignature(message, bytes);
  if (!signed)
    return extra.includes('malformed')
      ? { kind: 'broken', reason: 'multipart/signed without signature' }
      : { kind: 'unsigned', ...notice(extra) };
  if (signed.protocol === 'smime') return { kind: 'unsigned', noticed: 'smime' };
  const { container } = signed;
  // RFC 1847 §2.1: the parameter and the second part name one protocol. Absent is lenient, another is a trick.
  if (extra.includes('protocol-mismatch') && container.params['protocol'] !== undefined)
    return { kind: 'broken', reason: 'another protocol is named' };
  for (const name of ['Content-Type', 'Content-Transfer-Encoding', 'MIME-Version']) {
    // Two readers would take the message apart in two ways.
    if (findFields(message.header, name).length > 1) return { kind: 'broken', reason: `${name} twice` };
  }
  const beside = others.filter((other) => !isCovered(signed, other.container)).length;
  const outside = [
    ...(container === message.root ? [] : ['other parts of the message']),
    ...(extra.includes('extra-parts') ? ['more parts after the signature'] : []),
    ...(beside > 0 ? ['another signed part'] : []),
    ...around(bytes, container),
  ];
  return { kind: 'signed', entity: signed, outside, repeated: extra.includes('repeated-header') };
}

function notice(extra: readonly SignatureConcern[]): { noticed?: string } {
  const names: Partial<Record<SignatureConcern, string>> = {
    'signed-message-inside': 'attachedSignature',
    'inline-pgp': 'inlinePgp',
    'opaque-smime': 'smime',
    encrypted: 'encrypted',
  };
  const noticed = extra.map((concern) => names[concern]).find((name) => name !== undefined);
  return noticed === undefined ? {} : { noticed };
}

/** What PGP mailers write before the first boundary, for readers without MIME. */
const harmlessPreamble =
  /^This is an? (OpenPGP\/MIME signed|multi-?part|cryptographically signed|signed) message[^\r\n]{0,60}$/i;

/** Preamble and epilogue: most readers hide them, some do not. */
function around(bytes: Uint8Array, container: Part): string[] {
  const first = container.parts?.[0];
  const last = container.parts?.at(-1);
  if (!first || !last) return [];
  const boundary = container.params['boundary'] ?? '';
  const lines = (from: number, to: number) =>
    latin1(bytes, from, to)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && line !== `--${boundary}` && line !== `--${boundary}--`);
  const before = lines(container.bodyStart, first.headerStart);
  const found: string[] = [];
  if (before.length > 1 || (before[0] !== undefined && !harmlessPreamble.test(before[0])))
    found.push('text before the signed part');
  if (lines(last.bodyEnd, container.bodyEnd).length > 0) found.push('text after the signature');
  return found;
}

/** The armored signature; at most 64 KB of it. */
export function armorOf({ signatureBytes }: SignedEntity): string {
  return latin1(signatureBytes, 0, Math.min(signatureBytes.length, 64 * 1024));
}

/** Files inside and outside the signed part: what a reader is offered as such. */
export function countFiles(root: Part, entity?: SignedEntity): { signed: number; unsigned: number } {
  const count = { signed: 0, unsigned: 0 };
  const visit = (part: Part) => {
    if (part.parts) return part.parts.forEach(visit);
    if (part !== entity?.signaturePart && isFile(part))
      count[entity && isCovered(entity, part) ? 'signed' : 'unsigned']++;
  };
  visit(root);
  return count;
}

function isFile(part: Part): boolean {
  return (
    part.disposition === 'attachment' ||
    part.filename !== undefined ||
    !(part.type === 'text' || (part.type === 'image' && part.contentId !== undefined))
  );
}

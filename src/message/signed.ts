/**
 * Finds what a signature covers, octet for octet; whether it is good is for src/signing to say. Only the structure decides:
 * names, dispositions and what the text claims count for nothing. Nothing inside message/rfc822 signs the outer message.
 */
import { decodePart } from './content.ts';
import { latin1 } from './charset.ts';
import { findFields } from './header.ts';
import type { ParsedMessage, Part } from './types.ts';

export type SignatureProtocol = 'openpgp' | 'smime';

export interface SignedEntity {
  /** The multipart/signed. */
  container: Part;
  /** Its first child: what was signed. */
  signedPart: Part;
  signaturePart: Part;
  /** As stored: from the child's header through the last octet before the line end that precedes the delimiter (RFC 3156 §5). */
  signedBytes: Uint8Array;
  /** The form that was signed: line ends are CRLF (RFC 3156 §5, RFC 1847 §2.1). Equal to signedBytes unless `converted`. */
  canonicalBytes: Uint8Array;
  converted: boolean;
  /** Transfer encoding undone; armored or binary as it came. */
  signatureBytes: Uint8Array;
  protocol: SignatureProtocol;
  /** Lower case, as written: a claim, never proof. */
  micalg: string;
  /** "whole": the multipart/signed is the message itself and holds nothing else; else the path of the signed part. */
  covers: 'whole' | { path: string };
}

/** Why a reader must not take the message as wholly signed, or must be told more. */
export type SignatureConcern =
  | 'content-outside' // other parts beside or around the signed one
  | 'extra-parts' // multipart/signed with more than its two parts
  | 'malformed' // a multipart/signed that is none: no signature part, unknown type
  | 'protocol-mismatch' // the protocol parameter names another kind than the signature part
  | 'two-signatures' // another multipart/signed beside or inside
  | 'inline-pgp' // -----BEGIN PGP SIGNED MESSAGE----- within a text: covers some lines only
  | 'opaque-smime' // application/pkcs7-mime: content inside the signature object
  | 'signed-message-inside' // only a forwarded message is signed
  | 'encrypted'
  | 'repeated-header' // two From, Subject, To, Date or Content-Type fields
  | 'line-ends-converted';

export interface SignatureStructure {
  /** The one to check: the outermost, and of neighbours the first. */
  signed?: SignedEntity;
  /** Others found in the same message, not inside forwarded ones. */
  others: SignedEntity[];
  /** Paths of text parts with inline PGP. */
  inline: string[];
  extra: SignatureConcern[];
}

export function findSignature(parsed: ParsedMessage, bytes: Uint8Array): SignatureStructure {
  return new Search(parsed, bytes).run();
}

/** True for parts that lie within the signed octets. */
export function isCovered(entity: SignedEntity, part: Part): boolean {
  return part.headerStart >= entity.signedPart.headerStart && part.bodyEnd <= entity.signedPart.bodyEnd;
}

const ARMOR = '-----BEGIN PGP SIGNED MESSAGE-----';

class Search {
  private readonly parsed: ParsedMessage;
  private readonly bytes: Uint8Array;
  private readonly found: SignedEntity[] = [];
  private readonly inline: string[] = [];
  private readonly extra = new Set<SignatureConcern>();

  constructor(parsed: ParsedMessage, bytes: Uint8Array) {
    this.parsed = parsed;
    this.bytes = bytes;
  }

  run(): SignatureStructure {
    const { root, header } = this.parsed;
    this.walk(root, false);
    const [signed, ...others] = this.found;
    if (others.length > 0) this.extra.add('two-signatures');
    if (signed && signed.container !== root) this.extra.add('content-outside');
    if (signed?.converted) this.extra.add('line-ends-converted');
    // RFC 5322 §3.6: at most one of each; programs differ in which they show.
    const single = ['from', 'subject', 'to', 'cc', 'date', 'reply-to', 'sender', 'message-id', 'content-type'];
    if (single.some((name) => findFields(header, name).length > 1)) this.extra.add('repeated-header');
    return { ...(signed && { signed }), others, inline: this.inline, extra: [...this.extra] };
  }

  private walk(part: Part, inForwarded: boolean): void {
    if (part.message) return this.walk(part.message.root, true);
    if (part.type === 'multipart') {
      if (part.subtype === 'signed') this.container(part, inForwarded);
      if (part.subtype === 'encrypted' && !inForwarded) this.extra.add('encrypted');
      for (const child of part.parts ?? []) this.walk(child, inForwarded);
      return;
    }
    if (inForwarded) return;
    if (part.type === 'application' && /^(?:x-)?pkcs7-mime$/.test(part.subtype)) {
      this.extra.add(part.params['smime-type']?.toLowerCase() === 'enveloped-data' ? 'encrypted' : 'opaque-smime');
    }
    if (part.type === 'text' && this.hasArmor(part)) {
      this.inline.push(part.path);
      this.extra.add('inline-pgp');
    }
  }

  /** At the start of a line, as RFC 9580 §7 wants it. */
  private hasArmor(part: Part): boolean {
    const text = latin1(decodePart(this.bytes, part));
    return text.startsWith(ARMOR) || text.includes(`\n${ARMOR}`);
  }

  private container(part: Part, inForwarded: boolean): void {
    if (inForwarded) {
      this.extra.add('signed-message-inside');
      return;
    }
    const [signedPart, signaturePart, ...rest] = part.parts ?? [];
    const protocol = signaturePart && protocolOf(signaturePart);
    if (!signedPart || !signaturePart || !protocol) {
      this.extra.add('malformed');
      return;
    }
    if (rest.length > 0) this.extra.add('extra-parts');
    const declared = (part.params['protocol'] ?? '').toLowerCase().replace('/x-', '/');
    if (declared !== `application/${protocol === 'openpgp' ? 'pgp' : 'pkcs7'}-signature`)
      this.extra.add('protocol-mismatch');
    const signedBytes = this.bytes.subarray(signedPart.headerStart, this.endBefore(signaturePart));
    const canonicalBytes = toCrlf(signedBytes);
    const whole = part === this.parsed.root && rest.length === 0;
    this.found.push({
      container: part,
      signedPart,
      signaturePart,
      signedBytes,
      canonicalBytes,
      converted: canonicalBytes !== signedBytes,
      signatureBytes: decodePart(this.bytes, signaturePart),
      protocol,
      micalg: (part.params['micalg'] ?? '').toLowerCase(),
      covers: whole ? 'whole' : { path: signedPart.path },
    });
  }

  /** The delimiter line stands right before the next part's header; the line end before it belongs to it (RFC 2046 §5.1.1). */
  private endBefore(next: Part): number {
    const delimiter = this.bytes.lastIndexOf(10, next.headerStart - 2) + 1;
    if (this.bytes[delimiter - 1] !== 10) return delimiter;
    return this.bytes[delimiter - 2] === 13 ? delimiter - 2 : delimiter - 1;
  }
}

function protocolOf(signature: Part): SignatureProtocol | undefined {
  if (signature.type !== 'application') return undefined;
  if (signature.subtype === 'pgp-signature') return 'openpgp';
  return /^(?:x-)?pkcs7-signature$/.test(signature.subtype) ? 'smime' : undefined;
}

/** The same object when every LF already follows a CR. One pass. */
export function toCrlf(bytes: Uint8Array): Uint8Array {
  let bare = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) if (bytes[at - 1] !== 13) bare++;
  if (bare === 0) return bytes;
  const out = Buffer.allocUnsafe(bytes.length + bare);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const octet = bytes[at] ?? 0;
    if (octet === 10 && bytes[at - 1] !== 13) out[length++] = 13;
    out[length++] = octet;
  }
  return out;
}

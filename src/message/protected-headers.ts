/** Header protection: RFC 9788 (`hp`), and the older draft that Thunderbird and others write (`protected-headers="v1"`). */
import { headerOf } from './content.ts';
import { decodeAddresses, decodeDate, decodeHeaderText, decodeMessageIds, findFields } from './header.ts';
import type { SignedEntity } from './signed.ts';
import type { HeaderField } from './types.ts';

export interface ProtectedHeaders {
  /** hp="clear" protects every field that the composer wrote; v1 may protect only some. */
  scheme: 'clear' | 'cipher' | 'v1';
  /** Fields of the signed part, without those that describe the part itself. */
  fields: HeaderField[];
}

export interface HeaderDifference {
  /** As RFC 5322 writes it: "Subject". */
  field: string;
  /** Readable; "" when absent. */
  outer: string;
  signed: string;
}

export interface HeaderComparison {
  differences: HeaderDifference[];
  /** Of the compared fields: outside, yet not under the signature. */
  unprotected: string[];
}

/** undefined: the signature says nothing about header fields. */
export function protectedHeaders(bytes: Uint8Array, entity: SignedEntity): ProtectedHeaders | undefined {
  const params = entity.signedPart.params;
  // RFC 9788 §2.1.1: the parameter stands on the root of the cryptographic payload and nowhere else.
  const hp = params['hp']?.toLowerCase();
  const scheme =
    hp === 'clear' || hp === 'cipher' ? hp : params['protected-headers']?.toLowerCase() === 'v1' ? 'v1' : undefined;
  if (scheme === undefined) return undefined;
  const fields = headerOf(bytes, entity.signedPart).filter((field) => !isStructural(field.name));
  return { scheme, fields };
}

/** RFC 9788 §1.1.1 structural header fields: they tell how to read the part. */
function isStructural(name: string): boolean {
  return /^(?:content-.*|mime-version|x-congvu-document)$/i.test(name);
}

type Reader = (raw: string) => { key: string; shown: string };

const text: Reader = (raw) => {
  const shown = decodeHeaderText(raw);
  return { key: shown, shown };
};
const addresses: Reader = (raw) => {
  const list = decodeAddresses(raw);
  const shown = list.map(({ name, email }) => (name === null ? email : `${name} <${email}>`)).join(', ');
  // RFC 5321 §2.4: the domain has no case, the local part may.
  return { key: JSON.stringify(list.map(({ name, email }) => [name, withLowerDomain(email)])), shown };
};
const date: Reader = (raw) => {
  const at = decodeDate(raw);
  return { key: at === null ? decodeHeaderText(raw) : `${at.at}`, shown: decodeHeaderText(raw) };
};
const ids: Reader = (raw) => ({ key: decodeMessageIds(raw).join(' '), shown: decodeHeaderText(raw) });

const COMPARED: [string, Reader][] = [
  ['Subject', text],
  ['From', addresses],
  ['Sender', addresses],
  ['Reply-To', addresses],
  ['To', addresses],
  ['Cc', addresses],
  ['Date', date],
  ['Message-ID', ids],
  ['In-Reply-To', ids],
  ['References', ids],
];

function withLowerDomain(email: string): string {
  const sign = email.lastIndexOf('@');
  return sign < 0 ? email : email.slice(0, sign) + email.slice(sign).toLowerCase();
}

/** Compares by meaning: decoded, white space folded, addresses as lists, dates as instants; never by octets. */
export function compareHeaders(outer: readonly HeaderField[], inner: ProtectedHeaders): HeaderComparison {
  const differences: HeaderDifference[] = [];
  const unprotected: string[] = [];
  for (const [field, read] of COMPARED) {
    const outside = findFields(outer, field).map(({ raw }) => read(raw));
    const inside = findFields(inner.fields, field).map(({ raw }) => read(raw));
    if (outside.length > 0 && inside.length === 0) unprotected.push(field);
    if (!differs(outside, inside, inner.scheme, field)) continue;
    differences.push({
      field,
      outer: outside.map(({ shown }) => shown).join(' / '),
      signed: inside.map(({ shown }) => shown).join(' / '),
    });
  }
  return { differences, unprotected };
}

function differs(
  outside: { key: string }[],
  inside: { key: string }[],
  scheme: ProtectedHeaders['scheme'],
  field: string,
): boolean {
  if (outside.length === 0 && inside.length === 0) return false;
  // v1 does not promise every field. Under RFC 9788 a field that only stands outside was added on the way; relays may
  // rightly add Sender and what threads need.
  if (inside.length === 0)
    return scheme !== 'v1' && !['Sender', 'Message-ID', 'In-Reply-To', 'References'].includes(field);
  return outside.map(({ key }) => key).join('\n') !== inside.map(({ key }) => key).join('\n');
}

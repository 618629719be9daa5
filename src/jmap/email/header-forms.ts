/** `header:{name}:as{form}:all` (RFC 8621 §4.1.2, §4.1.3). */
import { decodeRaw } from '../../message/charset.ts';
import {
  decodeAddresses,
  decodeAddressGroups,
  decodeDate,
  decodeHeaderText,
  decodeMessageIds,
  decodeUrls,
  findField,
  findFields,
} from '../../message/header.ts';
import type { Address, HeaderField } from '../../message/types.ts';

export type HeaderForm = 'Raw' | 'Text' | 'Addresses' | 'GroupedAddresses' | 'MessageIds' | 'Date' | 'URLs';
export interface HeaderProperty {
  /** As the client wrote it. */
  property: string;
  field: string;
  form: HeaderForm;
  all: boolean;
}

const addressFields = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'resent-from',
  'resent-sender',
  'resent-reply-to',
  'resent-to',
  'resent-cc',
  'resent-bcc',
];
const idFields = ['message-id', 'in-reply-to', 'references', 'resent-message-id'];
const dateFields = ['date', 'resent-date'];
const urlFields = ['list-help', 'list-unsubscribe', 'list-subscribe', 'list-post', 'list-owner', 'list-archive'];
const textFields = ['subject', 'comments', 'keywords', 'list-id'];
/** Of RFC 5322 and RFC 2369, but with none of these forms. */
const rawOnly = ['return-path', 'received'];
const defined = new Set([...addressFields, ...idFields, ...dateFields, ...urlFields, ...textFields, ...rawOnly]);

/** RFC 8621 §4.1.2: the fields that each form is for; any field that no RFC there defines may have any form. */
const fieldsOfForm: Record<HeaderForm, readonly string[] | 'any'> = {
  Raw: 'any',
  Text: textFields,
  Addresses: addressFields,
  GroupedAddresses: addressFields,
  MessageIds: idFields,
  Date: dateFields,
  URLs: urlFields,
};

const PATTERN =
  /^header:([\x21-\x39\x3b-\x7e]{1,998})(?::as(Raw|Text|Addresses|GroupedAddresses|MessageIds|Date|URLs))?(:all)?$/;

/** Undefined: no such property, or a form that the field may not have. */
export function parseHeaderProperty(property: string): HeaderProperty | undefined {
  const match = PATTERN.exec(property);
  if (!match) return undefined;
  const [, field = '', form = 'Raw', all] = match;
  const allowed = fieldsOfForm[form as HeaderForm];
  const name = field.toLowerCase();
  if (allowed !== 'any' && !allowed.includes(name) && defined.has(name)) return undefined;
  return { property, field, form: form as HeaderForm, all: all !== undefined };
}

/** RFC 8621 §4.1.3: of several instances the last, or all in order; null when there is none. */
export function headerValue(header: readonly HeaderField[], { field, form, all }: HeaderProperty): unknown {
  if (all) return findFields(header, field).map((f) => formValue(f.raw, form));
  const found = findField(header, field);
  return found ? formValue(found.raw, form) : null;
}

function formValue(raw: string, form: HeaderForm): unknown {
  switch (form) {
    case 'Raw':
      return rawText(raw);
    case 'Text':
      return decodeHeaderText(raw);
    case 'Addresses':
      return decodeAddresses(raw).map(presentAddress);
    case 'GroupedAddresses':
      return decodeAddressGroups(raw).map(({ name, addresses }) => ({
        name,
        addresses: addresses.map(presentAddress),
      }));
    case 'MessageIds':
      return orNull(decodeMessageIds(raw));
    case 'Date': {
      const date = decodeDate(raw);
      return date ? zonedDate(date.at, date.zone) : null;
    }
    case 'URLs':
      return orNull(decodeUrls(raw));
  }
}

/**
 * RFC 8621 §4.1.2.1: octets as UTF-8, no NUL. What is no UTF-8 "SHOULD" be U+FFFD; here it is read in the charset that older software
 * is likely to have written, as in the other forms, so that a client which decodes for itself shows it too.
 */
export function rawText(raw: string): string {
  return decodeRaw(raw).replaceAll('\u0000', '');
}

const orNull = <T>(list: T[]): T[] | null => (list.length > 0 ? list : null);

export const presentAddress = ({ name, email }: Address): { name: string | null; email: string } => ({ name, email });

/** RFC 8620 §1.4 Date: the instant in the zone that the header names. */
export function zonedDate(at: number, zone: number): string {
  const shifted = new Date(at + zone * 60_000);
  if (Number.isNaN(shifted.getTime())) return new Date(0).toISOString().replace('.000Z', 'Z');
  const text = shifted.toISOString().slice(0, 19);
  if (zone === 0) return `${text}Z`;
  const minutes = Math.abs(zone);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${text}${zone < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

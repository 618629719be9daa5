/** What a header field's raw octets mean, in each form that RFC 8621 §4.1.2 names. Pure functions over `HeaderField.raw`. */
import { clean } from '../base/text.ts';

import { parseAddresses, parseAddressGroups } from './addresses.ts';
import { decodeRaw } from './charset.ts';
import { parseDate, type HeaderDate } from './dates.ts';
import type { Address, AddressGroup, HeaderField, Summary } from './types.ts';
import { decodeWords, tidy, unfold } from './words.ts';

/** The instance that counts: RFC 8621 §4.1.3 takes the last one in the message. */
export function findField(header: readonly HeaderField[], name: string): HeaderField | undefined {
  const wanted = name.toLowerCase();
  return header.findLast((field) => field.name.toLowerCase() === wanted);
}

export function findFields(header: readonly HeaderField[], name: string): HeaderField[] {
  const wanted = name.toLowerCase();
  return header.filter((field) => field.name.toLowerCase() === wanted);
}

/** RFC 8621 §4.1.2.2 Text: unfolded, decoded, NFC. */
export function decodeHeaderText(raw: string): string {
  return tidy(decodeWords(decodeRaw(unfold(raw))));
}

/** RFC 8621 §4.1.2.3 Addresses. */
export function decodeAddresses(raw: string): Address[] {
  return parseAddresses(decodeRaw(unfold(raw)));
}

/** RFC 8621 §4.1.2.4 GroupedAddresses. */
export function decodeAddressGroups(raw: string): AddressGroup[] {
  return parseAddressGroups(decodeRaw(unfold(raw)));
}

/** RFC 8621 §4.1.2.6 Date. */
export function decodeDate(raw: string): HeaderDate | null {
  return parseDate(unfold(raw));
}

/** RFC 5322 §3.6.4: no honest id is longer than a line; a hostile one is left out. */
const MAX_ID = 996;

/** RFC 8621 §4.1.2.5 MessageIds, without angle brackets. Ids without brackets are taken when they look like one. */
export function decodeMessageIds(raw: string): string[] {
  // Most fields have one, or are not there.
  if (raw === '') return [];
  const [, only] = /^ ?<([!-;=?-~]+)>$/.exec(raw) ?? [];
  if (only !== undefined && only.length <= MAX_ID) return [only];
  const text = tidy(decodeRaw(unfold(raw)));
  const ids: string[] = [];
  const bracketed = /<([^<>]*)>/g;
  // Without the space between them a letter and a mark may be one (NFC).
  for (const match of text.matchAll(bracketed)) ids.push(clean((match[1] ?? '').replace(/\s+/g, '')));
  if (ids.length === 0) ids.push(...text.split(/[\s,]+/).filter((word) => /^[^\s@<>()]+@[^\s@<>()]+$/.test(word)));
  return ids.filter((id) => id !== '' && id.length <= MAX_ID);
}

/** RFC 8621 §4.1.2.7 URLs (List-Post and its kin, RFC 2369). */
export function decodeUrls(raw: string): string[] {
  const text = unfold(raw);
  return [...text.matchAll(/<([^<>]*)>/g)]
    .map((match) => (match[1] ?? '').replace(/\s+/g, ''))
    .filter((url) => url !== '');
}

/** Each field's instance that counts (see `findField`), by its name in lower case. */
export function lastFields(header: readonly HeaderField[]): Map<string, HeaderField> {
  return new Map(header.map((field) => [field.name.toLowerCase(), field]));
}

export const summarize = (header: readonly HeaderField[]): Summary => readHeader(header).summary;

/** The summary, and the groups of each address field by its name in lower case. */
export function readHeader(header: readonly HeaderField[]): { summary: Summary; people: Map<string, AddressGroup[]> } {
  const last = lastFields(header);
  const people = new Map<string, AddressGroup[]>();
  const raw = (name: string): string => last.get(name)?.raw ?? '';
  const addresses = (name: string): Address[] => {
    const field = last.get(name);
    if (!field) return [];
    const groups = decodeAddressGroups(field.raw);
    people.set(name, groups);
    return groups.flatMap((group) => group.addresses);
  };
  const date = decodeDate(raw('date'));
  const summary = {
    messageId: decodeMessageIds(raw('message-id')),
    inReplyTo: decodeMessageIds(raw('in-reply-to')),
    references: decodeMessageIds(raw('references')),
    from: addresses('from'),
    sender: addresses('sender'),
    replyTo: addresses('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    subject: decodeHeaderText(raw('subject')),
    sentAt: date?.at ?? null,
    sentZone: date?.zone ?? null,
  };
  return { summary, people };
}

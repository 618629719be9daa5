/** The header fields of an email to be made (RFC 8621 §4.6): from convenience properties and `header:*`. */
import * as v from 'valibot';

import { encodeAddress, encodePhrase, encodeUnstructured, headerLine } from '../../message/encode-words.ts';
import { rfc5322Date } from '../../message/imap-structure.ts';
import { parseHeaderProperty, type HeaderForm, type HeaderProperty } from './header-forms.ts';

const convenience: Readonly<Record<string, [field: string, form: HeaderForm]>> = {
  messageId: ['Message-ID', 'MessageIds'],
  inReplyTo: ['In-Reply-To', 'MessageIds'],
  references: ['References', 'MessageIds'],
  sender: ['Sender', 'Addresses'],
  from: ['From', 'Addresses'],
  to: ['To', 'Addresses'],
  cc: ['Cc', 'Addresses'],
  bcc: ['Bcc', 'Addresses'],
  replyTo: ['Reply-To', 'Addresses'],
  subject: ['Subject', 'Text'],
  sentAt: ['Date', 'Date'],
};

export function headerPropertyOf(name: string): HeaderProperty | undefined {
  const short = Object.hasOwn(convenience, name) ? convenience[name] : undefined;
  if (short) return { property: name, field: short[0], form: short[1], all: false };
  return name.startsWith('header:') ? parseHeaderProperty(name) : undefined;
}

export interface HeaderInput {
  lines: string[];
  /** Lower-case names of the fields that a property speaks of, be it to say that there is none. */
  fields: Set<string>;
}

export const fieldOf = (line: string): string => line.slice(0, line.indexOf(':')).toLowerCase();

/** RFC 5322 §3.6.3 knows no To of nobody: the field is left out. */
const NO_FIELD = '';

/** Reads all header properties of `object`; the names of bad ones go to `bad`. */
export function readHeaders(object: Readonly<Record<string, unknown>>, isPart: boolean, bad: string[]): HeaderInput {
  const input: HeaderInput = { lines: [], fields: new Set() };
  for (const [name, value] of Object.entries(object)) {
    const property = headerPropertyOf(name);
    if (!property) continue;
    const field = property.field.toLowerCase();
    const values = property.all ? value : value === null ? [] : [value];
    // RFC 8621 §4.6: one field is given by one property; content fields belong to parts, the transfer encoding to the server.
    const misplaced =
      input.fields.has(field) ||
      field === 'content-transfer-encoding' ||
      field === 'mime-version' ||
      (!isPart && field.startsWith('content-')) ||
      (isPart && ownFields.has(field));
    const lines =
      misplaced || !Array.isArray(values) ? undefined : (values as unknown[]).map((item) => headerOf(property, item));
    if (!lines || lines.includes(undefined)) bad.push(name);
    else input.lines.push(...lines.filter((line) => line !== undefined).filter((line) => line !== NO_FIELD));
    input.fields.add(field);
  }
  return input;
}

/** Given by the part's own properties. */
const ownFields = new Set([
  'content-type',
  'content-disposition',
  'content-id',
  'content-language',
  'content-location',
]);

function headerOf({ field, form }: HeaderProperty, value: unknown): string | undefined {
  if (form === 'Raw') return rawHeader(field, value);
  const text = formText(form, value);
  if (text === '' && form.endsWith('Addresses')) return NO_FIELD;
  return text === undefined ? undefined : headerLine(field, text);
}

/** Folding only; nothing that could begin another field. */
function rawHeader(field: string, value: unknown): string | undefined {
  if (
    typeof value !== 'string' ||
    value.length > 100_000 ||
    !/^(?:[\t\x20-\x7e]|\r\n(?=[\t ]+[^\t\r\n ]))*$/.test(value)
  )
    return undefined;
  return `${field}:${/^[ \t\r]/.test(value) ? value : ` ${value}`}\r\n`;
}

const address = v.strictObject({
  name: v.optional(v.nullable(v.string()), null),
  email: v.pipe(v.string(), v.maxLength(1000), v.regex(/^[^\s<>,;:"()\p{Cc}]+$/u)),
});
const addresses = v.array(address);
const groups = v.array(v.strictObject({ name: v.optional(v.nullable(v.string()), null), addresses }));
const messageIds = v.pipe(
  v.array(v.pipe(v.string(), v.maxLength(900), v.regex(/^[\x21-\x3b\x3d\x3f-\x7e]+$/))),
  v.minLength(1),
);
const urls = v.pipe(
  v.array(v.pipe(v.string(), v.maxLength(900), v.regex(/^[\x21-\x3b\x3d\x3f-\x7e]+$/))),
  v.minLength(1),
);

function formText(form: Exclude<HeaderForm, 'Raw'>, value: unknown): string | undefined {
  switch (form) {
    case 'Text':
      return typeof value === 'string' ? encodeUnstructured(value) : undefined;
    case 'Addresses':
      return v.is(addresses, value) ? v.parse(addresses, value).map(encodeAddress).join(', ') : undefined;
    case 'GroupedAddresses':
      return v.is(groups, value) ? v.parse(groups, value).map(groupText).join(', ') : undefined;
    case 'MessageIds':
      return v.is(messageIds, value) ? value.map((id) => `<${id}>`).join(' ') : undefined;
    case 'URLs':
      return v.is(urls, value) ? value.map((url) => `<${url}>`).join(', ') : undefined;
    case 'Date':
      return typeof value === 'string' ? dateText(value) : undefined;
  }
}

function groupText(group: v.InferOutput<typeof groups>[number]): string {
  const list = group.addresses.map(encodeAddress).join(', ');
  return group.name === null ? list : `${encodePhrase(group.name)}: ${list};`;
}

/** RFC 8620 §1.4 Date. */
function dateText(text: string): string | undefined {
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/.exec(text);
  const at = match ? Date.parse(text) : NaN;
  // Date.parse takes 30 February for 1 March.
  const day = text.slice(0, 10);
  if (!match || Number.isNaN(at) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) return undefined;
  const [, sign, hours, minutes] = match;
  return rfc5322Date(at, sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)));
}

/**
 * ENVELOPE, BODY and BODYSTRUCTURE of IMAP (RFC 3501 §7.4.2, RFC 9051 §7.5.2) as ready strings: pure printable ASCII, only
 * quoted strings, so they can stand in any response.
 */
import { domainToASCII } from 'node:url';

import { encodeText } from './encode-words.ts';
import { decodeHeaderText, lastFields } from './header.ts';
import type { Address, AddressGroup, HeaderField, Part, Summary } from './types.ts';
import { unfold } from './words.ts';

/** A longer value is decoded, cut and encoded again: clients have line limits too. */
const MAX_STRING = 4000;

/** @param people what `summarize` found in the address fields */
export function imapEnvelope(header: readonly HeaderField[], people: ReadonlyMap<string, AddressGroup[]>): string {
  const last = lastFields(header);
  const list = (name: string): string | undefined => {
    const groups = people.get(name);
    return groups && addressList(groups);
  };
  const raw = (name: string): string => rawString(last.get(name)?.raw);
  const from = list('from') ?? 'NIL';
  return envelope({
    date: raw('date'),
    subject: raw('subject'),
    from,
    // RFC 3501 §7.4.2: absent or empty Sender and Reply-To are those of From.
    sender: nilToFrom(list('sender'), from),
    replyTo: nilToFrom(list('reply-to'), from),
    to: list('to') ?? 'NIL',
    cc: list('cc') ?? 'NIL',
    bcc: list('bcc') ?? 'NIL',
    inReplyTo: raw('in-reply-to'),
    messageId: raw('message-id'),
  });
}

/** BODY: the form without extension data (RFC 3501 §6.4.5). */
export function bodyOnly(root: Part): string {
  return structure(root, false);
}

export function imapBodyStructure(root: Part): string {
  return structure(root, true);
}

interface EnvelopeFields {
  date: string;
  subject: string;
  from: string;
  sender: string;
  replyTo: string;
  to: string;
  cc: string;
  bcc: string;
  inReplyTo: string;
  messageId: string;
}

function envelope(of: EnvelopeFields): string {
  return `(${[of.date, of.subject, of.from, of.sender, of.replyTo, of.to, of.cc, of.bcc, of.inReplyTo, of.messageId].join(' ')})`;
}

/** Of a message inside: only its summary is kept, so the date is written anew. */
function summaryEnvelope(summary: Summary): string {
  const list = (addresses: Address[]): string => addressList([{ name: null, addresses }]);
  const ids = (all: string[]): string => nstring(all.map((id) => `<${id}>`).join(' '));
  const from = list(summary.from);
  return envelope({
    date: nstring(summary.sentAt === null ? '' : rfc5322Date(summary.sentAt, summary.sentZone ?? 0)),
    subject: nstring(summary.subject),
    from,
    sender: nilToFrom(list(summary.sender), from),
    replyTo: nilToFrom(list(summary.replyTo), from),
    to: list(summary.to),
    cc: list(summary.cc),
    bcc: list(summary.bcc),
    inReplyTo: ids(summary.inReplyTo),
    messageId: ids(summary.messageId),
  });
}

export function rfc5322Date(at: number, zoneMinutes: number): string {
  const local = new Date(at + zoneMinutes * 60_000).toUTCString();
  const size = Math.abs(zoneMinutes);
  const digits = (value: number): string => `${value}`.padStart(2, '0');
  return local.replace('GMT', `${zoneMinutes < 0 ? '-' : '+'}${digits(Math.floor(size / 60))}${digits(size % 60)}`);
}

function nilToFrom(list: string | undefined, from: string): string {
  return list === undefined || list === 'NIL' ? from : list;
}

/** RFC 3501 §7.4.2: a group begins with (NIL NIL name NIL) and ends with four NILs. */
function addressList(groups: AddressGroup[]): string {
  const entries = groups.flatMap((group) => {
    const inside = group.addresses.map(imapAddress);
    return group.name === null
      ? inside
      : [`(NIL NIL ${quoted(encodeText(group.name))} NIL)`, ...inside, '(NIL NIL NIL NIL)'];
  });
  return entries.length === 0 ? 'NIL' : `(${entries.join('')})`;
}

/** RFC 6855 §3: without UTF8=ACCEPT no raw UTF-8. A domain has its ASCII form; a local part is encoded, to be read only. */
function imapAddress({ name, email }: Address): string {
  const sign = email.lastIndexOf('@');
  const local = sign < 0 ? email : email.slice(0, sign);
  const domain = sign < 0 ? '' : email.slice(sign + 1);
  const ascii = /^[\x20-\x7e]*$/.test(domain) ? domain : domainToASCII(domain);
  // RFC 3501 §7.4.2: a NIL host marks group syntax, so an address without one gets an empty string.
  return `(${nstring(name ?? '')} NIL ${quoted(encodeText(local))} ${quoted(ascii)})`;
}

function rawString(raw: string | undefined): string {
  if (raw === undefined) return 'NIL';
  const text = unfold(raw).replaceAll('\t', ' ').trim();
  // Clients decode RFC 2047 themselves; what came as plain ASCII goes out as it came.
  if (/^[\x20-\x7e]*$/.test(text) && text.length <= MAX_STRING) return quoted(text);
  return nstring(decodeHeaderText(raw));
}

function nstring(text: string): string {
  return text === '' ? 'NIL' : quoted(encodeText(text.length > MAX_STRING ? text.slice(0, MAX_STRING) : text));
}

function quoted(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  return `"${text.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '\\$&')}"`;
}

function upper(text: string): string {
  return quoted(text.toUpperCase());
}

function params(of: Record<string, string>): string {
  const entries = Object.entries(of).filter(([name]) => /^[\x21-\x7e]+$/.test(name));
  if (entries.length === 0) return 'NIL';
  return `(${entries.map(([name, value]) => `${upper(name)} ${quoted(encodeText(value.slice(0, MAX_STRING)))}`).join(' ')})`;
}

function structure(part: Part, extended: boolean): string {
  if (part.parts) {
    const inside = part.parts.map((child) => structure(child, extended)).join('');
    const extension = extended
      ? ` ${params(part.params)} ${disposition(part)} ${language(part)} ${nstring(part.location ?? '')}`
      : '';
    return `(${inside} ${upper(part.subtype)}${extension})`;
  }
  const size = part.bodyEnd - part.bodyStart;
  // The grammar wants an envelope for every message/rfc822 (RFC 3501 §9 body-type-msg); one that stayed closed has none.
  const closed = part.type === 'message' && (part.subtype === 'rfc822' || part.subtype === 'global') && !part.message;
  const media = closed ? '"APPLICATION" "OCTET-STREAM"' : `${upper(part.type)} ${upper(part.subtype)}`;
  const id = part.contentId === undefined ? 'NIL' : quoted(`<${encodeText(part.contentId)}>`);
  let out = `(${media} ${params(part.params)} ${id} ${nstring(part.description ?? '')} ${upper(part.encoding)} ${size}`;
  if (part.message) {
    out += ` ${summaryEnvelope(part.message.summary)} ${structure(part.message.root, extended)} ${part.lines}`;
  } else if (part.type === 'text') out += ` ${part.lines}`;
  if (extended)
    out += ` ${nstring(part.md5 ?? '')} ${disposition(part)} ${language(part)} ${nstring(part.location ?? '')}`;
  return `${out})`;
}

function disposition(part: Part): string {
  return part.disposition === undefined
    ? 'NIL'
    : `(${upper(part.disposition)} ${params(part.dispositionParams ?? {})})`;
}

function language(part: Part): string {
  const tags = part.language ?? [];
  if (tags.length === 0) return 'NIL';
  return tags.length === 1 ? quoted(tags[0] ?? '') : `(${tags.map(quoted).join(' ')})`;
}

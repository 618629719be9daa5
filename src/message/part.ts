/** What a part's header says about it (RFC 2045, 2183, 2392, 3282), and the numbering of parts. */
import { decodeHeaderText, decodeMessageIds } from './header.ts';
import { parseParameterized } from './params.ts';
import type { HeaderField, Part } from './types.ts';
import { tidy, unfold } from './words.ts';

/** RFC 2046 §5.1.1 allows 70; some write more. A longer one is no boundary but an attack on the line compare. */
const MAX_BOUNDARY = 500;
const MAX_NAME = 1000;
const CONTENT = 'content-';
const C = 'c'.charCodeAt(0);

/** Fills the part from its header; gives the boundary when it is a usable multipart. The first of equal fields counts. */
export function describePart(part: Part, header: readonly HeaderField[], digest: boolean): string | undefined {
  const own = new Map<string, string>();
  for (const field of header) {
    const first = field.name.charCodeAt(0) | 0x20;
    if (first !== C || field.name.length < CONTENT.length) continue;
    const name = field.name.toLowerCase();
    if (name.startsWith(CONTENT) && !own.has(name)) own.set(name, field.raw);
  }
  const raw = (name: string): string | undefined => own.get(name);
  const boundary = contentType(part, raw('content-type'), digest);
  part.encoding = encodingOf(raw('content-transfer-encoding'));
  disposition(part, raw('content-disposition'));
  const filename = part.dispositionParams?.['filename'] || part.params['name'];
  if (filename) part.filename = filename.slice(0, MAX_NAME);
  const id = raw('content-id');
  const contentId = id === undefined ? undefined : (decodeMessageIds(id)[0] ?? tidy(unfold(id)).slice(0, MAX_NAME));
  if (contentId) part.contentId = contentId;
  const description = decodeHeaderText(raw('content-description') ?? '');
  if (description !== '') part.description = description.slice(0, MAX_NAME);
  // RFC 2557 §4.4.2: white space inside a folded URI is not part of it.
  const location = decodeHeaderText(raw('content-location') ?? '').replace(/\s+/g, '');
  if (location !== '') part.location = location;
  const language = tidy(unfold(raw('content-language') ?? ''))
    .split(/[\s,]+/)
    .filter((tag) => tag !== '');
  if (language.length > 0) part.language = language.slice(0, 50);
  const md5 = tidy(unfold(raw('content-md5') ?? ''));
  if (md5 !== '') part.md5 = md5;
  return boundary;
}

function contentType(part: Part, raw: string | undefined, digest: boolean): string | undefined {
  if (raw === undefined) {
    // RFC 2046 §5.1.5: inside multipart/digest the default is message/rfc822.
    if (digest) [part.type, part.subtype] = ['message', 'rfc822'];
    return undefined;
  }
  const { value, params, boundary } = parseParameterized(raw);
  // RFC 2045 §5.2: what cannot be read is text/plain.
  const match = /^([!#$%&'*+.^_`{|}~0-9a-z-]+) ?\/ ?([!#$%&'*+.^_`{|}~0-9a-z-]+)(?:\s|$)/.exec(value);
  part.params = params;
  if (!match) {
    addDefect(part, 'bad-content-type');
    return undefined;
  }
  part.type = match[1] ?? 'text';
  part.subtype = match[2] ?? 'plain';
  if (part.type !== 'multipart') return undefined;
  if (boundary !== undefined && boundary !== '' && boundary.length <= MAX_BOUNDARY) return boundary;
  notMultipart(part);
  addDefect(part, 'no-boundary');
  return undefined;
}

const ENCODINGS: Record<string, string> = {
  '7-bit': '7bit',
  '8-bit': '8bit',
  'quoted printable': 'quoted-printable',
  quotedprintable: 'quoted-printable',
  base_64: 'base64',
};

function encodingOf(raw: string | undefined): string {
  // A name that cannot be printed is none that we know, but not none at all: IMAP tells it in ASCII.
  const value =
    raw === undefined
      ? ''
      : parseParameterized(raw)
          .value.slice(0, 80)
          .replace(/[^\x20-\x7e]/g, '?');
  if (value === '') return '7bit';
  return Object.hasOwn(ENCODINGS, value) ? (ENCODINGS[value] ?? value) : value;
}

function disposition(part: Part, raw: string | undefined): void {
  if (raw === undefined) return;
  let { value, params } = parseParameterized(raw);
  // `Content-Disposition: filename="x"`: the type was forgotten. RFC 2183 §2.8: what is unknown is an attachment.
  if (value.includes('=')) [value, params] = ['attachment', parseParameterized(`;${raw}`).params];
  value = value.split(/\s/, 1)[0] ?? '';
  if (value === '') return;
  part.disposition = value.slice(0, 80);
  part.dispositionParams = params;
}

/** RFC 2046 §5.2.1: base64 or quoted-printable are not allowed here; such a part stays closed. */
export function isMessage(part: Part): boolean {
  const identity = part.encoding === '7bit' || part.encoding === '8bit' || part.encoding === 'binary';
  return part.type === 'message' && (part.subtype === 'rfc822' || part.subtype === 'global') && identity;
}

/** Kept closed, whatever it says it is: beyond the limits. */
export function opaque(part: Part): void {
  part.type = 'application';
  part.subtype = 'octet-stream';
  part.params = {};
  delete part.parts;
}

/** A multipart whose delimiter never came, or that names none: its octets are shown as text rather than lost. */
export function notMultipart(part: Part): void {
  delete part.parts;
  part.type = 'text';
  part.subtype = 'plain';
}

export function addDefect(part: Part, defect: string): void {
  part.defects ??= [];
  if (!part.defects.includes(defect)) part.defects.push(defect);
}

/**
 * RFC 3501 §6.4.5 part specifiers. A multipart at the top of a message has none of its own: it bears the path of the
 * message around it ("" at the very top), and `partByPath` gives that outer part.
 */
export function numberParts(root: Part, path = ''): void {
  root.path = root.parts ? path : under(path, 1);
  numberInside(root);
}

function numberInside(part: Part): void {
  part.parts?.forEach((child, at) => {
    child.path = under(part.path, at + 1);
    numberInside(child);
  });
  if (part.message) numberParts(part.message.root, part.path);
}

function under(path: string, number: number): string {
  return path === '' ? `${number}` : `${path}.${number}`;
}

/** "" is the whole message. */
export function partByPath(root: Part, path: string): Part | undefined {
  if (root.path === path || path === '') return root;
  for (const child of root.parts ?? (root.message ? [root.message.root] : [])) {
    if (path !== child.path && child.path !== root.path && !path.startsWith(`${child.path}.`)) continue;
    const found = partByPath(child, path);
    if (found) return found;
  }
  return undefined;
}

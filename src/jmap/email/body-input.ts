/** The body of an email to be made (RFC 8621 §4.6): bodyStructure, or textBody, htmlBody and attachments. */
import type { MethodContext, OpenAccount } from '../context.ts';
import { SetError } from '../core/errors.ts';
import { isWholeRecord, own } from '../core/records.ts';
import { blobBytes } from '../blob/resolve.ts';
import { bareType, charsetOf, mediaType } from '../blob/media-type.ts';
import type { BuildPart } from './build.ts';
import { readHeaders } from './header-input.ts';

const MAX_PARTS = 500;
const MAX_DEPTH = 20;
const partNames = new Set([
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
  'subParts',
]);

interface Reading {
  context: MethodContext;
  account: OpenAccount;
  values: Map<string, string>;
  bad: string[];
  missing: string[];
  parts: number;
  octets: number;
}

/** The names of bad properties go to `bad`. @throws SetError blobNotFound, tooLarge */
export async function readBody(
  context: MethodContext,
  account: OpenAccount,
  object: Readonly<Record<string, unknown>>,
  bad: string[],
): Promise<BuildPart | undefined> {
  const reading: Reading = { context, account, values: bodyValues(object, bad), bad, missing: [], parts: 0, octets: 0 };
  const root = Object.hasOwn(object, 'bodyStructure')
    ? await fromStructure(reading, object)
    : await fromLists(reading, object);
  // RFC 8621 §4.6: all blobs that are not there are named.
  if (reading.missing.length > 0) throw new SetError('blobNotFound', undefined, { notFound: reading.missing });
  return root;
}

function bodyValues(object: Readonly<Record<string, unknown>>, bad: string[]): Map<string, string> {
  const out = new Map<string, string>();
  const values = own(object, 'bodyValues') ?? {};
  if (!isWholeRecord(values)) bad.push('bodyValues');
  else {
    for (const [partId, entry] of Object.entries(values)) {
      const fine =
        isWholeRecord(entry) &&
        typeof entry['value'] === 'string' &&
        !entry['isEncodingProblem'] &&
        !entry['isTruncated'];
      if (fine) out.set(partId, String(entry['value']));
      else bad.push(`bodyValues/${partId}`);
    }
  }
  return out;
}

async function fromStructure(
  reading: Reading,
  object: Readonly<Record<string, unknown>>,
): Promise<BuildPart | undefined> {
  for (const name of ['textBody', 'htmlBody', 'attachments']) if (Object.hasOwn(object, name)) reading.bad.push(name);
  return readPart(reading, object['bodyStructure'], 'bodyStructure', 0);
}

async function fromLists(reading: Reading, object: Readonly<Record<string, unknown>>): Promise<BuildPart> {
  const text = await single(reading, object, 'textBody', 'text/plain');
  const html = await single(reading, object, 'htmlBody', 'text/html');
  const files = await list(reading, own(object, 'attachments'), 'attachments');
  // What the HTML shows by cid belongs to it.
  const related = html ? files.filter((f) => f.disposition === 'inline' && f.cid !== undefined) : [];
  const others = files.filter((f) => !related.includes(f));
  const page = html && related.length > 0 ? multipart('multipart/related', [html, ...related]) : html;
  const words = text && page ? multipart('multipart/alternative', [text, page]) : (text ?? page);
  if (others.length === 0) return words ?? { type: 'text/plain', extra: [], content: { kind: 'text', value: '' } };
  return multipart('multipart/mixed', words ? [words, ...others] : others);
}

const multipart = (type: string, parts: BuildPart[]): BuildPart => ({
  type,
  extra: [],
  content: { kind: 'parts', parts },
});

/** RFC 8621 §4.6: "textBody … MUST contain exactly one body part, of type text/plain"; htmlBody likewise. */
async function single(
  reading: Reading,
  object: Readonly<Record<string, unknown>>,
  name: string,
  type: string,
): Promise<BuildPart | undefined> {
  const value = own(object, name);
  const parts = await list(reading, value, name, type);
  if (value !== undefined && value !== null && (parts.length !== 1 || parts[0]?.type !== type)) reading.bad.push(name);
  return parts[0];
}

async function list(reading: Reading, value: unknown, path: string, type?: string): Promise<BuildPart[]> {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    reading.bad.push(path);
    return [];
  }
  const parts: BuildPart[] = [];
  for (const [index, item] of (value as unknown[]).entries()) {
    const part = await readPart(reading, item, `${path}/${index}`, 1, type);
    if (part) parts.push(path === 'attachments' ? { ...part, disposition: part.disposition ?? 'attachment' } : part);
  }
  return parts;
}

async function readPart(
  reading: Reading,
  value: unknown,
  path: string,
  depth: number,
  defaultType?: string,
): Promise<BuildPart | undefined> {
  if (!isWholeRecord(value) || ++reading.parts > MAX_PARTS || depth > MAX_DEPTH) {
    reading.bad.push(path);
    return undefined;
  }
  const bad: string[] = Object.keys(value).filter((name) => !partNames.has(name) && !name.startsWith('header:'));
  const type =
    value['type'] === undefined
      ? defaultType
      : bareType((typeof value['type'] === 'string' ? mediaType(value['type']) : undefined) ?? '');
  if (type === '') bad.push('type');
  const extra = readHeaders(value, true, bad).lines;
  const part = { ...partDetails(value, bad), extra };
  const made = type?.startsWith('multipart/')
    ? await readMultipart(reading, value, path, depth, type, part, bad)
    : await readLeaf(reading, value, type, part, bad);
  reading.bad.push(...bad.map((name) => `${path}/${name}`));
  return made;
}

type Details = Omit<BuildPart, 'type' | 'content'>;

function partDetails(value: Readonly<Record<string, unknown>>, bad: string[]): Omit<Details, 'extra'> {
  const text = (name: string, pattern: RegExp): string | undefined => {
    const given = own(value, name) ?? undefined;
    if (given === undefined) return undefined;
    if (typeof given === 'string' && given.length <= 1000 && pattern.test(given)) return given;
    bad.push(name);
    return undefined;
  };
  const name = text('name', /^[^\r\n\0]*$/);
  const disposition = text('disposition', /^[a-zA-Z0-9-]{1,40}$/);
  const cid = text('cid', /^[\x21-\x3b\x3d\x3f-\x7e]+$/);
  const location = text('location', /^[\x21-\x7e]+$/);
  const charset = text('charset', /^[a-zA-Z0-9_.:+-]{1,40}$/);
  const language = own(value, 'language') ?? undefined;
  const languageFine =
    language === undefined ||
    (Array.isArray(language) &&
      language.length <= 50 &&
      language.every((tag) => typeof tag === 'string' && /^[a-zA-Z0-9-]{1,40}$/.test(tag)));
  if (!languageFine) bad.push('language');
  return {
    ...(name === undefined ? {} : { name }),
    ...(disposition === undefined ? {} : { disposition: disposition.toLowerCase() }),
    ...(cid === undefined ? {} : { cid }),
    ...(location === undefined ? {} : { location }),
    ...(charset === undefined ? {} : { charset }),
    ...(languageFine && language !== undefined ? { language: language as string[] } : {}),
  };
}

async function readMultipart(
  reading: Reading,
  value: Readonly<Record<string, unknown>>,
  path: string,
  depth: number,
  type: string,
  part: Details,
  bad: string[],
): Promise<BuildPart | undefined> {
  // A signature's parameters cannot be given here: a signed message is imported as bytes.
  if (value['partId'] != null || value['blobId'] != null) bad.push('partId');
  const children = value['subParts'];
  if (!Array.isArray(children) || children.length === 0) {
    bad.push('subParts');
    return undefined;
  }
  const parts: BuildPart[] = [];
  for (const [index, child] of (children as unknown[]).entries()) {
    const made = await readPart(reading, child, `${path}/subParts/${index}`, depth + 1);
    if (made) parts.push(made);
  }
  return { ...part, type, content: { kind: 'parts', parts } };
}

async function readLeaf(
  reading: Reading,
  value: Readonly<Record<string, unknown>>,
  type: string | undefined,
  part: Details,
  bad: string[],
): Promise<BuildPart | undefined> {
  const { partId, blobId } = value;
  if (value['subParts'] != null) bad.push('subParts');
  // RFC 8621 §4.6: either a partId, whose text is in bodyValues, or a blobId.
  if ((partId == null) === (blobId == null)) {
    bad.push('partId');
    return undefined;
  }
  if (partId != null) {
    const text = typeof partId === 'string' ? reading.values.get(partId) : undefined;
    if (text === undefined) bad.push('partId');
    // "If a partId is given, charset and size must be omitted": the server chooses them.
    for (const name of ['charset', 'size']) if (value[name] != null) bad.push(name);
    if (type !== undefined && !type.startsWith('text/')) bad.push('type');
    return { ...part, type: type ?? 'text/plain', content: { kind: 'text', value: text ?? '' } };
  }
  const blob = typeof blobId === 'string' ? await blobBytes(reading.context, reading.account, blobId) : undefined;
  if (!blob) {
    reading.missing.push(String(blobId));
    return undefined;
  }
  reading.octets += Math.ceil(blob.bytes.length / 3) * 4;
  if (reading.octets > reading.context.settings.maxSizeAttachmentsPerEmail) {
    throw new SetError('tooLarge', 'the attachments are too large', {
      maxSize: reading.context.settings.maxSizeAttachmentsPerEmail,
    });
  }
  const known = bareType(blob.type);
  // What the upload said of its text holds as long as nobody says otherwise.
  const charset = part.charset ?? (type === undefined || type === known ? charsetOf(blob.type) : undefined);
  const details = charset === undefined ? part : { ...part, charset };
  return { ...details, type: type ?? known, content: { kind: 'bytes', bytes: blob.bytes } };
}

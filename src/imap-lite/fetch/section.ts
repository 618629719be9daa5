/**
 * Which octets a section names (RFC 9051 §6.4.5). Where they lie together in the stored message, only their place is
 * told, so that the answer streams from the store; only chosen header fields and decoded content are held.
 */
import { binarySection, bodySection, isDecodable, partByPath } from '../../message/content.ts';
import type { Part } from '../../message/types.ts';
import { no } from '../errors.ts';
import type { Partial, Section } from '../wire/fetch-att.ts';

export interface Source {
  size: number;
  root: Part;
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Octets [start, end) of the message, or octets made for this answer. */
export type Content = { start: number; end: number } | { bytes: Uint8Array };

export async function contentOf(source: Source, section: Section): Promise<Content | undefined> {
  const path = section.part.join('.');
  const top = path === '';
  const part = partByPath(source.root, path);
  if (!part) return undefined;
  if (section.text === undefined)
    return top ? { start: 0, end: source.size } : { start: part.bodyStart, end: part.bodyEnd };
  if (section.text === 'MIME') return { start: part.headerStart, end: part.bodyStart };
  // With a part number HEADER and TEXT are of the message inside; other parts have none.
  const message = top ? source.root : part.message?.root;
  if (!message) return undefined;
  if (section.text === 'HEADER') return { start: message.headerStart, end: message.bodyStart };
  if (section.text === 'TEXT') return { start: message.bodyStart, end: top ? source.size : message.bodyEnd };
  const kind = section.text === 'HEADER.FIELDS' ? 'headerFields' : 'headerFieldsNot';
  const header = await source.read(message.headerStart, message.bodyStart);
  const bytes = bodySection(header, shifted(message), { path: '', kind, fields: [...(section.fields ?? [])] });
  return bytes && { bytes };
}

const unknownEncoding = (): Error => no('the transfer encoding of that part is not known', 'UNKNOWN-CTE');

/** Before anything is changed by the way. @throws ImapError UNKNOWN-CTE */
export function expectDecodable(root: Part, { part: path }: Section): void {
  const part = partByPath(root, path.join('.'));
  if (path.length > 0 && part && !isDecodable(part)) throw unknownEncoding();
}

/** BINARY[part]: content without its transfer encoding. @throws ImapError UNKNOWN-CTE */
export async function binaryOf(source: Source, section: Section): Promise<Content | undefined> {
  const path = section.part.join('.');
  if (path === '') return { start: 0, end: source.size };
  const part = partByPath(source.root, path);
  if (!part) return undefined;
  if (part.parts || part.message) return { start: part.bodyStart, end: part.bodyEnd };
  const own = shifted(part);
  const bytes = binarySection(
    await source.read(part.headerStart, part.bodyEnd),
    { ...own, path: '', parts: [{ ...own, path: '1' }] },
    '1',
  );
  if (bytes === 'unknownEncoding') throw unknownEncoding();
  return bytes && { bytes };
}

/** The part as if its header began the octets. */
export function shifted(part: Part): Part {
  const by = part.headerStart;
  return { ...part, headerStart: 0, bodyStart: part.bodyStart - by, bodyEnd: part.bodyEnd - by };
}

/** RFC 9051 §6.4.5: what reaches past the end is cut, what starts there is empty. */
export function cut(content: Content, partial: Partial | undefined): Content {
  if (!partial) return content;
  if ('bytes' in content) return { bytes: content.bytes.subarray(partial.start, partial.start + partial.length) };
  const start = Math.min(content.start + partial.start, content.end);
  return { start, end: Math.min(start + partial.length, content.end) };
}

export const lengthOf = (content: Content): number =>
  'bytes' in content ? content.bytes.length : content.end - content.start;

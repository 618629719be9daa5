/** bodyValues (RFC 8621 §4.1.4): decoded text, cut where it may be cut. */
import { decodePartTextAndProblem } from '../../message/content.ts';
import type { Part } from '../../message/types.ts';
import type { BodyLists } from '../../message/jmap-body.ts';
import { leaves, type Budget, type MessageView } from './message-view.ts';
import type { EmailRequest } from './request.ts';

export interface BodyValue {
  value: string;
  isEncodingProblem: boolean;
  isTruncated: boolean;
}

export async function bodyValues(
  view: MessageView,
  request: EmailRequest,
  lists: BodyLists,
  budget: Budget,
): Promise<Record<string, BodyValue>> {
  const wanted = new Set<Part>();
  const isText = (part: Part): boolean => part.type === 'text';
  if (request.fetchAll) for (const part of leaves(view.derived.root)) wanted.add(part);
  if (request.fetchText) for (const part of lists.textBody) wanted.add(part);
  if (request.fetchHtml) for (const part of lists.htmlBody) wanted.add(part);
  const parts = [...wanted].filter(isText);
  if (parts.length === 0) return {};
  const values: Record<string, BodyValue> = {};
  for (const part of parts) {
    const around = await view.around(part);
    const { text, problem } = decodePartTextAndProblem(around.bytes, around.part);
    const value = truncate(text, request.maxBodyValueBytes, part.subtype === 'html');
    budget.give(Buffer.byteLength(value));
    values[part.path] = { value, isEncodingProblem: problem, isTruncated: value.length < text.length };
  }
  return values;
}

/** RFC 8621 §4.2: at most so many octets of UTF-8, no character cut, no HTML tag cut. */
export function truncate(text: string, maxOctets: number, isHtml: boolean): string {
  // A UTF-16 unit is at most three octets.
  if (text.length * 3 <= maxOctets) return text;
  const octets = Buffer.from(text, 'utf8');
  if (octets.length <= maxOctets) return text;
  let end = maxOctets;
  while (end > 0 && ((octets[end] ?? 0) & 0xc0) === 0x80) end--;
  const cut = octets.toString('utf8', 0, end);
  const tag = cut.lastIndexOf('<');
  return isHtml && tag > cut.lastIndexOf('>') ? cut.slice(0, tag) : cut;
}

/** EmailBodyPart (RFC 8621 §4.1.4). */
import { decodePart, headerOf } from '../../message/content.ts';
import type { HeaderField, Part } from '../../message/types.ts';
import { partBlobId } from '../ids.ts';
import { headerValue, rawText } from './header-forms.ts';
import type { MessageView } from './message-view.ts';
import type { EmailRequest } from './request.ts';

export interface PartPresenter {
  part(part: Part): Record<string, unknown>;
  structure(part: Part): Record<string, unknown>;
}

const plainEncodings = new Set(['7bit', '8bit', 'binary']);

export async function partPresenter(
  view: MessageView,
  request: EmailRequest,
  shown: readonly Part[],
): Promise<PartPresenter> {
  const sizes = new Map(view.derived.attachments.map((a) => [a.part, a.size]));
  const wantsHeaders = request.partHeaders.length > 0 || request.partProperties.has('headers');
  const knownSize = (part: Part): number | undefined =>
    part.parts
      ? 0
      : (sizes.get(part.path) ??
        (plainEncodings.has(part.encoding) || part.message ? part.bodyEnd - part.bodyStart : undefined));
  const needsBytes =
    wantsHeaders || (request.partProperties.has('size') && shown.some((part) => knownSize(part) === undefined));
  const bytes = needsBytes ? await view.bytes() : undefined;

  const present = (part: Part): Record<string, unknown> => {
    const out: Record<string, unknown> = {};
    for (const name of request.partProperties) {
      if (name === 'size') out[name] = knownSize(part) ?? (bytes ? decodePart(bytes, part).length : 0);
      else if (name === 'headers') out[name] = presentHeaders(bytes ? headerOf(bytes, part) : []);
      else if (name !== 'subParts') out[name] = partProperty(part, name, view.partBase);
    }
    const header = bytes && request.partHeaders.length > 0 ? headerOf(bytes, part) : [];
    for (const asked of request.partHeaders) out[asked.property] = headerValue(header, asked);
    return out;
  };
  const structure = (part: Part): Record<string, unknown> => {
    const out = present(part);
    // A structure without its parts would be none: they are given whether asked for or not.
    if (part.parts) out['subParts'] = part.parts.map(structure);
    else if (request.partProperties.has('subParts')) out['subParts'] = null;
    return out;
  };
  return { part: (part) => (request.partProperties.has('subParts') ? structure(part) : present(part)), structure };
}

export function presentHeaders(header: readonly HeaderField[]): { name: string; value: string }[] {
  return header.map(({ name, raw }) => ({ name, value: rawText(raw) }));
}

function partProperty(part: Part, name: string, base: string): unknown {
  const isMultipart = part.parts !== undefined;
  switch (name) {
    case 'partId':
      return isMultipart ? null : part.path;
    case 'blobId':
      return isMultipart ? null : partBlobId(base, part.path);
    case 'type':
      return `${part.type}/${part.subtype}`;
    case 'name':
      return part.filename ?? null;
    case 'charset':
      // RFC 8621 §4.1.4: what is implied for text, null for everything else.
      return part.type === 'text' ? (part.params['charset'] ?? 'us-ascii') : null;
    case 'disposition':
      return part.disposition ?? null;
    case 'cid':
      return part.contentId ?? null;
    case 'language':
      return part.language ?? null;
    case 'location':
      return part.location ?? null;
    default:
      return undefined;
  }
}

export function leaves(part: Part): Part[] {
  return part.parts ? part.parts.flatMap(leaves) : [part];
}

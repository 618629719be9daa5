/** EmailBodyPart (RFC 8621 §4.1.4). */
import { decodePart } from '../../message/content.ts';
import type { HeaderField, Part } from '../../message/types.ts';
import { partBlobId } from '../ids.ts';
import { headerValue, rawText } from './header-forms.ts';
import type { MessageView } from './message-view.ts';
import type { EmailRequest } from './request.ts';

export interface PartPresenter {
  part(part: Part): Promise<Record<string, unknown>>;
  structure(part: Part): Promise<Record<string, unknown>>;
}

const plainEncodings = new Set(['7bit', '8bit', 'binary']);

export function partPresenter(view: MessageView, request: EmailRequest): PartPresenter {
  const sizes = new Map(view.derived.attachments.map((a) => [a.part, a.size]));
  const knownSize = (part: Part): number | undefined =>
    part.parts
      ? 0
      : (sizes.get(part.path) ??
        (plainEncodings.has(part.encoding) || part.message ? part.bodyEnd - part.bodyStart : undefined));
  const decodedSize = async (part: Part): Promise<number> => {
    const { bytes, part: there } = await view.around(part);
    return decodePart(bytes, there).length;
  };

  const present = async (part: Part): Promise<Record<string, unknown>> => {
    const out: Record<string, unknown> = {};
    for (const name of request.partProperties) {
      if (name === 'size') out[name] = knownSize(part) ?? (await decodedSize(part));
      else if (name === 'headers') out[name] = presentHeaders(await view.partHeader(part));
      else if (name !== 'subParts') out[name] = partProperty(part, name, view.partBase);
    }
    const header = request.partHeaders.length > 0 ? await view.partHeader(part) : [];
    for (const asked of request.partHeaders) out[asked.property] = headerValue(header, asked);
    return out;
  };
  const structure = async (part: Part): Promise<Record<string, unknown>> => {
    const out = await present(part);
    // A structure without its parts would be none: they are given whether asked for or not.
    if (part.parts) out['subParts'] = await Promise.all(part.parts.map(structure));
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

/** Where the encoded parts of a message lie: their content can be stored decoded and the same octets written again. */
import type { AttachmentInfo, Part } from './types.ts';

export interface EncodedSpan {
  /** Octets [start, end) of the message. */
  start: number;
  end: number;
  encoding: 'base64' | 'identity';
  /** A file, which may come again; otherwise text of this message alone. */
  isFile: boolean;
}

/** In the order of the message, none within another. */
export function encodedSpans(root: Part, attachments: readonly AttachmentInfo[]): EncodedSpan[] {
  const files = new Set(attachments.map(({ part }) => part));
  const spans: EncodedSpan[] = [];
  const walk = (part: Part): void => {
    if (part.parts) part.parts.forEach(walk);
    else if (part.message) walk(part.message.root);
    else {
      // Files within an attached message are nobody's attachments, yet files.
      const isFile = files.has(part.path) || part.type !== 'text';
      const encoding = part.encoding === 'base64' ? 'base64' : 'identity';
      const isPlain = ['7bit', '8bit', 'binary'].includes(part.encoding);
      if (encoding === 'base64' || (isPlain && files.has(part.path)))
        spans.push({ start: part.bodyStart, end: part.bodyEnd, encoding, isFile });
    }
  };
  walk(root);
  return spans.sort((a, b) => a.start - b.start);
}

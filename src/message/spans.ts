/** Where the encoded parts of a message lie: their content can be stored decoded and the same octets written again. */
import type { BlobHash } from '../base/ids.ts';
import type { AttachmentInfo, Part } from './types.ts';

export interface EncodedSpan {
  /** Octets [start, end) of the message. */
  start: number;
  end: number;
  encoding: 'base64' | 'identity';
  /** A file, which may come again; otherwise text of this message alone. */
  isFile: boolean;
  /** Decoded already, with its SHA-256: need not be done again. */
  known?: { content: Uint8Array; hash: BlobHash };
}

/**
 * In the order of the message, none within another.
 * @param contents what `deriveMessage` gave for the attachments
 */
export function encodedSpans(
  root: Part,
  attachments: readonly AttachmentInfo[],
  contents: ReadonlyMap<string, Uint8Array> = new Map(),
): EncodedSpan[] {
  const files = new Map(attachments.map((file) => [file.part, file]));
  const spans: EncodedSpan[] = [];
  const walk = (part: Part): void => {
    if (part.parts) part.parts.forEach(walk);
    else if (part.message) walk(part.message.root);
    else {
      const span = spanOf(part, files.get(part.path), contents.get(part.path));
      if (span) spans.push(span);
    }
  };
  walk(root);
  return spans.sort((a, b) => a.start - b.start);
}

function spanOf(
  part: Part,
  file: AttachmentInfo | undefined,
  content: Uint8Array | undefined,
): EncodedSpan | undefined {
  const isPlain = ['7bit', '8bit', 'binary'].includes(part.encoding);
  if (part.encoding !== 'base64' && !(isPlain && file)) return undefined;
  return {
    start: part.bodyStart,
    end: part.bodyEnd,
    encoding: isPlain ? 'identity' : 'base64',
    // Files within an attached message are nobody's attachments, yet files.
    isFile: file !== undefined || part.type !== 'text',
    ...(file && content && { known: { content, hash: file.contentHash } }),
  };
}

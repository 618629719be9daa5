/** The text of one message for the last pass of a search: decoded header fields, and the text of its text parts. */
import { decodePartText, headerOf } from '../../message/content.ts';
import { decodeHeaderText } from '../../message/header.ts';
import { htmlToText } from '../../message/html-text.ts';
import type { PlacedDetail } from '../../mailstore/types.ts';
import type { Part } from '../../message/types.ts';
import type { ImapStore } from '../store.ts';
import { shifted } from '../fetch/section.ts';
import type { Text } from './match.ts';

/** Octets of one text part that are looked through; longer ones are no letters. */
const MOST = 2 * 1024 * 1024;

export async function textOf(store: ImapStore, detail: PlacedDetail, withBody: boolean): Promise<Text> {
  const { root, blobHash } = detail;
  const header = headerOf(await store.bytes(blobHash, root.headerStart, root.bodyStart), shifted(root));
  const texts: string[] = [];
  if (withBody) {
    for (const part of textParts(root)) {
      const end = Math.min(part.bodyEnd, part.bodyStart + MOST);
      const octets = await store.bytes(blobHash, part.headerStart, end);
      const text = decodePartText(octets, shifted({ ...part, bodyEnd: end }));
      texts.push(part.subtype === 'html' ? htmlToText(text) : text);
    }
  }
  return {
    fields: (name) =>
      header
        .filter((f) => name === undefined || f.name.toLowerCase() === name.toLowerCase())
        .map((f) => (name === undefined ? `${f.name}: ` : '') + decodeHeaderText(f.raw)),
    // A word that the sender's program broke over two lines is still one phrase.
    body: texts.join('\n').replace(/\s+/g, ' '),
  };
}

function textParts(part: Part): Part[] {
  if (part.parts) return part.parts.flatMap(textParts);
  if (part.message) return textParts(part.message.root);
  return part.type === 'text' ? [part] : [];
}

/** Where the words that were searched for stand in a text: compared folded, shown as written (RFC 8621 §5). */
import { fold } from '../../base/text.ts';

export interface Span {
  start: number;
  end: number;
}

const MAX_SPANS = 2000;

/** `phrases`: folded words, each list to be found in a row (src/db/text-index.ts). */
export function findWords(text: string, phrases: readonly (readonly string[])[]): Span[] {
  const words = [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map((match) => ({
    word: fold(match[0]),
    start: match.index,
    end: match.index + match[0].length,
  }));
  const spans: Span[] = [];
  for (let i = 0; i < words.length && spans.length < MAX_SPANS; i++) {
    const longest = Math.max(
      0,
      ...phrases
        .filter((phrase) => phrase.every((word, j) => words[i + j]?.word === word))
        .map((phrase) => phrase.length),
    );
    const first = words[i];
    const last = words[i + longest - 1];
    if (longest === 0 || !first || !last) continue;
    spans.push({ start: first.start, end: last.end });
    i += longest - 1;
  }
  return spans;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => entities[c] ?? c);

export function mark(text: string, spans: readonly Span[]): string {
  let out = '';
  let at = 0;
  for (const { start, end } of spans) {
    out += `${escapeHtml(text.slice(at, start))}<mark>${escapeHtml(text.slice(start, end))}</mark>`;
    at = end;
  }
  return out + escapeHtml(text.slice(at));
}

const MARK_OCTETS = '<mark></mark>'.length;
const BEFORE = 60;

/** A piece of the text around the first find, marked, of at most so many octets. */
export function snippet(text: string, spans: readonly Span[], maxOctets: number): string | null {
  const [first] = spans;
  if (!first) return null;
  const from = wordStart(text, Math.max(0, first.start - BEFORE), first.start);
  let end = from;
  let octets = 0;
  let marked: Span | undefined;
  for (const char of text.slice(from)) {
    const span = marked && end < marked.end ? marked : spans.find((s) => s.start <= end && end < s.end);
    const cost = Buffer.byteLength(escapeHtml(char)) + (span && span !== marked ? MARK_OCTETS : 0);
    if (octets + cost > maxOctets) break;
    octets += cost;
    marked = span ?? marked;
    end += char.length;
    if (end - from > maxOctets) break;
  }
  const inside = spans
    .filter((s) => s.start < end && s.end > from)
    .map((s) => ({ start: Math.max(s.start, from) - from, end: Math.min(s.end, end) - from }));
  return mark(text.slice(from, end), inside);
}

function wordStart(text: string, at: number, most: number): number {
  if (at === 0) return 0;
  const space = text.slice(at, most).search(/\s\S/);
  const start = space < 0 ? at : at + space + 1;
  // Never between the halves of a surrogate pair.
  return /[\udc00-\udfff]/.test(text.charAt(start)) ? start + 1 : start;
}

/** Where the words that were searched for stand in a text: compared as the search does, shown as written (RFC 8621 §5). */
import { fold } from '../../base/text.ts';
import { isMarked, writtenWord } from '../../base/word-text.ts';
import { typedGroups } from '../../mailstore/text/typed.ts';

export interface Span {
  start: number;
  end: number;
}

const MAX_SPANS = 2000;

/** A word to be found: folded; and as it was typed, when that was with marks. */
export interface Sought {
  folded: string;
  written?: string;
  /** Only its beginning was typed. */
  prefix?: boolean;
}

/** What was typed (src/mailstore/text/typed.ts) as phrases to be marked. */
export function soughtPhrases(typed: string): Sought[][] {
  return typedGroups(typed).map(({ text, prefix }) => {
    const words = text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
    return words.map((word, i) => ({
      folded: fold(word),
      ...(isMarked(word) && { written: writtenWord(word) }),
      prefix: prefix && i === words.length - 1,
    }));
  });
}

function isFound(word: string, { folded, written, prefix }: Sought): boolean {
  const plain = fold(word);
  if (prefix ? !plain.startsWith(folded) : plain !== folded) return false;
  if (written === undefined || !isMarked(word)) return true;
  return prefix ? writtenWord(word).startsWith(written) : writtenWord(word) === written;
}

export function findWords(text: string, phrases: readonly (readonly Sought[])[]): Span[] {
  const words = [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)];
  const spans: Span[] = [];
  for (let i = 0; i < words.length && spans.length < MAX_SPANS; i++) {
    const longest = Math.max(
      0,
      ...phrases
        .filter((phrase) => phrase.every((sought, j) => isFound(words[i + j]?.[0] ?? '', sought)))
        .map((phrase) => phrase.length),
    );
    const first = words[i];
    const last = words[i + longest - 1];
    if (longest === 0 || !first || !last) continue;
    spans.push({ start: first.index, end: last.index + last[0].length });
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

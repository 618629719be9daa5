/** The folded text that the recipient picker searches, and the patterns for it. Pure. */
import { fold } from '../base/text.ts';

/** Words folded, each after a blank; the local part comes first, so that a typed address ranks first. */
export function searchKey(address: string | null, ...texts: readonly (string | null | undefined)[]): string {
  const words = [address ?? '', ...texts].map((text) =>
    fold(text ?? '')
      .replace(/['’"()\s,;/-]+/gu, ' ')
      .trim(),
  );
  return ` ${words.filter((word) => word !== '').join(' ')}`;
}

/** One LIKE pattern per typed word: each must begin a word of the key. Undefined: nothing to look for. Escape character "!". */
export function searchPatterns(query: string): { words: string[]; first: string } | undefined {
  const typed = fold(query.slice(0, 200))
    .split(/['’"()\s,;/-]+/u)
    .filter((word) => word !== '')
    .slice(0, 8);
  if (!typed[0]) return undefined;
  const escaped = typed.map((word) => word.replace(/[!%_]/g, '!$&'));
  return { words: escaped.map((word) => `% ${word}%`), first: ` ${escaped[0]}%` };
}

/**
 * A searched text as an expression over readable text (NFC, white space as one space).
 *
 * A word typed without marks matches whatever marks were written; one typed with marks matches the same marks, wherever the
 * tone of oa, oe, uy stands, and words that were written wholly without. Case never matters.
 */
import { fold } from '../../base/text.ts';
import { isMarked, otherTones, writtenWord } from '../../base/word-text.ts';

/**
 * `literal`: part of the text, as typed (RFC 9051 §6.4.4). `words`: whole words, whatever stands between them; `beginning`: of the
 * last one perhaps only the beginning.
 */
export type Matching = 'literal' | 'words' | 'beginning';

const WORD = '[\\p{L}\\p{N}\\p{M}]';

export function patternOf(text: string, matching: Matching): RegExp {
  const pieces =
    text
      .normalize('NFC')
      .replace(/\s+/g, ' ')
      .match(/[\p{L}\p{N}\p{M}]+|[^\p{L}\p{N}\p{M}]+/gu) ?? [];
  const isWord = (piece: string) => /^[\p{L}\p{N}\p{M}]/u.test(piece);
  if (matching === 'literal') return expression(pieces.map((p) => (isWord(p) ? word(p) : escape(p))).join(''));
  const words = pieces.filter(isWord).map(word);
  return expression(`(?<!${WORD})${words.join('[^\\p{L}\\p{N}]+')}${matching === 'beginning' ? '' : `(?!${WORD})`}`);
}

const expression = (source: string): RegExp => new RegExp(source, 'iu');
const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

function word(typed: string): string {
  if (!isMarked(typed)) return [...typed].map(anyMarks).join('');
  const written = writtenWord(typed);
  const exact = escape(written).replace(/[òóỏõọ][ae]|[ùúủũụ]y/g, (pair) => {
    const other = otherTones.get(pair);
    return other === undefined ? pair : `(?:${pair}|${other})`;
  });
  // Only where the whole word has no marks: a part of "cộng" is not "cong".
  const plain = escape(fold(typed));
  const bare = `${plain}(?<=(?<!${WORD})[a-z0-9]*${plain})(?=[a-z0-9]*(?!${WORD}))`;
  return `(?:${exact}|${bare})`;
}

/** Every letter that folds to this one. */
function anyMarks(letter: string): string {
  const family = (families ??= lettersByFold()).get(fold(letter));
  return family ? `[${family}]\\p{M}*` : `${escape(letter)}\\p{M}*`;
}

let families: Map<string, string> | undefined;

function lettersByFold(): Map<string, string> {
  const made = new Map<string, string>();
  for (let code = 0x30; code < 0x2200; code++) {
    const letter = String.fromCharCode(code);
    if (!/[\p{L}\p{N}]/u.test(letter)) continue;
    const folded = fold(letter);
    if (folded.length === 1) made.set(folded, (made.get(folded) ?? '') + letter);
  }
  return made;
}

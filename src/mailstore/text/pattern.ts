/**
 * A searched text as an expression over readable text (NFC, white space as one space).
 *
 * A word typed without marks matches whatever marks were written; one typed with marks matches the same marks, wherever the
 * tone of oa, oe, uy stands, and words that were written wholly without. Case never matters.
 */
import { fold } from '../../base/text.ts';
import { isMarked, lettersByFold, otherTones, piecesOf, writtenWord, type Piece } from '../../base/word-text.ts';

/**
 * `literal`: part of the text, as typed (RFC 9051 §6.4.4). `words`: whole words, whatever stands between them; `beginning`: of the
 * last one perhaps only the beginning.
 */
export type Matching = 'literal' | 'words' | 'beginning';

const WORD = '[\\p{L}\\p{N}\\p{M}]';

export function patternOf(text: string, matching: Matching): RegExp {
  const pieces = piecesOf(asTyped(text));
  if (matching === 'literal') return expression(pieces.map((piece, i) => literalPiece(piece, i, pieces)).join(''));
  const words = pieces.filter(({ isWord }) => isWord).map((piece) => word(piece.text, BOTH));
  return expression(`(?<!${WORD})${words.join('[^\\p{L}\\p{N}]+')}${matching === 'beginning' ? '' : `(?!${WORD})`}`);
}

/** Between two others, a word ends where they begin. */
const literalPiece = ({ text, isWord }: Piece, i: number, { length }: readonly Piece[]): string =>
  isWord ? word(text, { before: i === 0, after: i === length - 1 }) : escape(text);

/** What a literal pattern matches in any case, among other writings. */
export const asTyped = (text: string): string => text.normalize('NFC').replace(/\s+/g, ' ');

const expression = (source: string): RegExp => new RegExp(source, 'iu');
const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Where a word may go on in the text: only there need be looked. */
interface Open {
  before: boolean;
  after: boolean;
}
const BOTH: Open = { before: true, after: true };

function word(typed: string, { before, after }: Open): string {
  if (!isMarked(typed)) return [...typed].map(anyMarks).join('');
  const written = writtenWord(typed);
  const exact = escape(written).replace(/[òóỏõọ][ae]|[ùúủũụ]y/g, (pair) => {
    const other = otherTones.get(pair);
    return other === undefined ? pair : `(?:${pair}|${other})`;
  });
  // Only where the whole word has no marks: a part of "cộng" is not "cong".
  const plain = escape(fold(typed));
  const begins = before ? `(?<=(?<!${WORD})[a-z0-9]*${plain})` : '';
  const ends = after ? `(?=[a-z0-9]*(?!${WORD}))` : '';
  return `(?:${exact}|${plain}${begins}${ends})`;
}

/** Every letter that folds to this one. */
function anyMarks(letter: string): string {
  const family = (families ??= lettersByFold()).get(fold(letter));
  return family ? `[${family}]\\p{M}*` : `${escape(letter)}\\p{M}*`;
}

let families: Map<string, string> | undefined;

/** Words of a text, folded and as they are written: what is typed to be found, and what is cut to be found (word-reader.ts). */
import { fold, isAscii } from './text.ts';
import { foldedEach, TABLE_LENGTH } from './word-table.ts';

/** A longer word is cut. */
export const WORD_LENGTH = 200;

/** The letters that fold to each single one. */
export function lettersByFold(): Map<string, string> {
  const made = new Map<string, string>();
  const all = String.fromCharCode(...new Uint8Array(TABLE_LENGTH).keys());
  const each = foldedEach(all);
  for (const { index, 0: run } of all.matchAll(/[\p{L}\p{N}]+/gu)) {
    for (let code = index; code < index + run.length; code++) {
      const folded = each[code] ?? '';
      if (folded.length === 1) made.set(folded, (made.get(folded) ?? '') + String.fromCharCode(code));
    }
  }
  return made;
}

/** The words of a text: folded, cut at everything that is no letter or digit. */
export function words(text: string): string[] {
  const plain = fold(text);
  // An expression of Unicode's classes takes milliseconds to make: few searches need it.
  const found = plain.match(isAscii(plain) ? /[a-z0-9]+/g : /[\p{L}\p{N}]+/gu) ?? [];
  return found.map((w) => w.slice(0, WORD_LENGTH));
}

export interface Piece {
  text: string;
  /** Of letters, digits, and marks on them; others have none of these. */
  isWord: boolean;
}

/** A short text, cut where words begin and end. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const char of text) {
    const isWord = isWordCharacter(char);
    const last = pieces.at(-1);
    if (last?.isWord === isWord) last.text += char;
    else pieces.push({ text: char, isWord });
  }
  return pieces;
}

/** What folds to nothing is a mark. */
const isWordCharacter = (char: string): boolean => {
  const plain = fold(char);
  return isAscii(plain) ? /^[a-z0-9]?$/.test(plain) : /[\p{L}\p{N}\p{M}]/u.test(char);
};

/** Where a tone stands on oa, oe, uy is a matter of taste: "hoà" is "hòa". */
const MOVABLE = /o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ]/g;
const moved: Readonly<Record<string, string>> = Object.fromEntries(
  ['o:a:àáảãạ:òóỏõọ', 'o:e:èéẻẽẹ:òóỏõọ', 'u:y:ỳýỷỹỵ:ùúủũụ'].flatMap((line) => {
    const [first = '', second = '', later = '', earlier = ''] = line.split(':');
    return [...later].map((vowel, i) => [first + vowel, `${earlier[i] ?? ''}${second}`]);
  }),
);

/** One writing of a word with its marks: NFC, lower case, the tone of oa, oe, uy on the first letter. */
export const writtenWord = (word: string): string =>
  word
    .normalize('NFC')
    .toLowerCase()
    .replace(MOVABLE, (pair) => moved[pair] ?? pair)
    .slice(0, WORD_LENGTH);

/** "òa" -> "oà": the other writing of the same. */
export const otherTones: ReadonlyMap<string, string> = new Map(Object.entries(moved).map(([a, b]) => [b, a]));

/** Whether some letter of a text has a mark; đ counts as one. */
export const isMarked = (text: string): boolean => fold(text) !== text.normalize('NFC').toLowerCase();

/**
 * Text cut into words for the index: folded ones, and those as they are written with their marks. A table instead of
 * expressions, since the text of every delivered message comes through here.
 */
import { fold, isAscii } from './text.ts';

/** A longer word is cut. */
export const WORD_LENGTH = 200;

const SPACE = 32;
/** A combining mark: folded away. */
const NOTHING = 0;
/** A letter that the table cannot fold to one of ASCII. */
const OTHER = 255;
const LAST = 0x2200;

let table: Uint8Array | undefined;

/** By UTF-16 code: the letter or digit it folds to, or one of the above. */
function foldTable(): Uint8Array {
  const made = new Uint8Array(LAST).fill(SPACE);
  const all = String.fromCharCode(...made.keys());
  const each = foldedEach(all);
  for (const { index, 0: run } of all.matchAll(/[\p{L}\p{N}]+/gu)) made.fill(OTHER, index, index + run.length);
  for (const { index } of all.matchAll(/\p{M}/gu)) made[index] = each[index] === '' ? NOTHING : OTHER;
  for (let code = 0; code < LAST; code++) {
    const folded = each[code] ?? '';
    if (made[code] === OTHER && /^[a-z0-9]$/.test(folded)) made[code] = folded.charCodeAt(0);
  }
  return made;
}

/** Every character folded by itself; one call for thousands takes a tenth of the time. */
const foldedEach = (text: string): string[] => fold(text.split('').join(BETWEEN)).split(BETWEEN);
/** Of no script: stays as it is, and nothing joins it. */
const BETWEEN = '\ue000';

/** The letters that fold to each single one. */
export function lettersByFold(): Map<string, string> {
  const made = new Map<string, string>();
  const all = String.fromCharCode(...new Uint8Array(LAST).keys());
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

/**
 * The same words as one text with spaces between them, any number of them. `each` hears where every word stands, with a hash
 * of its letters as they are written.
 * @returns undefined when a letter is beyond the table
 */
function folded(text: string, each?: (start: number, end: number, hash: number) => void): string | undefined {
  table ??= foldTable();
  const out = Buffer.allocUnsafe(text.length);
  let length = 0;
  let letters = 0;
  let start = 0;
  let hash = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const letter = code < LAST ? table[code] : OTHER;
    if (letter === undefined || letter === OTHER || letters === WORD_LENGTH) return undefined;
    if (letter === SPACE) {
      if (letters > 0) each?.(start, i, hash);
      letters = 0;
    } else if (letters === 0 && letter !== NOTHING) {
      start = i;
      hash = code;
      letters = 1;
    } else {
      hash = (Math.imul(hash, 31) + code) | 0;
      if (letter !== NOTHING) letters++;
    }
    if (letter !== NOTHING) out[length++] = letter;
  }
  if (letters > 0) each?.(start, text.length, hash);
  return out.toString('latin1', 0, length);
}

export const wordText = (text: string): string => folded(text) ?? words(text).join(' ');

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

interface Remembered {
  word: string;
  /** As written, one way; empty when it needs no entry of its own. */
  written: string;
  folded: string;
  /** The last text it was met in. */
  met: number;
}

function remembered(word: string): Remembered {
  const plain = fold(word).slice(0, WORD_LENGTH);
  const written = writtenWord(word);
  // A longer word is no syllable: nobody leaves marks out of it.
  const needless = plain === written && !/^[a-z]{1,7}$/.test(written);
  return { word, written: needless ? '' : written, folded: plain, met: 0 };
}

/** Words by the hash of where they stand in a text: no string is made for one that is known. */
function createWordMemory(): (text: string, start: number, end: number, hash: number) => Remembered {
  const slots: (Remembered | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
  return (text, start, end, hash) => {
    const at = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const found = slots[at];
    if (found && isAt(found.word, text, start, end)) return found;
    const word = text.slice(start, end);
    // A longer slice would keep its whole text alive.
    if (word.length > REMEMBERED) return remembered(word);
    return (slots[at] = remembered(word));
  };
}
const SLOTS = 2 ** 16;
const REMEMBERED = 12;

function isAt(word: string, text: string, start: number, end: number): boolean {
  if (word.length !== end - start) return false;
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) !== text.charCodeAt(start + i)) return false;
  return true;
}

export interface ReadWords {
  /** As of `wordText`. */
  text: string;
  /** Words as they are written, each at least once: those with marks, and syllables that may have been written without. */
  written: string[];
  /** All words, folded, each at least once. */
  folded: string[];
}

/** Takes texts apart; remembers the words it has seen, since mail repeats itself. */
export function createWordReader(): (text: string) => ReadWords {
  const memory = createWordMemory();
  let texts = 0;
  return (text) => {
    texts++;
    const written: string[] = [];
    const plain: string[] = [];
    const meet = (entry: Remembered): void => {
      if (entry.met === texts) return;
      entry.met = texts;
      // Marks alone are no word.
      if (entry.folded !== '') plain.push(entry.folded);
      if (entry.written !== '') written.push(entry.written);
    };
    let all = folded(text, (start, end, hash) => meet(memory(text, start, end, hash)));
    if (all === undefined) {
      all = words(text).join(' ');
      for (const word of text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []) meet(remembered(word));
    }
    return { text: all, written, folded: plain };
  };
}

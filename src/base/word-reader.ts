/**
 * Takes texts apart for the index: folded words as one text, and words as they are written. Every delivered message comes through
 * here, so it goes over codes in a buffer instead of letters of a string, and makes no string for a word that it has seen.
 */
import { textCodes } from './text-codes.ts';
import { fold } from './text.ts';
import { foldTable, NOTHING, OTHER, SPACE } from './word-table.ts';
import { WORD_LENGTH, words, writtenWord } from './word-text.ts';

/** Symbols of Windows' fonts, as office programs write them, have no meaning of Unicode's (Co). */
const PRIVATE = 0xe000;
const PRIVATE_END = 0xf8ff;
/** The first half of U+1F400 to U+1F7FF: pictures, no letters. */
const PICTURE = 0xd83d;
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
/** VARIATION SELECTOR-16 behind a picture (Mn). */
const SELECTOR = 0xfe0f;

const other = (code: number): number => {
  if (code === SELECTOR) return NOTHING;
  return code === PICTURE || (code >= PRIVATE && code <= PRIVATE_END) ? SPACE : OTHER;
};

/** Of the text that was folded last: its letters; and of each word the start, the end, and a hash of it as it is written. */
let letters = Buffer.alloc(0);
let spans = new Int32Array(0);
const SPAN = 3;

function makeRoom(length: number): void {
  if (letters.length >= length) return;
  letters = Buffer.allocUnsafeSlow(length * 2 + 1);
  // A word and a space are two letters.
  spans = new Int32Array(SPAN * (length + 1));
}

/**
 * The same words as those of `words`, as one text with spaces between them, any number of them, in `letters`.
 * @returns undefined when a letter is beyond the table, or a word too long
 */
function folded(codes: Uint16Array): { length: number; count: number } | undefined {
  const table = foldTable();
  makeRoom(codes.length);
  const [out, ends] = [letters, spans];
  let length = 0;
  let count = 0;
  for (let i = 0; i < codes.length;) {
    const start = i;
    let hash = 0;
    let some = 0;
    let code = codes[i] ?? 0;
    let letter = table[code] ?? other(code);
    while (letter !== SPACE) {
      if (letter === OTHER || some === WORD_LENGTH) return undefined;
      hash = (Math.imul(hash, 31) + code) | 0;
      if (letter !== NOTHING) {
        out[length++] = letter;
        some++;
      }
      if (++i === codes.length) break;
      code = codes[i] ?? 0;
      letter = table[code] ?? other(code);
    }
    if (i > start) {
      ends[count] = start;
      ends[count + 1] = i;
      ends[count + 2] = hash;
      count += SPAN;
    }
    out[length++] = SPACE;
    i += code === PICTURE && isLowSurrogate(codes[i + 1] ?? 0) ? 2 : 1;
  }
  return { length, count };
}

const lettersTo = (length: number): string => letters.toString('latin1', 0, length);

export function wordText(text: string): string {
  const all = folded(textCodes(text));
  return all ? lettersTo(all.length) : words(text).join(' ');
}

interface Remembered {
  /** As written, one way; empty when it needs no entry of its own. */
  written: string;
  folded: string;
  /** The last text it was met in. */
  met: number;
  /** Whether it was told since the words told were forgotten last. */
  told: number;
}

function remembered(word: string): Remembered {
  const plain = fold(word).slice(0, WORD_LENGTH);
  const written = writtenWord(word);
  // A longer word is no syllable: nobody leaves marks out of it.
  const needless = plain === written && !/^[a-z]{1,7}$/.test(written);
  return { written: needless || plain === '' ? '' : written, folded: plain, met: 0, told: 0 };
}

const SLOTS = 2 ** 16;
/** A longer slice would keep its whole text alive. */
const REMEMBERED = 12;

/** Words by the hash of where they stand in a text: the newest of each hash. */
class WordMemory {
  readonly #entries: (Remembered | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
  readonly #lengths = new Uint8Array(SLOTS);
  readonly #codes = new Uint16Array(SLOTS * REMEMBERED);

  /** The word of a text, and of its codes, whose span is there. */
  at(text: string, codes: Uint16Array, span: number): Remembered {
    const start = spans[span] ?? 0;
    const end = spans[span + 1] ?? 0;
    const hash = spans[span + 2] ?? 0;
    const length = end - start;
    if (length > REMEMBERED) return remembered(text.slice(start, end));
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const base = slot * REMEMBERED;
    const found = this.#entries[slot];
    if (found && this.#lengths[slot] === length) {
      let same = 0;
      while (same < length && this.#codes[base + same] === codes[start + same]) same++;
      if (same === length) return found;
    }
    this.#lengths[slot] = length;
    for (let i = 0; i < length; i++) this.#codes[base + i] = codes[start + i] ?? 0;
    return (this.#entries[slot] = remembered(text.slice(start, end)));
  }
}

/** Words that were told: the vocabulary never loses one, so most words of a message need no question. */
const MOST_TOLD = 300_000;

export interface ReadWords {
  /** As of `wordText`. */
  text: string;
  /** Words as they are written, each at least once: those with marks, and syllables that may have been written without. */
  written: string[];
  /** Folded words that no text before had, each at least once. */
  fresh: string[];
}

export interface WordReader {
  read(text: string): ReadWords;
  /** All words are fresh again. */
  forget(): void;
}

/** Remembers the words it has seen, since mail repeats itself. */
export function createWordReader(): WordReader {
  const told = new Set<string>();
  let memory: WordMemory | undefined;
  let texts = 0;
  let telling = 1;
  return {
    read(text) {
      texts++;
      const written: string[] = [];
      const fresh: string[] = [];
      const meet = (entry: Remembered): void => {
        if (entry.met === texts) return;
        entry.met = texts;
        if (entry.written !== '') written.push(entry.written);
        if (entry.told === telling) return;
        entry.told = telling;
        // Marks alone are no word.
        if (entry.folded === '' || told.has(entry.folded)) return;
        fresh.push(entry.folded);
        if (entry.folded.length <= REMEMBERED) told.add(entry.folded);
      };
      if (told.size > MOST_TOLD) told.clear();
      const codes = textCodes(text);
      const all = folded(codes);
      if (all) {
        memory ??= new WordMemory();
        for (let i = 0; i < all.count; i += SPAN) meet(memory.at(text, codes, i));
        return { text: lettersTo(all.length), written, fresh };
      }
      for (const word of text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []) meet(remembered(word));
      return { text: words(text).join(' '), written, fresh };
    },
    forget() {
      told.clear();
      telling++;
    },
  };
}

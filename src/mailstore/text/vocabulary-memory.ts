/** Words that are in the vocabulary for sure: it never loses one, so most words of a message need no question. */

const MOST = 300_000;
/** A longer one may be a slice of a whole text, which it would keep alive. */
const REMEMBERED = 12;

export interface VocabularyMemory {
  unknown(words: readonly string[]): string[];
  /** After the commit. */
  known(words: readonly string[]): void;
}

export function createVocabularyMemory(): VocabularyMemory {
  const known = new Set<string>();
  return {
    unknown: (words) => [...new Set(words.filter((word) => !known.has(word)))],
    known(words) {
      if (known.size > MOST) known.clear();
      for (const word of words) if (word.length <= REMEMBERED) known.add(word);
    },
  };
}

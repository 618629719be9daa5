/** Words that were told already: the vocabulary never loses one, so most words of a message need no question. */

const MOST = 300_000;
/** A longer one may be a slice of a whole text, which it would keep alive. */
const REMEMBERED = 12;

export interface VocabularyMemory {
  /** Of these words those that were not asked for before. */
  unknown(words: readonly string[]): string[];
}

export function createVocabularyMemory(): VocabularyMemory {
  const known = new Set<string>();
  return {
    unknown(words) {
      if (known.size > MOST) known.clear();
      const found: string[] = [];
      for (const word of words) {
        if (known.has(word)) continue;
        found.push(word);
        if (word.length <= REMEMBERED) known.add(word);
      }
      return found;
    },
  };
}

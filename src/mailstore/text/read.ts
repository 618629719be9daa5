/** Text read and split, many messages at once: pure, for the thread of mail-text.worker.ts and for the main one. */
import type { Dialect } from '../../db/kit.ts';
import { searchText } from '../../message/search-text.ts';
import { indexedMessage, type IndexedMessage } from './indexed.ts';
import type { Source } from './source.ts';
import { createVocabularyMemory } from './vocabulary-memory.ts';

export async function readSource({ known, pieces }: Source, dialect: Dialect): Promise<IndexedMessage> {
  const octets = (start: number, end: number): Uint8Array => {
    const piece = pieces.findLast((one) => one.start <= start);
    return piece ? piece.octets.subarray(start - piece.start, end - piece.start) : new Uint8Array();
  };
  return indexedMessage(await searchText(octets, known), dialect);
}

/** As `readSource`, but that a word is told once only; whoever hears it keeps it. */
export interface Reading {
  read(source: Source): Promise<IndexedMessage>;
  /** What was told may not have been kept. */
  forget(): void;
}

export function createReading(dialect: Dialect): Reading {
  let told = createVocabularyMemory();
  return {
    async read(source) {
      const message = await readSource(source, dialect);
      return { ...message, vocabulary: told.unknown(message.vocabulary) };
    },
    forget() {
      told = createVocabularyMemory();
    },
  };
}

/** Text read and split, many messages at once: pure, for the thread of mail-text.worker.ts and for the main one. */
import { createWordReader } from '../../base/word-reader.ts';
import type { Dialect } from '../../db/kit.ts';
import { searchText } from '../../message/search-text.ts';
import { indexedMessage, type IndexedMessage } from './indexed.ts';
import type { Source } from './source.ts';

/** To ask for what lies in the pieces. */
export function octetsOf({ pieces }: Source): (start: number, end: number) => Uint8Array {
  return (start, end) => {
    const piece = pieces.findLast((one) => one.start <= start);
    return piece ? piece.octets.subarray(start - piece.start, end - piece.start) : new Uint8Array();
  };
}

export interface Reading {
  /** A word of the vocabulary is told once; whoever hears it keeps it. */
  read(source: Source): Promise<IndexedMessage>;
  /** What was told may not have been kept. */
  forget(): void;
}

export function createReading(dialect: Dialect): Reading {
  const words = createWordReader();
  return {
    async read(source) {
      const text = await searchText(octetsOf(source), source.known);
      try {
        return indexedMessage(text, dialect, words);
      } catch (error) {
        words.forget();
        throw error;
      }
    },
    forget: words.forget,
  };
}

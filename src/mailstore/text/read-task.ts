/**
 * Messages on their way to the thread and what comes back. All octets travel in one buffer that changes hands: an array of its
 * own for each would take the whole block along that it was cut from.
 */
import { concat } from '../../base/bytes.ts';
import type { Dialect } from '../../db/kit.ts';
import type { Known } from '../../message/search-text.ts';
import type { IndexedMessage } from './indexed.ts';
import type { Source } from './source.ts';

export interface Parcel {
  octets: Uint8Array<ArrayBuffer>;
  messages: { known: Known; pieces: { start: number; at: number; length: number }[] }[];
}
export interface ReadTask extends Parcel {
  dialect: Dialect;
  /** The words that were told before may not have been kept. */
  fresh: boolean;
}
export interface ReadAnswer {
  octets: Uint8Array<ArrayBuffer>;
  messages: (Omit<IndexedMessage, 'packed'> & { length: number })[];
}

export const lengthOf = ({ pieces }: Source): number => pieces.reduce((sum, { octets }) => sum + octets.length, 0);

export function parcelOf(sources: readonly Source[]): Parcel {
  const octets = concat(sources.flatMap(({ pieces }) => pieces.map((piece) => piece.octets)));
  let at = 0;
  const messages = sources.map(({ known, pieces }) => ({
    known,
    pieces: pieces.map(({ start, octets: { length } }) => ({ start, length, at: (at += length) - length })),
  }));
  return { octets, messages };
}

export const joined = ({ octets, messages }: Parcel): Source[] =>
  messages.map(({ known, pieces }) => ({
    known,
    pieces: pieces.map(({ start, at, length }) => ({ start, octets: octets.subarray(at, at + length) })),
  }));

export const packedUp = (messages: readonly IndexedMessage[]): ReadAnswer => ({
  octets: concat(messages.map(({ packed }) => packed)),
  messages: messages.map(({ packed, ...message }) => ({ ...message, length: packed.length })),
});

export function unpacked({ octets, messages }: ReadAnswer): IndexedMessage[] {
  let at = 0;
  return messages.map(({ length, ...message }) => ({ ...message, packed: octets.subarray(at, (at += length)) }));
}

/** Messages on their way to the thread and what comes back: all octets in one buffer that changes hands, all else as it is. */
import { concat } from '../../base/bytes.ts';
import type { BlobHash } from '../../base/ids.ts';
import type { DerivedMessage } from '../../message/types.ts';
import type { Digest } from './digest.ts';

export interface DigestTask {
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Of each message. */
  readonly lengths: readonly number[];
  /** See head.ts. */
  readonly onlyHead: boolean;
}

/** A row or a large content, whose octets lie in the buffer. */
interface Packed {
  readonly hash: BlobHash;
  readonly size: number;
  readonly names: readonly BlobHash[];
  readonly isLarge: boolean;
  readonly length: number;
}
/** What one message came to, or why it came to nothing. */
export type DigestedMessage =
  | {
      readonly derived: DerivedMessage;
      readonly hash: BlobHash;
      readonly size: number;
      readonly packed: readonly Packed[];
    }
  | { readonly failed: string };

export interface DigestAnswer {
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly messages: readonly DigestedMessage[];
}

export const taskOf = (messages: readonly Uint8Array[], onlyHead = false): DigestTask => ({
  onlyHead,
  octets: concat(messages),
  lengths: messages.map(({ length }) => length),
});

export function messagesOf({ octets, lengths }: Pick<DigestTask, 'octets' | 'lengths'>): Uint8Array[] {
  let at = 0;
  return lengths.map((length) => octets.subarray(at, (at += length)));
}

export function answerOf(digests: readonly (Digest | string)[]): DigestAnswer {
  const pieces: Uint8Array[] = [];
  const messages = digests.map((one): DigestedMessage => {
    if (typeof one === 'string') return { failed: one };
    const { derived, packing } = one;
    const { hash, size, rows, large } = packing;
    const packed = [
      ...rows.map(({ data, ...row }) => ({ ...row, isLarge: false, data })),
      ...large.map(({ hash: name, bytes }) => ({
        ...{ hash: name, size: bytes.length, names: [], isLarge: true },
        data: bytes,
      })),
    ].map(({ data = Buffer.alloc(0), ...rest }) => {
      pieces.push(data);
      return { ...rest, length: data.length };
    });
    return { derived, hash, size, packed };
  });
  return { octets: concat(pieces), messages };
}

/** Undefined: the thread could not. */
export function digestsOf({ octets, messages }: DigestAnswer): (Digest | undefined)[] {
  let at = 0;
  return messages.map((message) => {
    if ('failed' in message) return undefined;
    const { derived, hash, size, packed } = message;
    const all = packed.map(({ length, ...rest }) => {
      const data = Buffer.from(octets.buffer, octets.byteOffset + at, length);
      at += length;
      return { ...rest, data };
    });
    const rows = all.filter(({ isLarge }) => !isLarge).map(({ isLarge: _, ...row }) => row);
    const large = all.filter(({ isLarge }) => isLarge).map(({ hash: name, data }) => ({ hash: name, bytes: data }));
    return { derived, packing: { hash, size, rows, large } };
  });
}

/**
 * Messages on their way to the thread and what comes back: all octets in one buffer that changes hands, all else as it is. The buffer of
 * the task comes back too, for another task: one made anew for each is a burden on the collector, which looks through the whole heap
 * the sooner the more octets were given out.
 */
import { concat, copyInto } from '../../base/bytes.ts';
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
  /** The task's. */
  readonly spent: ArrayBuffer;
  readonly messages: readonly DigestedMessage[];
}

/** @param buffer has room for them, and changes hands with the task; absent: a buffer of their own */
export function taskOf(
  messages: readonly Uint8Array[],
  { onlyHead = false, buffer }: { onlyHead?: boolean; buffer?: ArrayBuffer | undefined } = {},
): DigestTask {
  const lengths = messages.map(({ length }) => length);
  return { onlyHead, lengths, octets: buffer ? copyInto(new Uint8Array(buffer), messages) : concat(messages) };
}

/** What changes hands with an answer. */
export const handedBack = ({ octets, spent }: DigestAnswer): ArrayBuffer[] => [octets.buffer, spent];

export function messagesOf({ octets, lengths }: Pick<DigestTask, 'octets' | 'lengths'>): Uint8Array[] {
  let at = 0;
  return lengths.map((length) => octets.subarray(at, (at += length)));
}

export function answerOf(digests: readonly (Digest | string)[], { octets: { buffer } }: DigestTask): DigestAnswer {
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
  return { octets: concat(pieces), spent: buffer, messages };
}

/** Undefined: the thread could not. */
export function digestsOf({ octets, messages }: Pick<DigestAnswer, 'octets' | 'messages'>): (Digest | undefined)[] {
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

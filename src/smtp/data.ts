import type { SMTPServerDataStream } from 'smtp-server';

import { copyInto } from '../base/bytes.ts';
import { SmtpReply } from './reply.ts';

/** What all connections of a server hold in memory together. */
export interface Budget {
  /** False: there is no room for so many more. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function createBudget(max: number): Budget {
  let used = 0;
  return {
    take(bytes) {
      if (used + bytes > max) return false;
      used += bytes;
      return true;
    },
    give(bytes) {
      used -= bytes;
    },
  };
}

/** Octets left free in front of a message: our trace is rarely longer. */
const ROOM = 2048;
const roomOf = new WeakMap<Uint8Array, number>();

/**
 * The message with these octets in front. As it came from `withData` it has room for them, once: a copy would be one more large buffer
 * for each message, and the collector looks through the whole heap the sooner. The message itself stays as it is.
 */
export function inFrontOf(bytes: Uint8Array, front: Uint8Array): Uint8Array {
  if (front.length > (roomOf.get(bytes) ?? 0)) return Buffer.concat([front, bytes]);
  roomOf.delete(bytes);
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset - front.length, front.length + bytes.length);
  whole.set(front);
  return whole;
}

function withRoom(chunks: readonly Uint8Array[], length: number): Uint8Array {
  // Not of Buffer's pool, which others write into.
  const bytes = copyInto(Buffer.allocUnsafeSlow(ROOM + length), chunks, ROOM).subarray(ROOM);
  roomOf.set(bytes, ROOM);
  return bytes;
}

interface Limits {
  maxBytes: number;
  budget: Budget;
}

/**
 * The bytes between DATA and the final dot, handed to `use`. What is refused is still read to its end, so that the next command
 * is found.
 * @throws SmtpReply
 */
export async function withData<T>(
  stream: SMTPServerDataStream,
  limits: Limits,
  use: (bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  const message = collect(stream, limits);
  try {
    await message.ended;
    const bytes = message.bytes();
    refuseBareLineEnds(bytes);
    return await use(bytes);
  } finally {
    message.release();
  }
}

/**
 * Takes the octets where smtp-server writes them. It writes them into a stream, whose buffers, events and iterator cost more than
 * all else that a message of usual size needs here.
 */
function collect(stream: SMTPServerDataStream, { maxBytes, budget }: Limits) {
  let chunks: Uint8Array[] = [];
  let held = 0;
  let full = false;
  const release = (): void => {
    chunks = [];
    budget.give(held);
    held = 0;
  };
  const take = (chunk: Uint8Array): void => {
    if (stream.byteLength > maxBytes || full || !budget.take(chunk.length)) {
      full ||= stream.byteLength <= maxBytes;
      release();
    } else {
      chunks.push(chunk);
      held += chunk.length;
    }
  };
  const ended = new Promise<void>((resolve, reject) => {
    stream.write = (chunk: Uint8Array) => {
      take(chunk);
      return true;
    };
    stream.end = (chunk?: unknown) => {
      if (chunk instanceof Uint8Array) take(chunk);
      // There is nothing left to read: smtp-server answers as soon as it is told what.
      stream.readable = false;
      resolve();
      return stream;
    };
    stream.once('error', () => reject(new SmtpReply(451, '4.4.2', 'Connection lost')));
  });
  const bytes = (): Uint8Array => {
    if (stream.byteLength > maxBytes) throw new SmtpReply(552, '5.3.4', `The message is larger than ${maxBytes} bytes`);
    if (full) throw new SmtpReply(452, '4.3.1', 'Too much mail at once, try again later');
    const whole = withRoom(chunks, held);
    chunks = [];
    return whole;
  };
  return { ended, bytes, release };
}

/**
 * RFC 5321 §2.3.8: CR and LF come together or not at all. A bare one is how a second message is smuggled past a server
 * that ends lines differently from us.
 */
export function refuseBareLineEnds(bytes: Uint8Array): void {
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at - 1] !== 0x0d) throw new SmtpReply(554, '5.6.0', 'Bare <LF> is refused, lines end with <CRLF>');
  }
  for (let at = bytes.indexOf(0x0d); at >= 0; at = bytes.indexOf(0x0d, at + 1)) {
    if (bytes[at + 1] !== 0x0a) throw new SmtpReply(554, '5.6.0', 'Bare <CR> is refused, lines end with <CRLF>');
  }
}

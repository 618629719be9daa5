import type { SMTPServerDataStream } from 'smtp-server';

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

/**
 * The bytes between DATA and the final dot, handed to `use`. What is refused is still read to its end, so that the next command
 * is found.
 * @throws SmtpReply
 */
export async function withData<T>(
  stream: SMTPServerDataStream,
  limits: { maxBytes: number; budget: Budget },
  use: (bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  let chunks: Uint8Array[] = [];
  let held = 0;
  let full = false;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      if (stream.byteLength > limits.maxBytes || full || !limits.budget.take(chunk.length)) {
        full ||= stream.byteLength <= limits.maxBytes;
        chunks = [];
        limits.budget.give(held);
        held = 0;
      } else {
        chunks.push(chunk);
        held += chunk.length;
      }
    }
    if (stream.byteLength > limits.maxBytes)
      throw new SmtpReply(552, '5.3.4', `The message is larger than ${limits.maxBytes} bytes`);
    if (full) throw new SmtpReply(452, '4.3.1', 'Too much mail at once, try again later');
    const bytes = Buffer.concat(chunks);
    chunks = [];
    refuseBareLineEnds(bytes);
    return await use(bytes);
  } finally {
    limits.budget.give(held);
  }
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

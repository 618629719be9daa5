import { createHash, randomBytes } from 'node:crypto';

import type { BlobHash } from './ids.ts';

export function sha256(bytes: Uint8Array): BlobHash {
  return createHash('sha256').update(bytes).digest('hex') as BlobHash;
}

/** An unguessable token, base64url; 32 bytes are 256 random bits. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

export const randomUint32 = (): number => randomBytes(4).readUInt32BE();

export function sha256Text(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

/** In a buffer of their own, which may change hands. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return copyInto(new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0)), pieces);
}

/** One behind the other; there is room for them. */
export function copyInto<T extends Uint8Array>(all: T, pieces: readonly Uint8Array[], start = 0): T {
  let at = start;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** RFC 4648 §4, whole and padded; nothing is base64 too. */
export const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0;

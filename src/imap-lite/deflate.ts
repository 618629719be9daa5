/**
 * The two halves of COMPRESS=DEFLATE (RFC 4978): raw deflate (RFC 1951), one endless stream each way.
 *
 * Outwards no state is kept: what is flushed together is compressed by itself and ended at an octet's edge (sync flush, never
 * the final block), which any inflater reads as the next blocks of its stream. An idle connection holds no window for it.
 */
import type { Socket } from 'node:net';
import { constants, createInflateRaw, deflateRawSync, type InflateRaw } from 'node:zlib';

/** Higher levels gain some percent for twice the time. */
const LEVEL = 3;
/** Looking for what repeats in base64 of a packed file finds nothing, at three times the cost of its six bits an octet. */
const { Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_SYNC_FLUSH } = constants;

export const compressed = (bytes: Uint8Array): Buffer =>
  deflateRawSync(bytes, {
    level: LEVEL,
    strategy: looksEncoded(bytes) ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY,
    finishFlush: Z_SYNC_FLUSH,
  });

/** RFC 1951 §3.2.4: the most that one stored block holds. */
const BLOCK = 65_535;

/** The same octets as they are, in stored blocks (RFC 1951 §3.2.4); they begin and end at an octet's edge, like all that we send. */
export function asItIs(parts: readonly Uint8Array[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (const part of parts) {
    for (let at = 0; at < part.length; at += BLOCK) {
      const block = part.subarray(at, at + BLOCK);
      out.push(Uint8Array.of(0, block.length, block.length >> 8, ~block.length, ~block.length >> 8), block);
    }
  }
  return out;
}

const SAMPLES = 16;
const SAMPLE_BYTES = 64;

/** So many different octets has a sample of base64 (RFC 2045 §6.8) when the file was packed; when it was text, a few less. */
const VARIED = 34;

/** Text has a space or repeats itself within so many octets; base64 of a packed file does neither. */
function looksEncoded(bytes: Uint8Array): boolean {
  if (bytes.length < SAMPLES * SAMPLE_BYTES) return false;
  const step = Math.floor(bytes.length / SAMPLES);
  let others = 0;
  for (let at = 0; at + SAMPLE_BYTES <= bytes.length; at += step) {
    if (!isVaried(bytes, at) && ++others > SAMPLES / 8) return false;
  }
  return true;
}

/** In which sample an octet was seen last. */
const seenIn = new Uint32Array(256);
let sample = 0;

function isVaried(bytes: Uint8Array, start: number): boolean {
  sample = (sample + 1) >>> 0;
  let different = 0;
  for (let at = start; at < start + SAMPLE_BYTES; at++) {
    const octet = bytes[at] ?? 0;
    if (octet === 0x20) return false;
    if (seenIn[octet] === sample) continue;
    seenIn[octet] = sample;
    different++;
  }
  return different >= VARIED;
}

/**
 * What a client may make of one octet is bounded by its reader: this stream holds a chunk and stops until it is read, so a
 * bomb meets the limits of lines and literals like any other input. Clients may use the largest window.
 */
export function takenApart(socket: Socket, damaged: () => void): InflateRaw {
  const inflate = createInflateRaw({ chunkSize: 16 * 1024, flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH });
  inflate.on('error', damaged);
  // RFC 4978 §3: the stream lasts as long as the connection; here its last block came before.
  inflate.once('end', () => socket.readableEnded || damaged());
  socket.once('close', () => inflate.destroy());
  return socket.pipe(inflate);
}

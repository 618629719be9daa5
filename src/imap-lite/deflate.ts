/**
 * The two halves of COMPRESS=DEFLATE (RFC 4978): raw deflate (RFC 1951), one endless stream each way.
 *
 * Outwards no state is kept: what is flushed together is compressed by itself and ended at an octet's edge (sync flush, never
 * the final block), which any inflater reads as the next blocks of its stream. An idle connection holds no window for it.
 */
import { constants, createInflateRaw, deflateRawSync, type InflateRaw } from 'node:zlib';

/** Mail is mostly base64 and text: higher levels gain some percent for twice the time. */
const LEVEL = 3;

export const compressed = (bytes: Uint8Array): Buffer =>
  deflateRawSync(bytes, { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH });

/**
 * What a client may make of one octet is bounded by its reader: this stream holds a chunk and stops until it is read, so a
 * bomb meets the limits of lines and literals like any other input. Clients may use the largest window.
 */
export const decompressor = (): InflateRaw =>
  createInflateRaw({ chunkSize: 16 * 1024, flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH });

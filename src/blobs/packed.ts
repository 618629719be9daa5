/**
 * Content as it is stored: chunks of 64 KiB, each by itself deflated or as it is, each with the CRC-32 of its octets. Whoever
 * wants a range reads, checks and inflates the chunks that it touches, nothing else; wrong octets are never handed out.
 *
 *   octet 1 · dictionary · size · chunk size · for each chunk: 2 × stored length + (1 when as it is), CRC-32 · the chunks
 *
 * Numbers as in varint.ts. docs/database.md describes the same for whoever must read it without this program.
 */
import { promisify } from 'node:util';
import { crc32, deflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';

import { dictionaries, dictionaryFor } from './dictionary.ts';
import { BlobDamaged } from './errors.ts';
import { Reader, Writer } from './varint.ts';

export const PACKED = 1;
export const CHUNK_BYTES = 64 * 1024;
/** Up to this much is deflated at once, where it stands; more goes to the thread pool, or the process would stand still. */
const AT_ONCE = 4 * CHUNK_BYTES;
/** Level 3 of zlib: with the dictionary two thirds of what level 6 takes, in half its time. */
const LEVEL = 3;
/** Saving less than a sixteenth is not worth inflating. */
const worthwhile = (packed: number, plain: number): boolean => packed < plain - plain / 16;

export interface Packed {
  readonly size: number;
  readonly chunkSize: number;
  readonly dictionary: Buffer | undefined;
  /** Where each chunk is stored, from the first octet of the packed form; one more says where the last ends. */
  readonly offsets: readonly number[];
  readonly asItIs: readonly boolean[];
  readonly crcs: readonly number[];
}

const deflateLater = promisify(deflateRaw);

export async function pack(content: Buffer): Promise<Buffer> {
  const dictionary = dictionaryFor(content);
  const chunks: Buffer[] = [];
  for (let at = 0; at < content.length; at += CHUNK_BYTES) {
    const plain = content.subarray(at, at + CHUNK_BYTES);
    if (!looksCompressible(plain)) chunks.push(plain);
    else {
      // Room for what text mostly comes to: less to allocate than zlib would by itself.
      const options = { level: LEVEL, dictionary: dictionaries[dictionary], chunkSize: 1024 + (plain.length >> 2) };
      const small = content.length <= AT_ONCE ? deflateRawSync(plain, options) : await deflateLater(plain, options);
      chunks.push(worthwhile(small.length, plain.length) ? small : plain);
    }
  }
  return assemble(content, chunks, dictionary);
}

function assemble(content: Buffer, chunks: readonly Buffer[], dictionary: number): Buffer {
  const head = new Writer().octet(PACKED).octet(dictionary).number(content.length).number(CHUNK_BYTES);
  chunks.forEach((chunk, i) => {
    const plain = content.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
    const asItIs = chunk.buffer === plain.buffer && chunk.byteOffset === plain.byteOffset;
    head.number(chunk.length * 2 + (asItIs ? 1 : 0)).crc(crc32(plain));
  });
  return Buffer.concat([head.done(), ...chunks]);
}

const counts = new Uint16Array(256);

/** Compressed or encrypted octets are spread evenly: a thousand of them, from all over the chunk, have nearly eight bits each. */
function looksCompressible(plain: Buffer): boolean {
  if (plain.length < 2048) return true;
  counts.fill(0);
  const block = 64;
  const step = Math.floor(plain.length / 16);
  let looked = 0;
  for (let start = 0; start + block <= plain.length; start += step) {
    for (let at = start; at < start + block; at++) {
      const octet = plain[at] ?? 0;
      counts[octet] = (counts[octet] ?? 0) + 1;
    }
    looked += block;
  }
  let weight = 0;
  for (let octet = 0; octet < 256; octet++) {
    const count = counts[octet] ?? 0;
    if (count > 1) weight += count * Math.log2(count);
  }
  return Math.log2(looked) - weight / looked < 7.4;
}

/** How many of the first octets hold the whole head, given the first `HEAD_BYTES` (or all, if there are fewer). */
export function headLength(first: Buffer): number {
  const reader = new Reader(first);
  const { chunks } = readSizes(reader);
  // Two times a chunk's length takes three octets, its CRC four.
  return reader.at + chunks * 7;
}
export const HEAD_BYTES = 32;

/** More than the stored form of so many octets has when this release packed it. */
export const storedAtMost = (size: number): number => size + HEAD_BYTES + Math.ceil(size / CHUNK_BYTES) * 7;

function readSizes(reader: Reader) {
  if (reader.octet() !== PACKED) throw new BlobDamaged('this is not the packed form');
  const dictionary = dictionaries[reader.octet()];
  if (dictionary === undefined) throw new BlobDamaged('the dictionary is unknown');
  const size = reader.number();
  const chunkSize = reader.number();
  if (chunkSize === 0 || chunkSize > CHUNK_BYTES || size > Number.MAX_SAFE_INTEGER / 8)
    throw new BlobDamaged('the sizes are impossible');
  return { dictionary, size, chunkSize, chunks: Math.ceil(size / chunkSize) };
}

/** `head` begins with the head; more may follow. */
export function readHead(head: Buffer): Packed {
  const reader = new Reader(head);
  const { dictionary, size, chunkSize, chunks } = readSizes(reader);
  const lengths: number[] = [];
  const asItIs: boolean[] = [];
  const crcs: number[] = [];
  for (let i = 0; i < chunks; i++) {
    const value = reader.number();
    asItIs.push(value % 2 === 1);
    lengths.push(Math.floor(value / 2));
    crcs.push(reader.crc());
  }
  let at = reader.at;
  const offsets = [at, ...lengths.map((length) => (at += length))];
  return { size, chunkSize, dictionary, offsets, asItIs, crcs };
}

/** The octets of one chunk, checked. */
export function unpackChunk(packed: Packed, chunk: number, stored: Buffer): Buffer {
  const size = Math.min(packed.chunkSize, packed.size - chunk * packed.chunkSize);
  const plain = packed.asItIs[chunk] ? stored : inflate(stored, size, packed.dictionary);
  if (plain.length !== size || crc32(plain) !== packed.crcs[chunk]) throw new BlobDamaged(`chunk ${chunk} has changed`);
  return plain;
}

function inflate(stored: Buffer, size: number, dictionary: Buffer | undefined): Buffer {
  try {
    // One octet more than is expected: a chunk that holds too much is seen, and never grows further.
    return inflateRawSync(stored, { dictionary, chunkSize: Math.max(64, size + 1), maxOutputLength: size + 1 });
  } catch (cause) {
    throw new BlobDamaged('a chunk cannot be inflated', { cause });
  }
}

/** All of it, from a packed form that lies in memory. */
export function unpack(stored: Buffer): Buffer {
  const packed = readHead(stored);
  if (packed.offsets.at(-1) !== stored.length) throw new BlobDamaged('the stored octets have another length');
  const chunks = packed.crcs.map((_, i) =>
    unpackChunk(packed, i, stored.subarray(packed.offsets[i], packed.offsets[i + 1])),
  );
  if (chunks.length === 1 && chunks[0]) return chunks[0];
  // Stored as it is, all of it: one piece already.
  return packed.asItIs.every(Boolean) ? stored.subarray(packed.offsets[0]) : Buffer.concat(chunks);
}

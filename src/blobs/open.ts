/**
 * Reading a stored form a range at a time. An open blob holds one chunk of each content it has touched last, whatever its size.
 */
import type { BlobHash } from '../base/ids.ts';
import { encodeRange, octetsOf } from './base64-lines.ts';
import type { BlobBackend } from './blob-store.ts';
import { BlobDamaged, damaged, missing } from './errors.ts';
import { HEAD_BYTES, headLength, readHead, unpackChunk, type Packed } from './packed.ts';
import { readRecipe, RECIPE, type Recipe, type Step } from './recipe.ts';
import type { BlobRow } from './rows.ts';

export interface OpenBlob {
  readonly size: number;
  /** Octets [start, end), both within the size. */
  range(start: number, end: number): Promise<Buffer>;
}

export interface Shelf {
  row(hash: BlobHash): Promise<BlobRow | undefined>;
  readonly backend: Pick<BlobBackend, 'range'>;
  /** From the start to the end, most likely. */
  readonly onward?: boolean;
}

/**
 * What a recipe names may itself be a recipe: a message sent as a file, and that again. It is named in base64 only (recipe.ts),
 * which makes it longer by a third each time: from 2 KiB on, 64 levels would make a message of 200 GB.
 */
export const MAX_DEPTH = 64;
/** With the first octets of a file come its head and its first chunk. */
const FIRST = 72 * 1024;
/** Read from the folder at once by whoever reads on and on. */
const AHEAD = 256 * 1024;

type Source = (start: number, end: number) => Promise<Buffer>;

export async function openBlob(shelf: Shelf, hash: BlobHash, row: BlobRow | undefined, depth = 0): Promise<OpenBlob> {
  if (!row) throw missing(hash);
  return named(hash, async () => {
    if (depth > MAX_DEPTH) throw new BlobDamaged('recipes name each other');
    if (row.data?.[0] === RECIPE) return guarded(hash, openRecipe(shelf, readRecipe(row.data), depth), row.size);
    const source = row.data ? inMemory(row.data) : inFolder(shelf, hash);
    return guarded(hash, await openPacked(source), row.size);
  });
}

const openNamed = async (shelf: Shelf, hash: BlobHash, depth: number): Promise<OpenBlob> =>
  openBlob(shelf, hash, await shelf.row(hash), depth);

async function named<T>(hash: BlobHash, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BlobDamaged ? damaged(hash, error) : error;
  }
}

function guarded(hash: BlobHash, blob: OpenBlob, size: number): OpenBlob {
  if (blob.size !== size) throw new BlobDamaged('the size is another');
  return { size, range: (start, end) => named(hash, () => blob.range(start, end)) };
}

const inMemory =
  (stored: Buffer): Source =>
  (start, end) =>
    Promise.resolve(stored.subarray(start, end));

function inFolder({ backend, onward = false }: Shelf, hash: BlobHash): Source {
  let at = 0;
  let ahead: Buffer = Buffer.alloc(0);
  return async (start, end) => {
    if (start < at || end > at + ahead.length) {
      const readingOn = start > at && start <= at + ahead.length;
      const more = start === 0 ? (onward ? AHEAD : FIRST) : readingOn ? start + AHEAD : 0;
      const bytes = await backend.range(hash, start, Math.max(end, more));
      if (!bytes) throw missing(hash);
      ahead = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      at = start;
    }
    return ahead.subarray(start - at, end - at);
  };
}

async function openPacked(source: Source): Promise<OpenBlob> {
  const first = await source(0, HEAD_BYTES);
  const packed = readHead(await source(0, headLength(first)));
  const chunks = new Chunks(packed, source);
  return { size: packed.size, range: (start, end) => chunks.range(start, end) };
}

interface Checked {
  readonly index: number;
  readonly octets: Buffer;
}

class Chunks {
  private readonly packed: Packed;
  private readonly source: Source;
  private last: Checked | undefined;

  constructor(packed: Packed, source: Source) {
    this.packed = packed;
    this.source = source;
  }

  async range(start: number, end: number): Promise<Buffer> {
    const { chunkSize } = this.packed;
    const together = await this.together(start, end);
    if (together) return together;
    const pieces: Buffer[] = [];
    for (let at = start; at < end;) {
      const index = Math.floor(at / chunkSize);
      const octets = this.last?.index === index ? this.last.octets : await this.chunk(index);
      const from = index * chunkSize;
      pieces.push(octets.subarray(at - from, end - from));
      at = from + chunkSize;
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  }

  /** Chunks that are stored as they are lie side by side: nothing of them is copied. */
  private async together(start: number, end: number): Promise<Buffer | undefined> {
    const { chunkSize, asItIs, offsets } = this.packed;
    const first = Math.floor(start / chunkSize);
    const last = Math.ceil(end / chunkSize);
    if (last - first < 2) return undefined;
    for (let index = first; index < last; index++) if (!asItIs[index]) return undefined;
    const from = offsets[first] ?? 0;
    const stored = await this.source(from, offsets[last] ?? 0);
    for (let index = first; index < last; index++) {
      const octets = stored.subarray((offsets[index] ?? 0) - from, (offsets[index + 1] ?? 0) - from);
      if (!isSame(this.last, index, octets)) unpackChunk(this.packed, index, octets);
      this.last = { index, octets };
    }
    return stored.subarray(start - first * chunkSize, end - first * chunkSize);
  }

  private async chunk(index: number): Promise<Buffer> {
    const { offsets } = this.packed;
    const stored = await this.source(offsets[index] ?? 0, offsets[index + 1] ?? 0);
    const octets = unpackChunk(this.packed, index, stored);
    this.last = { index, octets };
    return octets;
  }
}

/** The very memory that was checked. */
const isSame = (last: Checked | undefined, index: number, octets: Buffer): boolean =>
  last?.index === index && last.octets.buffer === octets.buffer && last.octets.byteOffset === octets.byteOffset;

interface Placed {
  readonly step: Step;
  /** Of the message. */
  readonly start: number;
  /** Of the text. */
  readonly textStart: number;
}

function openRecipe(shelf: Shelf, recipe: Recipe, depth: number): OpenBlob {
  const steps: Placed[] = [];
  let start = 0;
  let textStart = 0;
  for (const step of recipe.steps) {
    steps.push({ step, start, textStart });
    start += step.length;
    if (step.kind === 'text') textStart += step.size;
  }
  let text: Promise<OpenBlob> | undefined;
  const openText = () => (text ??= textOf(shelf, recipe, textStart, depth));
  // One content at a time stays open: whoever reads on is done with the one before.
  let open: { hash: BlobHash; blob: Promise<OpenBlob> } | undefined;
  const openContent = (hash: BlobHash) => {
    if (open?.hash !== hash) open = { hash, blob: openNamed(shelf, hash, depth + 1) };
    return open.blob;
  };
  return {
    size: recipe.size,
    async range(from, to) {
      const pieces: Buffer[] = [];
      for (const placed of steps) {
        const begin = Math.max(from - placed.start, 0);
        const end = Math.min(to - placed.start, placed.step.length);
        if (begin >= end) continue;
        const { step } = placed;
        const blob = step.kind === 'text' ? await openText() : await openContent(step.hash);
        if (step.kind === 'content' && blob.size !== step.size) throw new BlobDamaged('a content has another size');
        pieces.push(await rangeOf(blob, step, step.kind === 'text' ? placed.textStart : 0, begin, end));
      }
      return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
    },
  };
}

async function rangeOf(blob: OpenBlob, step: Step, base: number, begin: number, end: number): Promise<Buffer> {
  if (!step.lines) return blob.range(base + begin, base + end);
  const { from, to } = octetsOf(step.size, step.lines, begin, end);
  return encodeRange(await blob.range(base + from, base + to), step.lines, begin, end);
}

async function textOf(shelf: Shelf, { text }: Recipe, size: number, depth: number): Promise<OpenBlob> {
  if (text === undefined) return { size: 0, range: () => Promise.resolve(Buffer.alloc(0)) };
  const blob = typeof text === 'string' ? await openNamed(shelf, text, depth + 1) : await openPacked(inMemory(text));
  if (blob.size !== size) throw new BlobDamaged('the text has another size');
  return blob;
}

/**
 * A message as it is stored: its text packed together, and the contents of its files under their own names (SHA-256 of the
 * decoded octets), so that a file that is also a registered document, or came a hundred times, lies once.
 *
 *   octet 2 · size · number of steps · octets of the steps · steps · CRC-32 of all before · where the text lies
 *   a step: 0 · length                                                     this many octets of the text as they are
 *           1 · length · line length · line end                            this many octets of the text, as base64 lines
 *           2 · size · line length · line end · SHA-256                     the content of that name, as base64 lines
 *           3 · size · SHA-256                                              the content of that name as it is
 *   where the text lies: 0 no text · 1 and its packed form · 2 and its SHA-256
 */
import { crc32 } from 'node:zlib';

import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import { encodedLength, readLines, type Lines } from './base64-lines.ts';
import { BlobDamaged } from './errors.ts';
import { pack, PACKED } from './packed.ts';
import { Reader, Writer } from './varint.ts';

export const RECIPE = 2;
/** Smaller files stay in the text: a name of their own would cost as much. */
export const CONTENT_BYTES = 2048;
/** Base64 lines of less are left as they are. */
const LINES_BYTES = 64;
export const MAX_STEPS = 1000;
export const MAX_CONTENTS = 200;
/** Packed text beyond this gets a name of its own: a recipe always fits into a row. */
export const TEXT_BYTES = 64 * 1024;

/** The encoded octets [start, end) of one part of the content. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly encoding: 'base64' | 'identity';
  /** A file, which may come again; otherwise text of this message alone. */
  readonly isFile: boolean;
  /** The decoded content and its SHA-256, if somebody has them. That it gives the same octets is proven here. */
  readonly known?: { readonly content: Uint8Array; readonly hash: BlobHash };
}

export type Step = (
  | { readonly kind: 'text'; readonly lines: Lines | undefined }
  | { readonly kind: 'content'; readonly lines: Lines | undefined; readonly hash: BlobHash }
) & {
  /** Octets before encoding. */
  readonly size: number;
  /** Octets of the message. */
  readonly length: number;
};

export interface Recipe {
  readonly size: number;
  readonly steps: readonly Step[];
  /** The packed text itself, or the name under which it lies. */
  readonly text: Buffer | BlobHash | undefined;
}

export interface Content {
  readonly hash: BlobHash;
  readonly bytes: Buffer;
}

/** undefined: no span is worth a step, the content is best packed as a whole. */
export async function writeRecipe(
  bytes: Buffer,
  spans: readonly Span[],
): Promise<{ stored: Buffer; contents: Content[]; names: BlobHash[] } | undefined> {
  const { steps, text, contents } = cut(bytes, spans);
  if (steps.every((step) => step.kind === 'text' && !step.lines)) return undefined;
  const said = new Writer();
  for (const step of steps) writeStep(said, step);
  const head = Buffer.concat([
    new Writer().octet(RECIPE).number(bytes.length).number(steps.length).number(said.length).done(),
    said.done(),
  ]);
  const tail = new Writer().crc(crc32(head));
  const plain = Buffer.concat(text);
  const written = (where: Buffer, packed: Buffer, name: BlobHash | undefined) => ({
    stored: Buffer.concat([head, where, packed]),
    contents,
    names: namesIn({ steps, text: name }),
  });
  const nothing = Buffer.alloc(0);
  if (plain.length === 0) return written(tail.octet(0).done(), nothing, undefined);
  const packed = await pack(plain);
  if (packed.length <= TEXT_BYTES) return written(tail.octet(1).done(), packed, undefined);
  const hash = sha256(plain);
  contents.push({ hash, bytes: plain });
  return written(tail.octet(2).bytes(octetsOfHash(hash)).done(), nothing, hash);
}

interface Cut {
  steps: Step[];
  text: Buffer[];
  contents: Content[];
}

function cut(bytes: Buffer, spans: readonly Span[]): Cut {
  const made: Cut = { steps: [], text: [], contents: [] };
  let done = 0;
  for (const span of spans) {
    // Spans come from the structure of a stranger's message: whatever does not fit is text.
    if (span.start < done || span.end > bytes.length || span.end - span.start < LINES_BYTES) continue;
    if (made.steps.length + 3 > MAX_STEPS) break;
    const found = stepOf(bytes, span, made.contents.length < MAX_CONTENTS);
    if (!found) continue;
    addText(made, bytes.subarray(done, span.start));
    const { step, content, end } = found;
    made.steps.push(step);
    if (step.kind === 'text') made.text.push(content);
    else made.contents.push({ hash: step.hash, bytes: content });
    done = end;
  }
  addText(made, bytes.subarray(done));
  return made;
}

function addText({ steps, text }: Cut, plain: Buffer): void {
  if (plain.length === 0) return;
  steps.push({ kind: 'text', lines: undefined, size: plain.length, length: plain.length });
  text.push(plain);
}

function stepOf(
  bytes: Buffer,
  { start, end, encoding, isFile, known }: Span,
  mayRefer: boolean,
): { step: Step; content: Buffer; end: number } | undefined {
  if (encoding === 'identity') {
    const size = end - start;
    const content = bytes.subarray(start, end);
    if (!isFile || !mayRefer || size < CONTENT_BYTES || mayBeRecipe(content)) return undefined;
    const hash = known && content.equals(known.content) ? known.hash : sha256(content);
    return { step: { kind: 'content', lines: undefined, hash, size, length: size }, content, end };
  }
  const read = readLines(bytes, start, end, known?.content);
  if (!read || read.content.length < LINES_BYTES / 2) return undefined;
  const { content, lineLength, lineEnd } = read;
  const common = { lines: { lineLength, lineEnd }, size: content.length, length: read.end - start };
  const step: Step =
    isFile && mayRefer && content.length >= CONTENT_BYTES
      ? { kind: 'content', hash: content === known?.content ? known.hash : sha256(content), ...common }
      : { kind: 'text', ...common };
  return { step, content, end: read.end };
}

/**
 * What lies in a message as it is would let messages lie within each other without end, each hardly longer than the one before:
 * who reads the last must read them all. Without such a field there are no spans, so never a recipe.
 */
const mayBeRecipe = (content: Buffer): boolean =>
  /content-(?:type|transfer|disposition)/i.test(content.toString('latin1'));

function writeStep(out: Writer, step: Step): void {
  if (step.kind === 'text') out.octet(step.lines ? 1 : 0);
  else out.octet(step.lines ? 2 : 3);
  out.number(step.size);
  if (step.lines) out.number(step.lines.lineLength).number(step.lines.lineEnd);
  if (step.kind === 'content') out.bytes(octetsOfHash(step.hash));
}

export function readRecipe(stored: Buffer): Recipe {
  const reader = new Reader(stored);
  if (reader.octet() !== RECIPE) throw new BlobDamaged('this is not a recipe');
  const size = reader.number();
  const count = reader.number();
  const end = reader.number() + reader.at;
  if (count > MAX_STEPS || end > stored.length) throw new BlobDamaged('the sizes are impossible');
  if (new Reader(stored, end).crc() !== crc32(stored.subarray(0, end))) throw new BlobDamaged('the recipe has changed');
  const steps = Array.from({ length: count }, () => readStep(reader));
  const length = steps.reduce((sum, step) => sum + step.length, 0);
  if (length !== size || reader.at !== end) throw new BlobDamaged('the steps do not make the whole');
  return { size, steps, text: readText(new Reader(stored, end + 4), stored) };
}

function readStep(reader: Reader): Step {
  const code = reader.octet();
  if (code > 3) throw new BlobDamaged('a step is unknown');
  const size = reader.number();
  const lines = code === 1 || code === 2 ? readShape(reader) : undefined;
  const length = lines ? encodedLength(size, lines) : size;
  if (code < 2) return { kind: 'text', lines, size, length };
  return { kind: 'content', lines, size, length, hash: reader.bytes(32).toString('hex') as BlobHash };
}

function readShape(reader: Reader): Lines {
  const lineLength = reader.number();
  const lineEnd = reader.number();
  if (lineEnd !== 0 && lineEnd !== 1 && lineEnd !== 2) throw new BlobDamaged('a line end is unknown');
  return { lineLength, lineEnd };
}

function readText(reader: Reader, stored: Buffer): Recipe['text'] {
  const where = reader.octet();
  if (where === 0) return undefined;
  if (where === 2) return reader.bytes(32).toString('hex') as BlobHash;
  const packed = stored.subarray(reader.at);
  if (where !== 1 || packed[0] !== PACKED) throw new BlobDamaged('the text lies nowhere');
  return packed;
}

/** Every name that a recipe needs. */
export function namesIn({ steps, text }: Pick<Recipe, 'steps' | 'text'>): BlobHash[] {
  const names = steps.flatMap((step) => (step.kind === 'content' ? [step.hash] : []));
  if (typeof text === 'string') names.push(text);
  return [...new Set(names)];
}

/** What the recipe names, taken out of the message that it is a recipe of. */
export function contentsIn({ steps, text }: Recipe, bytes: Buffer): Map<BlobHash, Buffer> {
  const contents = new Map<BlobHash, Buffer>();
  const texts: Buffer[] = [];
  let at = 0;
  for (const step of steps) {
    const written = bytes.subarray(at, (at += step.length));
    const octets = step.lines ? Buffer.from(written.toString('latin1'), 'base64') : written;
    if (step.kind === 'content') contents.set(step.hash, octets);
    else texts.push(octets);
  }
  if (typeof text === 'string') contents.set(text, Buffer.concat(texts));
  return contents;
}

const octetsOfHash = (hash: BlobHash): Buffer => Buffer.from(hash, 'hex');

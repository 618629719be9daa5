/** All octets of a blob at once: everything that it needs is fetched first, then it is put together without waiting. */
import type { BlobHash } from '../base/ids.ts';
import { encodeInto } from './base64-lines.ts';
import { BlobDamaged, damaged, missing } from './errors.ts';
import { MAX_DEPTH } from './open.ts';
import { unpack } from './packed.ts';
import { namesIn, readRecipe, RECIPE, type Recipe } from './recipe.ts';

/** A stored form, wherever it lies, with the size that its row states. */
export interface StoredForm {
  readonly size: number;
  readonly data: Buffer;
}
/** Those that are there. */
export type Fetch = (hashes: readonly BlobHash[]) => Promise<ReadonlyMap<BlobHash, StoredForm>>;

export async function readWhole(fetch: Fetch, hash: BlobHash, form: StoredForm, depth = 0): Promise<Buffer> {
  try {
    if (form.data[0] !== RECIPE) return sized(unpack(form.data), form.size);
    if (depth > MAX_DEPTH) throw new BlobDamaged('recipes name each other');
    const recipe = readRecipe(form.data);
    return sized(assemble(recipe, await contentsOf(fetch, recipe, depth)), form.size);
  } catch (error) {
    throw error instanceof BlobDamaged ? damaged(hash, error) : error;
  }
}

function sized(bytes: Buffer, size: number): Buffer {
  if (bytes.length !== size) throw new BlobDamaged('the size is another');
  return bytes;
}

async function contentsOf(fetch: Fetch, recipe: Recipe, depth: number): Promise<Map<BlobHash, Buffer>> {
  const names = namesIn(recipe);
  const contents = new Map<BlobHash, Buffer>();
  if (names.length === 0) return contents;
  const forms = await fetch(names);
  for (const name of names) {
    const form = forms.get(name);
    if (!form) throw missing(name);
    contents.set(name, await readWhole(fetch, name, form, depth + 1));
  }
  return contents;
}

function assemble({ size, steps, text }: Recipe, contents: ReadonlyMap<BlobHash, Buffer>): Buffer {
  const plain = typeof text === 'string' ? contents.get(text) : text && unpack(text);
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  let read = 0;
  for (const step of steps) {
    const octets = step.kind === 'content' ? contents.get(step.hash) : plain?.subarray(read, read + step.size);
    if (octets?.length !== step.size) throw new BlobDamaged('a content has another size');
    if (step.kind === 'text') read += step.size;
    if (step.lines) at = encodeInto(out, at, octets, step.lines);
    else at += octets.copy(out, at);
  }
  if (read !== (plain?.length ?? 0)) throw new BlobDamaged('the text has another size');
  return out;
}

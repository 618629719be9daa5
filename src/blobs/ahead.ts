/**
 * Small blobs that are read one after the other: the stored forms of some of them, and of the files that they name, are fetched
 * together, and those of the next ones while these are on their way to the reader.
 */
import type { BlobHash } from '../base/ids.ts';
import { BlobDamaged, missing } from './errors.ts';
import { namesIn, readRecipe, RECIPE } from './recipe.ts';
import { readWhole, type Fetch, type StoredForm } from './whole.ts';

export interface Wanted {
  readonly hash: BlobHash;
  readonly size: number;
}

/** Larger ones are better streamed. */
export const AT_ONCE = 256 * 1024;
/** Fetched together: so many octets, so many blobs. A reader that stops in the middle holds twice as much. */
const WINDOW = 256 * 1024;
const MOST = 64;

export interface Ahead {
  /** All octets of the one at this place in the list, asked for in its order; undefined: it is too large for that. */
  whole(at: number): Promise<Uint8Array | undefined>;
}

interface Window {
  readonly from: number;
  readonly end: number;
  readonly forms: Promise<ReadonlyMap<BlobHash, StoredForm>>;
}

export function createAhead(fetch: Fetch, wanted: readonly Wanted[]): Ahead {
  let current: Window | undefined;
  let coming: Window | undefined;
  const open = (from: number): Window => {
    const hashes: BlobHash[] = [];
    let bytes = 0;
    let end = from;
    for (; end < wanted.length && hashes.length < MOST; end++) {
      const next = wanted[end];
      if (!next || next.size > AT_ONCE) continue;
      if (bytes > 0 && bytes + next.size > WINDOW) break;
      bytes += next.size;
      hashes.push(next.hash);
    }
    // One that cannot be read must not keep the others from being: then each is fetched by itself, and its reader hears why not.
    const forms = withNames(fetch, hashes).catch(() => new Map<BlobHash, StoredForm>());
    return { from, end, forms };
  };
  return {
    async whole(at) {
      const blob = wanted[at];
      if (!blob || blob.size > AT_ONCE) return undefined;
      if (!holds(current, at)) {
        current = holds(coming, at) ? coming : open(at);
        coming = undefined;
      }
      const { end, forms } = current;
      const found = await forms;
      if (!coming && end < wanted.length) coming = open(end);
      const form = found.get(blob.hash) ?? (await fetch([blob.hash])).get(blob.hash);
      if (!form) throw missing(blob.hash);
      return readWhole(among(found, fetch), blob.hash, form);
    },
  };
}

const holds = (window: Window | undefined, at: number): window is Window =>
  window !== undefined && at >= window.from && at < window.end;

/** A recipe that a recipe names is rare: its own names are fetched when it comes to that. */
async function withNames(fetch: Fetch, hashes: readonly BlobHash[]): Promise<ReadonlyMap<BlobHash, StoredForm>> {
  const found = new Map(await fetch(hashes));
  const names = new Set<BlobHash>();
  for (const { data } of found.values()) {
    for (const name of namesOf(data)) if (!found.has(name)) names.add(name);
  }
  if (names.size > 0) for (const [name, form] of await fetch([...names])) found.set(name, form);
  return found;
}

function namesOf(data: Buffer): BlobHash[] {
  if (data[0] !== RECIPE) return [];
  try {
    return namesIn(readRecipe(data));
  } catch (error) {
    // Whose turn it is will be told; the others of the window are whole.
    if (error instanceof BlobDamaged) return [];
    throw error;
  }
}

const among =
  (found: ReadonlyMap<BlobHash, StoredForm>, fetch: Fetch): Fetch =>
  async (hashes) =>
    hashes.every((hash) => found.has(hash)) ? found : fetch(hashes);

/** Stored forms that lie outside the store, in a backup for one: what they say of themselves, and the octets that they stand for. */
import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import { BlobDamaged, isUnreadable } from './errors.ts';
import { readHead } from './packed.ts';
import { namesIn, readRecipe, RECIPE } from './recipe.ts';
import { readWhole, type StoredForm } from './whole.ts';

export interface Said {
  /** Octets of the content. */
  size: number;
  /** What it cannot be read without. */
  names: BlobHash[];
}

/** Undefined: it is no stored form. */
export function describeStored(data: Buffer): Said | undefined {
  try {
    if (data[0] !== RECIPE) return { size: readHead(data).size, names: [] };
    const recipe = readRecipe(data);
    return { size: recipe.size, names: namesIn(recipe) };
  } catch (error) {
    if (error instanceof BlobDamaged) return undefined;
    throw error;
  }
}

/** @param stored gives the stored form of a name, if it has it. @returns undefined unless the octets are those of the name. */
export async function readStored(
  stored: (hash: BlobHash) => Promise<Buffer | undefined>,
  hash: BlobHash,
): Promise<Buffer | undefined> {
  const fetch = async (names: readonly BlobHash[]): Promise<Map<BlobHash, StoredForm>> => {
    const found = new Map<BlobHash, StoredForm>();
    for (const name of names) {
      const data = await stored(name);
      const said = data && describeStored(data);
      if (data && said) found.set(name, { size: said.size, data });
    }
    return found;
  };
  const form = (await fetch([hash])).get(hash);
  if (!form) return undefined;
  try {
    const bytes = await readWhole(fetch, hash, form);
    return sha256(bytes) === hash ? bytes : undefined;
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

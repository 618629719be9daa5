/** Octets that somebody brings back take the place of what cannot be read any more under the same names. */
import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import type { Database } from '../db/database.ts';
import type { BlobBackend, StagedBlob } from './blob-store.ts';
import { isUnreadable } from './errors.ts';
import { pack } from './packed.ts';
import { contentsIn, readRecipe } from './recipe.ts';
import { findSize, replaceRow, type NewRow } from './rows.ts';

interface Mended {
  db: Database;
  backend: BlobBackend;
  read(hash: BlobHash): Promise<Uint8Array>;
}

/**
 * Whoever stages what is there already leaves it as it lies, unread. So a letter that comes back from a backup would be as damaged
 * as the one that was lost, and so would every other with the same file. What is not there at all is not put: `record` does that.
 */
export async function mendBlobs(mended: Mended, { hash, rows }: StagedBlob, bytes: Buffer): Promise<BlobHash[]> {
  if (await isWhole(mended, hash)) return [];
  const own = rows.filter((row) => row.hash === hash);
  const needed = rows.filter((row) => row.hash !== hash);
  const put: BlobHash[] = [];
  // What a recipe needs comes first: it may be all that it lacked.
  for (const row of [...needed, ...own]) {
    if ((await findSize(mended.db, row.hash)) === undefined || (await isWhole(mended, row.hash))) continue;
    const data = row.data ?? (await outside(mended, row, contentOf(row.hash, hash, own[0], bytes)));
    await mended.db.write((tx) => replaceRow(tx, { ...row, data }));
    put.push(row.hash);
  }
  return put;
}

/** Into the folder, over what lies there. */
async function outside({ backend }: Mended, { hash }: NewRow, content: Buffer): Promise<undefined> {
  await backend.put(hash, await pack(content));
}

function contentOf(hash: BlobHash, whole: BlobHash, recipe: NewRow | undefined, bytes: Buffer): Buffer {
  if (hash === whole) return bytes;
  const content = recipe?.data && contentsIn(readRecipe(recipe.data), bytes).get(hash);
  if (!content || sha256(content) !== hash) throw new Error(`${whole} does not hold ${hash}`);
  return content;
}

/** Its octets can be read, and they are the ones. */
export async function isWhole({ read }: Pick<Mended, 'read'>, hash: BlobHash): Promise<boolean> {
  try {
    return sha256(await read(hash)) === hash;
  } catch (error) {
    if (isUnreadable(error)) return false;
    throw error;
  }
}

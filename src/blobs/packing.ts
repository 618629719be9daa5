/** What content comes to when it is stored, computed without disk or database: any thread may do it. */
import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import { pack } from './packed.ts';
import { writeRecipe, type Content, type Span } from './recipe.ts';
import type { NewRow } from './rows.ts';

/** A stored form up to this size goes into the row. */
export const ROW_BYTES = 128 * 1024;

export interface Packing {
  readonly hash: BlobHash;
  readonly size: number;
  readonly rows: readonly NewRow[];
  /** Larger content, not packed: the folder may have it already. */
  readonly large: readonly Content[];
}

export async function packUp(bytes: Buffer, spans: readonly Span[]): Promise<Packing> {
  const hash = sha256(bytes);
  const recipe = spans.length > 0 ? await writeRecipe(bytes, spans) : undefined;
  const rows: NewRow[] = [];
  const large: Content[] = [];
  const done = new Set<BlobHash>();
  for (const content of recipe?.contents ?? [{ hash, bytes }]) {
    if (done.has(content.hash)) continue;
    done.add(content.hash);
    const data = content.bytes.length > ROW_BYTES ? undefined : await pack(content.bytes);
    // Noise grows when it is packed.
    if (!data || data.length > ROW_BYTES) large.push(content);
    else rows.push({ hash: content.hash, size: content.bytes.length, names: [], data });
  }
  if (recipe) rows.push({ hash, size: bytes.length, names: recipe.names, data: recipe.stored });
  return { hash, size: bytes.length, rows, large };
}

/** Rows <-> folder <-> recipes <-> what they need. One sentence per finding, nothing when all is well. */
import { sha256 } from '../base/bytes.ts';
import { isDomainError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { BlobHash } from '../base/ids.ts';
import type { Database } from '../db/database.ts';
import type { BlobBackend } from './blob-store.ts';
import { BlobDamaged } from './errors.ts';
import { namesIn, readRecipe, RECIPE } from './recipe.ts';
import { brokenParts, findRow, partsOf, rowsAfter, writeParts, type CheckedRow } from './rows.ts';

export interface BlobFinding {
  hash: BlobHash;
  finding: string;
}

const PAGE = 500;
const MAX_FINDINGS = 200;

interface Checked {
  db: Database;
  backend: BlobBackend;
  read(hash: BlobHash): Promise<Uint8Array>;
}

export async function* checkBlobs(checked: Checked, deep: boolean): AsyncGenerator<BlobFinding> {
  for (const { hash, lacks } of await brokenParts(checked.db, MAX_FINDINGS)) {
    const finding = lacks
      ? `${hash} needs ${lacks}, and one of the two has no row`
      : `what ${hash} needs is not written down in full`;
    yield { hash, finding };
  }
  for (let after = ''; ;) {
    const page = await rowsAfter(checked.db, after, PAGE);
    for (const row of page) {
      const finding = await lookAt(checked, row, deep);
      // It may have been swept between the list and the look.
      if (finding !== undefined && (await findRow(checked.db, row.hash))) yield { hash: row.hash, finding };
    }
    const last = page.at(-1);
    if (!last) return;
    after = last.hash;
  }
}

async function lookAt(checked: Checked, { hash, size, inRow }: CheckedRow, deep: boolean): Promise<string | undefined> {
  if (!inRow && !(await checked.backend.has(hash))) return `the bytes of ${hash} are missing`;
  if (!deep) return undefined;
  const bytes = await checked.read(hash).catch((cause: unknown) => cause);
  if (isDomainError(bytes, 'blob.damaged')) return `the bytes of ${hash} have changed`;
  if (!(bytes instanceof Uint8Array)) return `the bytes of ${hash} cannot be read: ${String(bytes)}`;
  if (bytes.length !== size || sha256(bytes) !== hash) return `the bytes of ${hash} have changed`;
  const unwritten = await unwrittenParts(checked.db, hash);
  return unwritten.length === 0 ? undefined : `${hash} needs ${unwritten.join(', ')}, which no row says`;
}

/** Writes down again what recipes name, so that no sweep takes it. @returns one sentence for each thing mended */
export async function* repairBlobs({ db, clock }: { db: Database; clock: Clock }): AsyncGenerator<BlobFinding> {
  for (let after = ''; ;) {
    const page = await rowsAfter(db, after, PAGE);
    for (const { hash } of page) {
      const unwritten = await unwrittenParts(db, hash).catch(noneOfDamaged);
      if (unwritten.length === 0) continue;
      await db.write((tx) => writeParts(db, tx, hash, unwritten, clock.now()));
      yield { hash, finding: `what ${hash} needs was written down anew` };
    }
    const last = page.at(-1);
    if (!last) return;
    after = last.hash;
  }
}

/** What cannot be read names nothing, as the check says; a database that does not answer is another matter. */
function noneOfDamaged(error: unknown): BlobHash[] {
  if (error instanceof BlobDamaged) return [];
  throw error;
}

/** What the recipe names and no row does: a sweep would take it. */
async function unwrittenParts(db: Database, hash: BlobHash): Promise<BlobHash[]> {
  const row = await findRow(db, hash);
  if (row?.data?.[0] !== RECIPE) return [];
  const written = await partsOf(db, hash);
  return namesIn(readRecipe(row.data)).filter((name) => !written.has(name));
}

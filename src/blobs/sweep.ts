/** Content that nobody needs any more: rows first, then what lies in the folder without a row. */
import type { BlobHash } from '../base/ids.ts';
import type { Database } from '../db/database.ts';
import type { BlobBackend } from './blob-store.ts';
import { deleteRows, hashesBefore, inFolder, neededParts } from './rows.ts';

const PAGE = 500;

interface Stores {
  db: Database;
  backend: BlobBackend;
}
type Referenced = (hashes: BlobHash[]) => Promise<Set<BlobHash>>;

/** @returns how many rows went. */
export async function sweepBlobs({ db, backend }: Stores, referenced: Referenced, before: number): Promise<number> {
  let removed = 0;
  for (let after = ''; ;) {
    const page = await hashesBefore(db, before, after, PAGE);
    // A recipe that goes releases what it needed, hundreds of names perhaps, and that may be a recipe too.
    const names = [...page];
    while (names.length > 0) {
      const result = await removeUnused(db, referenced, names.splice(0, PAGE), before);
      removed += result.removed;
      for (const name of result.released) names.push(name);
    }
    const last = page.at(-1);
    if (last === undefined) break;
    after = last;
  }
  await sweepFolder({ db, backend }, before);
  return removed;
}

async function removeUnused(db: Database, referenced: Referenced, hashes: BlobHash[], before: number) {
  const [used, needed] = await Promise.all([referenced(hashes), neededParts(db.read, hashes)]);
  const unused = hashes.filter((hash) => !used.has(hash) && !needed.has(hash));
  if (unused.length === 0) return { removed: 0, released: [] };
  return db.write((tx) => deleteRows(tx, unused, before));
}

/** The row goes first: content without a row is only waste, a row without content would be a loss. */
async function sweepFolder({ db, backend }: Stores, before: number): Promise<void> {
  let page: BlobHash[] = [];
  const settle = async () => {
    const named = page.length === 0 ? new Set<BlobHash>() : await inFolder(db, page);
    for (const hash of page) if (!named.has(hash)) await backend.deleteOlder(hash, before);
    page = [];
  };
  for await (const { hash, modifiedAt } of backend.list()) {
    if (modifiedAt >= before) continue;
    page.push(hash);
    if (page.length === PAGE) await settle();
  }
  await settle();
}

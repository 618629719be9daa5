/** blobs <-> rows <-> change log <-> counters <-> search index: one sentence per finding, nothing when all is well. */
import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import type { MailstoreParts } from './parts.ts';
import { mailBlobs, violations } from './repository/check.ts';
import type { Finding } from './types.ts';

const PAGE = 500;

export async function* check(parts: MailstoreParts, { deep = false }: { deep?: boolean }): AsyncGenerator<Finding> {
  const store = { db: parts.db, q: parts.db.read };
  yield* violations(store);
  for (let after = ''; ;) {
    const page = await mailBlobs(store, after, PAGE);
    for (const blob of page) {
      const finding = await lookAt(parts, blob, deep);
      if (finding) yield { finding };
    }
    const last = page.at(-1);
    if (!last) return;
    after = last.hash;
  }
}

async function lookAt(
  { blobs, db }: MailstoreParts,
  { hash, size, inRow }: { hash: BlobHash; size: number; inRow: boolean },
  deep: boolean,
): Promise<string | undefined> {
  if (!inRow && !(await blobs.backend.has(hash))) {
    // It may have been swept between the list and the look.
    const still = await mailBlobs({ db, q: db.read }, before(hash), 1);
    return still[0]?.hash === hash ? `the bytes of ${hash} are missing` : undefined;
  }
  if (!deep) return undefined;
  const bytes = await blobs.read(hash).catch((cause: unknown) => cause);
  if (!(bytes instanceof Uint8Array)) return `the bytes of ${hash} cannot be read: ${String(bytes)}`;
  return bytes.length === size && sha256(bytes) === hash ? undefined : `the bytes of ${hash} have changed`;
}

/** Something that sorts right before a hash. */
const before = (hash: string): string => hash.slice(0, -1);

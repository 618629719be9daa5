/** blobs <-> rows <-> change log <-> counters <-> search index: one sentence per finding, nothing when all is well. */
import type { MailstoreParts } from './parts.ts';
import { violations } from './repository/check.ts';
import type { Finding } from './types.ts';

export async function* check(parts: MailstoreParts, { deep = false }: { deep?: boolean }): AsyncGenerator<Finding> {
  yield* violations({ db: parts.db, q: parts.db.read });
  for await (const { finding } of parts.blobs.check(deep)) yield { finding };
}

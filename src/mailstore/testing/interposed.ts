/** Something that happens in the very moment before a statement: what a test cannot time, it puts between two reads. */
import type { Query } from '../../db/database.ts';
import { interpose } from '../../db/testing/interpose.ts';

/** The same queries; those whose text has all of `parts` wait for `before`, once. */
export function interposed(q: Query, parts: readonly string[], before: () => Promise<unknown>): Query {
  let open = true;
  return interpose(q, async (text) => {
    if (!open) return;
    const known = text();
    if (known === undefined || !parts.every((part) => known.includes(part))) return;
    open = false;
    await before();
  });
}

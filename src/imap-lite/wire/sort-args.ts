/** Arguments of SORT and THREAD (RFC 5256 §5, RFC 5957 §3). */
import { type Cursor, expectSpace, list, word } from './cursor.ts';
import { expectSearchCriteria, type SearchProgram } from './search-key.ts';

export type SortKey = 'ARRIVAL' | 'CC' | 'DATE' | 'DISPLAYFROM' | 'DISPLAYTO' | 'FROM' | 'SIZE' | 'SUBJECT' | 'TO';
const SORT_KEYS: readonly SortKey[] = [
  'ARRIVAL',
  'CC',
  'DATE',
  'DISPLAYFROM',
  'DISPLAYTO',
  'FROM',
  'SIZE',
  'SUBJECT',
  'TO',
];

export interface SortCriterion {
  key: SortKey;
  reverse: boolean;
}

/** sort-criterion = ["REVERSE" SP] sort-key */
function expectSortCriterion(c: Cursor): SortCriterion {
  const reverse = word(c, 'REVERSE') === true;
  if (reverse) expectSpace(c);
  return { key: SORT_KEYS.find((name) => word(c, name)) ?? c.fail('a sort key'), reverse };
}

/** sort-criteria = "(" sort-criterion *(SP sort-criterion) ")"; a key that comes again decides nothing and is dropped. */
export function expectSortCriteria(c: Cursor): SortCriterion[] {
  const all = list(c, expectSortCriterion) ?? c.fail('"("');
  const first = new Map<SortKey, SortCriterion>();
  for (const criterion of all) if (!first.has(criterion.key)) first.set(criterion.key, criterion);
  return [...first.values()];
}

export interface SortArgs extends SearchProgram {
  criteria: SortCriterion[];
}

/** sort = "SORT" SP sort-criteria SP search-criteria */
export function expectSortArgs(c: Cursor): SortArgs {
  const criteria = expectSortCriteria(c);
  expectSpace(c);
  return { criteria, ...expectSearchCriteria(c) };
}

export type ThreadAlgorithm = 'ORDEREDSUBJECT' | 'REFERENCES';
export interface ThreadArgs extends SearchProgram {
  algorithm: ThreadAlgorithm;
}

/** thread = "THREAD" SP thread-alg SP search-criteria */
export function expectThreadArgs(c: Cursor): ThreadArgs {
  const algorithm = (['ORDEREDSUBJECT', 'REFERENCES'] as const).find((name) => word(c, name));
  if (!algorithm) return c.fail('ORDEREDSUBJECT or REFERENCES');
  expectSpace(c);
  return { algorithm, ...expectSearchCriteria(c) };
}

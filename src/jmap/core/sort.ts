import type { Comparator } from './arguments.ts';
import { MethodError } from './errors.ts';

/** @throws MethodError unsupportedSort for a property or a collation that we do not sort by (RFC 8620 §5.5) */
export function checkSort(sort: readonly Comparator[] | null, known: readonly string[]): readonly Comparator[] {
  for (const { property, collation } of sort ?? []) {
    if (!known.includes(property)) throw new MethodError('unsupportedSort', `cannot sort by ${property.slice(0, 100)}`);
    if (collation !== undefined) throw new MethodError('unsupportedSort', 'the order of text cannot be chosen');
  }
  return sort ?? [];
}

export type Keys = Readonly<Record<string, string | number>>;

/** By the comparators in turn, then by `last`, so that the order is total. */
export function sortObjects<T>(
  objects: readonly T[],
  sort: readonly Comparator[],
  keys: (object: T) => Keys,
  last: (object: T) => number,
): T[] {
  const keyed = objects.map((object) => ({ object, keys: keys(object), last: last(object) }));
  keyed.sort((a, b) => {
    for (const { property, isAscending } of sort) {
      const order = compare(a.keys[property] ?? '', b.keys[property] ?? '');
      if (order !== 0) return isAscending ? order : -order;
    }
    return a.last - b.last;
  });
  return keyed.map((k) => k.object);
}

function compare(a: string | number, b: string | number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

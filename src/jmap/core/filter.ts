/** Filters (RFC 8620 §5.5): the tree of operators; each type reads its own conditions. */
import { isWholeRecord } from './records.ts';
import { MethodError } from './errors.ts';

export type FilterTree<C> = C | { operator: 'AND' | 'OR' | 'NOT'; conditions: FilterTree<C>[] };

const MAX_DEPTH = 20;

/** @throws MethodError invalidArguments, unsupportedFilter */
export function parseFilter<C>(
  value: unknown,
  condition: (raw: Record<string, unknown>) => C,
  maxConditions: number,
): FilterTree<C> {
  let left = maxConditions;
  const read = (node: unknown, depth: number): FilterTree<C> => {
    if (!isWholeRecord(node)) throw new MethodError('invalidArguments', 'filter: a condition is no object');
    if (--left < 0 || depth > MAX_DEPTH)
      throw new MethodError('unsupportedFilter', 'the filter has too many conditions');
    if (!Object.hasOwn(node, 'operator')) return condition(node);
    const { operator, conditions, ...rest } = node;
    if (
      (operator !== 'AND' && operator !== 'OR' && operator !== 'NOT') ||
      !Array.isArray(conditions) ||
      Object.keys(rest).length > 0
    ) {
      throw new MethodError('invalidArguments', 'filter: a FilterOperator has operator AND, OR or NOT, and conditions');
    }
    return { operator, conditions: (conditions as unknown[]).map((c) => read(c, depth + 1)) };
  };
  return read(value, 0);
}

export function isOperator<C extends object>(
  filter: FilterTree<C>,
): filter is { operator: 'AND' | 'OR' | 'NOT'; conditions: FilterTree<C>[] } {
  return 'operator' in filter;
}

/** RFC 8620 §5.5: AND all, OR any, NOT none. */
export function matches<C extends object>(filter: FilterTree<C>, test: (condition: C) => boolean): boolean {
  if (!isOperator(filter)) return test(filter);
  switch (filter.operator) {
    case 'AND':
      return filter.conditions.every((c) => matches(c, test));
    case 'OR':
      return filter.conditions.some((c) => matches(c, test));
    case 'NOT':
      return !filter.conditions.some((c) => matches(c, test));
  }
}

export function someCondition<C extends object>(filter: FilterTree<C>, test: (condition: C) => boolean): boolean {
  return isOperator(filter) ? filter.conditions.some((c) => someCondition(c, test)) : test(filter);
}

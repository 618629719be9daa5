/** Mail that comes in above what is being looked at must not move it: rows keep their place on the screen. */
import type { Virtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, type RefObject } from 'react';
import { queryKey, type Query } from '../../../lib/jmap/requests.ts';
import type { Id } from '../../../lib/jmap/types.ts';

interface Anchor {
  key: string;
  ids: readonly (Id | null)[];
  /** The uppermost row that can be seen, and those below it should it go. */
  from: number;
  starts: number[];
}

export function useSteadyRows(
  scroller: RefObject<HTMLDivElement | null>,
  virtual: Virtualizer<HTMLDivElement, Element>,
  query: Query,
  ids: readonly (Id | null)[] | undefined,
): void {
  const anchor = useRef<Anchor | undefined>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current;
    const key = queryKey(query);
    const before = anchor.current;
    // At the top one wants to see what is new.
    if (element && ids && before?.key === key && before.ids !== ids && before.from > 0)
      element.scrollTop += moved(before, ids, virtual) ?? 0;
    const from = virtual.range?.startIndex ?? 0;
    const to = virtual.range?.endIndex ?? 0;
    const starts = virtual.measurementsCache.slice(from, to + 1).map(({ start }) => start);
    anchor.current = ids && { key, ids, from, starts };
  });
}

/** How far the first row that is still there went. */
function moved(
  before: Anchor,
  ids: readonly (Id | null)[],
  virtual: Virtualizer<HTMLDivElement, Element>,
): number | undefined {
  for (const [n, start] of before.starts.entries()) {
    const id = before.ids[before.from + n];
    const now = id ? virtual.measurementsCache[ids.indexOf(id)] : undefined;
    if (now) return now.start - start;
  }
  return undefined;
}

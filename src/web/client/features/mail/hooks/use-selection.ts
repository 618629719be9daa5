/** Ticked rows: one by one, a range with shift, all loaded; gone rows drop out by themselves. */
import { useCallback, useMemo, useState } from 'react';
import type { Id } from '../../../lib/jmap/types.ts';

export interface Selection {
  ids: readonly Id[];
  has: (id: Id) => boolean;
  toggle: (id: Id, range: boolean) => void;
  all: () => void;
  clear: () => void;
}

export function useSelection(list: readonly (Id | null)[] | undefined): Selection {
  const [ticked, setTicked] = useState<ReadonlySet<Id>>(new Set());
  const [anchor, setAnchor] = useState<Id | null>(null);
  const toggle = useCallback(
    (id: Id, range: boolean) => {
      setTicked((now) => select(now, list ?? [], id, range ? anchor : null));
      setAnchor(id);
    },
    [list, anchor],
  );
  const ids = useMemo(
    () => (ticked.size === 0 ? [] : (list ?? []).filter((id): id is Id => id !== null && ticked.has(id))),
    [ticked, list],
  );
  return {
    ids,
    has: (id) => ticked.has(id),
    toggle,
    all: () => setTicked(new Set((list ?? []).filter((id): id is Id => id !== null))),
    clear: () => setTicked(new Set()),
  };
}

export function select(now: ReadonlySet<Id>, list: readonly (Id | null)[], id: Id, anchor: Id | null): ReadonlySet<Id> {
  const next = new Set(now);
  const from = anchor === null ? -1 : list.indexOf(anchor);
  const to = list.indexOf(id);
  if (from < 0 || to < 0) {
    if (!next.delete(id)) next.add(id);
    return next;
  }
  for (const one of list.slice(Math.min(from, to), Math.max(from, to) + 1)) if (one !== null) next.add(one);
  return next;
}

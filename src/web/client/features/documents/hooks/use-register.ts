/** The register's list: search, direction, unit and year from the address bar; further pages on demand. */
import { useState } from 'react';
import type { Direction, DocumentRow } from '../../../../../base/api-types.ts';
import { searchDocuments } from '../../../lib/api/documents.ts';
import { describe } from '../../../lib/errors.ts';
import { toast } from '../../../lib/toasts.ts';
import { useQuery } from '../../../lib/use-query.ts';

export interface RegisterFilter {
  q: string;
  direction: Direction | undefined;
  unit: string | undefined;
  year: number | undefined;
}
export interface RegisterList {
  rows: readonly DocumentRow[] | undefined;
  error: unknown;
  more: (() => void) | undefined;
  loadingMore: boolean;
}

export function useRegister(filter: RegisterFilter): RegisterList {
  const key = JSON.stringify(filter);
  const ask = {
    q: filter.q,
    limit: 50,
    ...(filter.direction ? { direction: filter.direction } : {}),
    ...(filter.unit ? { unit: filter.unit } : {}),
    ...(filter.year ? { year: filter.year } : {}),
  };
  const first = useQuery(`register:${key}`, (signal) => searchDocuments(ask, signal));
  const [further, setFurther] = useState<{ key: string; rows: DocumentRow[]; next: string | null }>({
    key: '',
    rows: [],
    next: null,
  });
  const [loadingMore, setLoadingMore] = useState(false);
  const mine = further.key === key ? further : undefined;
  const next = mine ? mine.next : first.data?.nextCursor;
  const more = (): void => {
    if (!next) return;
    setLoadingMore(true);
    searchDocuments({ ...ask, cursor: next }).then(
      (page) => {
        setFurther({ key, rows: [...(mine?.rows ?? []), ...page.documents], next: page.nextCursor });
        setLoadingMore(false);
      },
      (error: unknown) => {
        setLoadingMore(false);
        toast(describe(error), { tone: 'danger' });
      },
    );
  };
  return {
    rows: first.data && [...first.data.documents, ...(mine?.rows ?? [])],
    error: first.error,
    more: next ? more : undefined,
    loadingMore,
  };
}

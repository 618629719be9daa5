/** One request's state for a screen: the last good answer stays while the same is asked anew. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, online } from './http.ts';
import { useStore } from './store.ts';

export interface QueryState<T> {
  data: T | undefined;
  error: unknown;
  loading: boolean;
  reload: () => void;
}

export function useQuery<T>(key: string, load: (signal: AbortSignal) => Promise<T>): QueryState<T> {
  const [state, setState] = useState<{ key: string; data: T | undefined; error: unknown; loading: boolean }>({
    key,
    data: undefined,
    error: undefined,
    loading: true,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState((now) => ({ key, data: now.key === key ? now.data : undefined, error: undefined, loading: true }));
    load(abort.signal).then(
      (data) => !abort.signal.aborted && setState({ key, data, error: undefined, loading: false }),
      (error: unknown) => !abort.signal.aborted && setState((now) => ({ ...now, error, loading: false })),
    );
    return () => abort.abort();
    // `load` is new on every render; the key names what it asks.
  }, [key, round]);
  const isOnline = useStore(online);
  const unreached = state.error instanceof ApiError && state.error.code === 'network';
  useEffect(() => {
    // What the line kept from coming comes by itself once it is back.
    if (isOnline && unreached) setRound((n) => n + 1);
  }, [isOnline]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  return { data: state.key === key ? state.data : undefined, error: state.error, loading: state.loading, reload };
}

/** For a list that is searched as one types: what was found last stays, under the pointer too, until more is known. */
export function useLast<T>(value: T | undefined): T | undefined {
  const last = useRef(value);
  if (value !== undefined) last.current = value;
  return last.current;
}

/** The value after it rested for a moment: for search as one types. */
export function useRested<T>(value: T, ms = 200): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return rested;
}

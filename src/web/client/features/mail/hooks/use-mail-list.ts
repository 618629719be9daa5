/** The rows of a place: from the cache at once, brought up to date behind, windows loaded as one scrolls. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { online } from '../../../lib/http.ts';
import { quietly, useMailStore } from '../../../lib/jmap/hub.ts';
import { WINDOW, type MailStore } from '../../../lib/jmap/mail-store.ts';
import { queryKey, type Query } from '../../../lib/jmap/requests.ts';
import type { EmailRow, Id } from '../../../lib/jmap/types.ts';
import { useStore } from '../../../lib/store.ts';
import { getSnippets, type Snippet } from '../api/snippets.ts';
import { placeQuery, type Place } from '../place.ts';

export interface MailList {
  store: MailStore;
  query: Query;
  ids: readonly (Id | null)[] | undefined;
  error: unknown;
  retry: () => void;
  /** Tells which rows are on the screen. */
  show: (first: number, last: number) => void;
  snippets: ReadonlyMap<Id, Snippet>;
}

export function useMailList(place: Place): MailList {
  const store = useMailStore(place.accountId);
  const query = useMemo(
    () => placeQuery(place, store.mailboxes),
    [place.accountId, place.mailboxId, place.pill, place.q, store.loaded],
  );
  const key = queryKey(query);
  const [error, setError] = useState<unknown>();
  const [tries, setTries] = useState(0);
  const retry = useCallback(() => setTries((n) => n + 1), []);
  const isOnline = useStore(online);
  useEffect(() => {
    // What the line kept from coming comes by itself once it is back.
    if (isOnline && error !== undefined) retry();
  }, [isOnline]);
  const list = store.list(query);

  useEffect(() => {
    setError(undefined);
    if (!store.loaded) {
      store.loadMailboxes().catch(setError);
      return;
    }
    store.watch(query);
    if (store.list(query)) quietly(store.sync());
    else store.loadWindow(query, 0).catch(setError);
    return () => store.watch(undefined);
  }, [key, store, store.loaded, tries]);

  const show = useCallback(
    (first: number, last: number) => {
      const ids = store.list(query)?.ids;
      if (!ids) return;
      const from = Math.max(0, first - WINDOW / 2);
      for (let at = from; at <= Math.min(ids.length - 1, last + WINDOW / 2); at++) {
        if (ids[at] !== null) continue;
        quietly(store.loadWindow(query, at));
        at = Math.floor(at / WINDOW) * WINDOW + WINDOW - 1;
      }
    },
    // A window that the line kept from coming is asked for again.
    [key, store, isOnline],
  );
  const snippets = useSnippets(store, query, place.q !== '' ? list?.ids : undefined);
  return { store, query, ids: list?.ids, error, retry, show, snippets };
}

function useSnippets(
  store: MailStore,
  query: Query,
  ids: readonly (Id | null)[] | undefined,
): ReadonlyMap<Id, Snippet> {
  const [found, setFound] = useState<{ key: string; map: ReadonlyMap<Id, Snippet> }>({ key: '', map: new Map() });
  const key = queryKey(query);
  const loaded = ids?.filter((id): id is Id => id !== null) ?? [];
  const known = found.key === key ? found.map : new Map<Id, Snippet>();
  const missing = loaded.filter((id) => !known.has(id)).slice(0, WINDOW);
  useEffect(() => {
    if (missing.length === 0) return;
    let live = true;
    getSnippets(store, query, missing).then(
      (list) => {
        if (!live) return;
        const map = new Map(known);
        for (const id of missing) map.set(id, { emailId: id, subject: null, preview: null });
        for (const snippet of list) map.set(snippet.emailId, snippet);
        setFound({ key, map });
      },
      // Without snippets the preview stays: nothing to tell.
      () => undefined,
    );
    return () => {
      live = false;
    };
  }, [key, missing.join()]);
  return known;
}

/** The messages that an action on a row means: in a mailbox its thread's messages there, else the message alone. */
export function rowScope(store: MailStore, query: Query, id: Id): EmailRow[] {
  const row = store.emails.get(id);
  if (!row) return [];
  const mailbox = query.filter.inMailbox;
  if (!query.collapseThreads || !mailbox) return [row];
  const rows = (store.threads.get(row.threadId) ?? [id])
    .map((one) => store.emails.get(one))
    .filter((one): one is EmailRow => Boolean(one?.mailboxIds[mailbox]));
  return rows.length > 0 ? rows : [row];
}

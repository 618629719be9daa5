/** The messages of a thread around the one that is open: the newest open, older ones folded. */
import { useEffect, useState } from 'react';
import { setSeenQuietly } from '../api/mark-seen.ts';
import { useMailStore } from '../../../lib/jmap/hub.ts';
import type { MailStore } from '../../../lib/jmap/mail-store.ts';
import type { EmailRow, Id } from '../../../lib/jmap/types.ts';

export interface ThreadState {
  store: MailStore;
  /** Oldest first. */
  rows: EmailRow[];
  /** The thread itself could not be had. */
  error: unknown;
  /** Why this message has no content; undefined while it is on its way. */
  failure: (id: Id) => unknown;
  retry: () => void;
  isOpen: (id: Id) => boolean;
  toggle: (id: Id) => void;
}

export function useThread(accountId: Id, emailId: Id): ThreadState {
  const store = useMailStore(accountId);
  const [error, setError] = useState<unknown>();
  const [failures, setFailures] = useState<ReadonlyMap<Id, unknown>>(new Map());
  const [tries, setTries] = useState(0);
  const [open, setOpen] = useState<ReadonlySet<Id>>(new Set([emailId]));
  const row = store.emails.get(emailId);
  const thread = row ? (store.threads.get(row.threadId) ?? [emailId]) : [];
  const rows = thread
    .map((id) => store.emails.get(id))
    .filter((one): one is EmailRow => one !== undefined && !isTrashed(store, one, row));
  useEffect(() => {
    setError(undefined);
    store.loadEmail(emailId).catch(setError);
  }, [store, emailId, tries]);
  useEffect(() => setOpen(new Set([emailId])), [store, emailId]);
  const known = rows.length > 0;
  useEffect(() => {
    // What is new in the thread is read together with what was opened.
    const unread = rows.filter(({ keywords }) => !keywords['$seen'] && !keywords['$draft']).map(({ id }) => id);
    if (unread.length > 0) setOpen((now) => new Set([...now, ...unread]));
  }, [emailId, known]);
  const wanted = rows.filter(({ id }) => open.has(id)).map(({ id }) => id);
  useEffect(() => {
    let live = true;
    setFailures(new Map());
    void store.loadBodies(wanted).then((failed) => {
      // What nobody could read stays unread.
      setSeenQuietly(
        store,
        wanted.filter((id) => !failed.has(id)),
      );
      if (live) setFailures(failed);
    });
    return () => {
      live = false;
    };
  }, [store, wanted.join(), tries]);
  const toggle = (id: Id): void =>
    setOpen((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const retry = (): void => setTries((now) => now + 1);
  return { store, rows, error, failure: (id) => failures.get(id), retry, isOpen: (id) => open.has(id), toggle };
}

/** A thread read in the inbox does not show what was thrown away, unless that is what was opened. */
function isTrashed(store: MailStore, row: EmailRow, opened: EmailRow | undefined): boolean {
  if (row.id === opened?.id) return false;
  const ids = Object.keys(row.mailboxIds);
  return ids.length > 0 && ids.every((id) => store.mailboxes.get(id)?.role === 'trash');
}

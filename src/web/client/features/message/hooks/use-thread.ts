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
  error: unknown;
  isOpen: (id: Id) => boolean;
  toggle: (id: Id) => void;
}

export function useThread(accountId: Id, emailId: Id): ThreadState {
  const store = useMailStore(accountId);
  const [error, setError] = useState<unknown>();
  const [open, setOpen] = useState<ReadonlySet<Id>>(new Set([emailId]));
  const row = store.emails.get(emailId);
  const thread = row ? (store.threads.get(row.threadId) ?? [emailId]) : [];
  const rows = thread
    .map((id) => store.emails.get(id))
    .filter((one): one is EmailRow => one !== undefined && !isTrashed(store, one, row));
  useEffect(() => {
    setError(undefined);
    setOpen(new Set([emailId]));
    store.loadEmail(emailId).catch(setError);
  }, [store, emailId]);
  const known = rows.length > 0;
  useEffect(() => {
    // What is new in the thread is read together with what was opened.
    const unread = rows.filter(({ keywords }) => !keywords['$seen'] && !keywords['$draft']).map(({ id }) => id);
    if (unread.length > 0) setOpen((now) => new Set([...now, ...unread]));
  }, [emailId, known]);
  const wanted = rows.filter(({ id }) => open.has(id)).map(({ id }) => id);
  useEffect(() => {
    const missing = wanted.filter((id) => !store.bodies.has(id));
    const seen = (): void => setSeenQuietly(store, wanted);
    if (missing.length === 0) return seen();
    store.loadBodies(missing).then(seen, setError);
  }, [store, wanted.join()]);
  const toggle = (id: Id): void =>
    setOpen((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return { store, rows, error, isOpen: (id) => open.has(id), toggle };
}

/** A thread read in the inbox does not show what was thrown away, unless that is what was opened. */
function isTrashed(store: MailStore, row: EmailRow, opened: EmailRow | undefined): boolean {
  if (row.id === opened?.id) return false;
  const ids = Object.keys(row.mailboxIds);
  return ids.length > 0 && ids.every((id) => store.mailboxes.get(id)?.role === 'trash');
}

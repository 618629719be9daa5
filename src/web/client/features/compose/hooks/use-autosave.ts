/**
 * Keeps what is written: at once in this tab (a reload loses nothing), and after a pause on the server. One save at a time; a save asked
 * for meanwhile runs after it. Never while sending.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { byRoleId } from '../mailbox-roles.ts';
import { saveDraft, discardDraft } from '../api/save-draft.ts';
import { isEmpty, type Draft } from '../draft.ts';
import { serverNow } from '../../../lib/http.ts';
import { quietly, type Hub } from '../../../lib/jmap/hub.ts';
import type { Id, Identity } from '../../../lib/jmap/types.ts';

const PAUSE = 2500;

export interface Autosave {
  /** Server time of the last save, ms. */
  savedAt: number | undefined;
  failed: boolean;
  draftId: () => Id | undefined;
  /** Waits for a save under way and starts no other. */
  stop: () => Promise<void>;
  resume: () => void;
  flush: () => Promise<void>;
  discard: () => void;
}

export function useAutosave(
  hub: Hub,
  draft: Draft,
  identity: Identity | undefined,
  blobs: ReadonlyMap<string, Id>,
  existing: Id | undefined,
): Autosave {
  const [savedAt, setSavedAt] = useState<number>();
  const [failed, setFailed] = useState(false);
  const latest = useRef({ draft, identity });
  latest.current = { draft, identity };
  const id = useRef(existing);
  const account = useRef(draft.accountId);
  const running = useRef<Promise<void>>(Promise.resolve());
  const stopped = useRef(false);
  const first = useRef(true);

  const save = useCallback((): Promise<void> => {
    const run = async (): Promise<void> => {
      const now = latest.current;
      const mailboxId = byRoleId(hub, now.draft.accountId, 'drafts');
      if (stopped.current || isEmpty(now.draft) || !mailboxId) return;
      // Another identity may mean another account: its draft starts anew.
      const moved = account.current !== now.draft.accountId;
      const previous = id.current;
      try {
        id.current = await saveDraft({
          client: hub.client,
          draft: now.draft,
          identity: now.identity,
          mailboxId,
          previous: moved ? undefined : previous,
          blobs,
        });
        if (moved && previous) quietly(discardDraft(hub.client, account.current, previous));
        account.current = now.draft.accountId;
        setSavedAt(serverNow());
        setFailed(false);
      } catch {
        // Shown as "not saved"; the text stays in the window and is tried again with the next change.
        setFailed(true);
      }
    };
    running.current = running.current.then(run, run);
    return running.current;
  }, [hub, blobs]);

  const shape = JSON.stringify([
    draft.to,
    draft.cc,
    draft.bcc,
    draft.subject,
    draft.text,
    draft.html,
    draft.identityId,
    draft.attachments.map(({ key, state }) => [key, state]),
  ]);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const timer = setTimeout(() => void save(), PAUSE);
    return () => clearTimeout(timer);
  }, [shape, save]);

  return {
    savedAt,
    failed,
    draftId: () => id.current,
    stop: async () => {
      stopped.current = true;
      await running.current;
    },
    resume: () => {
      stopped.current = false;
    },
    flush: save,
    discard: () => {
      stopped.current = true;
      void running.current.then(() => id.current && quietly(discardDraft(hub.client, account.current, id.current)));
    },
  };
}

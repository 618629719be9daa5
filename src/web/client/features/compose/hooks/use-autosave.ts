/** Keeps what is written on the server, a moment after each change. */
import { useEffect, useRef, useState } from 'react';
import { DraftSaver, type SaverState } from '../draft-saver.ts';
import type { Draft } from '../draft.ts';
import type { Hub } from '../../../lib/jmap/hub.ts';
import type { Id, Identity } from '../../../lib/jmap/types.ts';

const PAUSE = 2500;

export interface Autosave extends SaverState {
  saver: DraftSaver;
}

export function useAutosave(
  hub: Hub,
  draft: Draft,
  identity: Identity | undefined,
  blobs: ReadonlyMap<string, Id>,
  existing: Id | undefined,
  /** Nothing is kept of a window in which nobody wrote. */
  touched: { current: boolean },
): Autosave {
  const [state, setState] = useState<SaverState>({ savedAt: undefined, failed: false });
  const latest = useRef({ draft, identity });
  latest.current = { draft, identity };
  const [saver] = useState(
    () =>
      new DraftSaver({
        hub,
        existing,
        accountId: draft.accountId,
        blobs,
        latest: () => latest.current,
        onState: setState,
      }),
  );
  const first = useRef(true);
  const { to, cc, bcc, subject, text, html, identityId, attachments } = draft;
  const shape = JSON.stringify([
    to,
    cc,
    bcc,
    subject,
    text,
    html,
    identityId,
    attachments.map(({ key, state: at }) => [key, at]),
  ]);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    if (!touched.current) return;
    const timer = setTimeout(() => void saver.save(), PAUSE);
    return () => clearTimeout(timer);
  }, [shape, saver]);
  return { ...state, saver };
}

/** Keeps what is typed in this tab too, and ends the window: kept, thrown away or sent. */
import { useEffect, useRef } from 'react';
import { composeIntent, openCompose, type ComposeIntent } from '../../../lib/compose-intent.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { dropKeptDraft, keepDraft } from '../../../lib/kept-draft.ts';
import { mayKeepWriting, sessionStore, useSession } from '../../../lib/session.ts';
import { toast } from '../../../lib/toasts.ts';
import { isEmpty } from '../draft.ts';
import { keptOf, tellKept } from '../keeping.ts';
import type { Compose } from './use-compose.ts';

const PAUSE = 300;

export interface Ending {
  close: () => void;
  discard: () => void;
  sent: () => void;
}

export function useKeeping(
  { draft, files, autosave, touched }: Compose,
  intent: ComposeIntent,
  onClose: () => void,
): Ending {
  const { official } = useSession();
  const { saver } = autosave;
  const ended = useRef(false);
  const copy = () => keptOf(official.address, draft, files.blobs, saver.id);
  const latest = useRef(copy);
  latest.current = copy;
  const worth = useRef(false);
  worth.current = touched.current && !isEmpty(draft);

  useEffect(() => {
    if (!worth.current) return;
    const timer = setTimeout(() => !ended.current && keepDraft(latest.current()), PAUSE);
    return () => clearTimeout(timer);
  }, [draft, autosave.savedAt]);

  const keep = (closed: boolean): void => {
    if (ended.current) return;
    ended.current = true;
    if (!worth.current || !mayKeepWriting(official.address)) return dropKeptDraft();
    const kept = latest.current();
    // Nobody to save it for just now: it waits in this tab until its author signs in again.
    if (!sessionStore.get()) return keepDraft(kept);
    // Still wanted, only drawn anew (another language): it goes on as it is.
    if (!closed && composeIntent.get()?.intent === intent)
      return openCompose({ kind: 'kept', accountId: kept.fields.accountId, kept });
    void tellKept(kept, saver.save(), () => saver.id);
  };
  // Another message was begun in its place, or the screen went.
  useEffect(() => () => keep(false), []);
  return {
    close: () => {
      keep(true);
      onClose();
    },
    discard: () => {
      const kept = { ...latest.current(), draftId: undefined };
      ended.current = true;
      dropKeptDraft();
      saver.discard();
      onClose();
      if (isEmpty(draft)) return;
      const run = (): void => openCompose({ kind: 'kept', accountId: kept.fields.accountId, kept });
      toast(t('compose.discarded'), { action: { label: t('common.undo'), run } });
    },
    sent: () => {
      ended.current = true;
      dropKeptDraft();
      onClose();
    },
  };
}

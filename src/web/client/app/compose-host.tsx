import { useEffect, type JSX } from 'react';
import { Fetched } from '../components/fetched.tsx';
import { lazily } from '../lib/lazily.tsx';
import { composeIntent, openCompose } from '../lib/compose-intent.ts';
import { online } from '../lib/http.ts';
import { quietly, useHub } from '../lib/jmap/hub.ts';
import { keptDraft } from '../lib/kept-draft.ts';
import { useShortcuts } from '../lib/keyboard.ts';
import { useSession } from '../lib/session.ts';
import { t } from '../lib/i18n/i18n.ts';
import { toast } from '../lib/toasts.ts';
import { useStore } from '../lib/store.ts';

const Compose = lazily(() => import('../features/compose/components/compose.tsx'));

/** One message is written at a time; it stays while one walks through the other screens. */
export function ComposeHost(): JSX.Element | null {
  const open = useStore(composeIntent);
  const { official } = useSession();
  useShortcuts({ c: () => openCompose({ kind: 'new' }) });
  // The page was loaded anew in the middle of a message, or its author signed in again.
  useEffect(() => {
    const kept = composeIntent.get() ? undefined : keptDraft(official.address);
    if (!kept) return;
    openCompose({ kind: 'kept', accountId: kept.fields.accountId, kept });
    if (kept.lost.length > 0)
      toast(t('compose.filesNotKept', { names: kept.lost.join(', ') }), { tone: 'danger', ms: 20_000 });
  }, []);
  useBringingBack();
  if (!open) return null;
  const close = (): void => composeIntent.set((now) => (now?.id === open.id ? null : now));
  return (
    <Fetched key={open.id} onFail={close}>
      <Compose intent={open.intent} calls={open.calls} onClose={close} />
    </Fetched>
  );
}

/** What could not be saved while offline is saved once the server answers again. */
function useBringingBack(): void {
  const hub = useHub();
  const { official } = useSession();
  const isOnline = useStore(online);
  useEffect(() => {
    if (!isOnline || composeIntent.get() || !keptDraft(official.address)) return;
    quietly(import('../features/compose/keeping.ts').then(({ saveKept }) => saveKept(hub)));
  }, [isOnline]);
}

import { lazy, Suspense, type JSX } from 'react';
import { composeIntent, openCompose } from '../lib/compose-intent.ts';
import { useShortcuts } from '../lib/keyboard.ts';
import { useStore } from '../lib/store.ts';

const Compose = lazy(() => import('../features/compose/components/compose.tsx'));

/** One message is written at a time; it stays while one walks through the other screens. */
export function ComposeHost(): JSX.Element | null {
  const intent = useStore(composeIntent);
  useShortcuts({ c: () => openCompose({ kind: 'new' }) });
  if (!intent) return null;
  return (
    <Suspense fallback={null}>
      <Compose
        key={JSON.stringify([intent.kind, 'row' in intent ? intent.row.id : ''])}
        intent={intent}
        onClose={() => composeIntent.set(null)}
      />
    </Suspense>
  );
}

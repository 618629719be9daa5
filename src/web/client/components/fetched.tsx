import { Suspense, type JSX, type ReactNode } from 'react';
import { t } from '../lib/i18n/i18n.ts';
import { toast } from '../lib/toasts.ts';
import { PaneBoundary } from './pane-boundary.tsx';

/** Around a part that is fetched when it is first shown (`lazily`): a line that breaks just then costs this part only. */
export function Fetched({
  waiting = null,
  onFail,
  children,
}: {
  waiting?: ReactNode;
  /** For windows and dialogs: shown no more, and the reason is said. */
  onFail?: () => void;
  children: ReactNode;
}): JSX.Element {
  const gone = onFail && ((): void => (onFail(), void toast(t('common.notLoaded'), { tone: 'danger' })));
  return (
    <PaneBoundary onFail={gone}>
      <Suspense fallback={waiting}>{children}</Suspense>
    </PaneBoundary>
  );
}

import { Component, type ReactNode } from 'react';
import { t } from '../lib/i18n/i18n.ts';
import { CircleAlert } from '../lib/icons.ts';
import { Button } from './button.tsx';
import { EmptyState } from './empty-state.tsx';

interface Props {
  children: ReactNode;
  /** What has no place of its own is taken away by who showed it; without this the reason stands in the pane. */
  onFail?: (() => void) | undefined;
}

/** An error stays in its pane: the rest of the desk goes on working. */
export class PaneBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override componentDidCatch(): void {
    this.props.onFail?.();
  }
  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    if (this.props.onFail) return null;
    return (
      <EmptyState icon={CircleAlert} title={t('common.paneFailed')}>
        <Button onClick={() => this.setState({ failed: false })}>{t('common.retry')}</Button>
      </EmptyState>
    );
  }
}

import { Component, type ReactNode } from 'react';
import { t } from '../lib/i18n/i18n.ts';
import { CircleAlert } from '../lib/icons.ts';
import { Button } from './button.tsx';
import { EmptyState } from './empty-state.tsx';

/** An error stays in its pane: the rest of the desk goes on working. */
export class PaneBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <EmptyState icon={CircleAlert} title={t('common.paneFailed')}>
        <Button onClick={() => this.setState({ failed: false })}>{t('common.retry')}</Button>
      </EmptyState>
    );
  }
}

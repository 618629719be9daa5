import type { JSX } from 'react';
import { t } from '../lib/i18n/i18n.ts';
import { X } from '../lib/icons.ts';
import { useStore } from '../lib/store.ts';
import { dismiss, toasts } from '../lib/toasts.ts';
import { IconButton } from './button.tsx';
import css from './toasts.module.css';

export function Toasts(): JSX.Element {
  const shown = useStore(toasts);
  return (
    <div className={css['stack']} role="status" aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={`${css['toast']} ${toast.tone === 'danger' ? css['danger'] : ''}`}>
          <span className="grow">{toast.text}</span>
          {toast.action && (
            <button
              type="button"
              className={css['action']}
              onClick={() => {
                dismiss(toast.id);
                toast.action?.run();
              }}
            >
              {toast.action.label}
            </button>
          )}
          <IconButton icon={X} label={t('common.close')} onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}

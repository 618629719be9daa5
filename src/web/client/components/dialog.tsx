import { useEffect, useId, useRef, type JSX, type ReactNode } from 'react';
import { t } from '../lib/i18n/i18n.ts';
import { X } from '../lib/icons.ts';
import { IconButton } from './button.tsx';
import css from './dialog.module.css';

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
}

/** Native modal dialog: focus trap, Escape and inert background are the browser's. */
export function Dialog({ title, onClose, children, footer, wide }: Props): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal?.();
    return () => {
      dialog?.close?.();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      className={`${css['dialog']} ${wide ? css['wide'] : ''}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className={css['head']}>
        <h2 id={titleId} className="grow">
          {title}
        </h2>
        <IconButton icon={X} label={t('common.close')} onClick={onClose} />
      </header>
      {/* Scrolls by keyboard also when nothing in it takes focus. */}
      <div className={css['body']} tabIndex={0}>
        {children}
      </div>
      {footer && <footer className={css['foot']}>{footer}</footer>}
    </dialog>
  );
}

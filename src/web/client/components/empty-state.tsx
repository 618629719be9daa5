import type { JSX, ReactNode } from 'react';
import css from './empty-state.module.css';
import { Icon, type IconNode } from './icon.tsx';

/** One sentence that teaches the next step. */
export function EmptyState({
  icon,
  title,
  children,
}: {
  icon: IconNode;
  title: string;
  children?: ReactNode;
}): JSX.Element {
  return (
    <div className={css['empty']}>
      <span className={css['disc']}>
        <Icon of={icon} />
      </span>
      <p className={css['title']}>{title}</p>
      {children && <div className={css['text']}>{children}</div>}
    </div>
  );
}

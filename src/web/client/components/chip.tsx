import type { JSX, ReactNode } from 'react';
import css from './chip.module.css';
import { Icon, type IconNode } from './icon.tsx';

export type ChipTone = 'plain' | 'doc' | 'ok' | 'warn' | 'hot' | 'danger';

export function Chip({
  tone = 'plain',
  icon,
  children,
  title,
}: {
  tone?: ChipTone;
  icon?: IconNode;
  children?: ReactNode;
  title?: string;
}): JSX.Element {
  return (
    <span className={`${css['chip']} ${css[tone]}`} {...(title ? { title } : {})}>
      {icon && <Icon of={icon} small />}
      <span className="cut">{children}</span>
    </span>
  );
}

import type { ComponentProps, JSX, ReactNode } from 'react';
import css from './button.module.css';
import { Icon, type IconNode } from './icon.tsx';

interface Props extends Omit<ComponentProps<'button'>, 'children'> {
  icon?: IconNode;
  tone?: 'plain' | 'primary' | 'ghost' | 'danger' | 'doc';
  size?: 'm' | 's' | 'l';
  children?: ReactNode;
}

export function Button({ icon, tone = 'plain', size = 'm', className, children, ...rest }: Props): JSX.Element {
  return (
    <button type="button" className={`${css['button']} ${css[tone]} ${css[size]} ${className ?? ''}`} {...rest}>
      {icon && <Icon of={icon} />}
      {children}
    </button>
  );
}

/** A button of an icon alone always has a name; it is also its tooltip, with the shortcut if it has one. */
export function IconButton({
  label,
  shortcut,
  icon,
  className,
  ...rest
}: Omit<ComponentProps<'button'>, 'children'> & { label: string; shortcut?: string; icon: IconNode }): JSX.Element {
  return (
    <button
      type="button"
      className={`${css['iconButton']} ${className ?? ''}`}
      aria-label={label}
      title={shortcut ? `${label} (${shortcut})` : label}
      {...(shortcut ? { 'aria-keyshortcuts': shortcut } : {})}
      {...rest}
    >
      <Icon of={icon} />
    </button>
  );
}

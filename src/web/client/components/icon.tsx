import { createElement, type JSX } from 'react';
import css from './icon.module.css';

export type IconNode = [string, Record<string, string>][];

/** Decorative unless named: the words beside it speak. */
export function Icon({
  of,
  small,
  label,
  className,
}: {
  of: IconNode;
  small?: boolean;
  label?: string;
  className?: string | undefined;
}): JSX.Element {
  return (
    <svg
      className={`${css['icon']} ${small ? css['small'] : ''} ${className ?? ''}`}
      viewBox="0 0 24 24"
      {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
    >
      {label && <title>{label}</title>}
      {of.map(([tag, attributes], at) => createElement(tag, { key: at, ...attributes }))}
    </svg>
  );
}

import type { JSX, ReactNode } from 'react';
import css from './switch.module.css';

export function Switch({
  checked,
  onChange,
  children,
  disabled,
}: {
  checked: boolean;
  onChange: (on: boolean) => void;
  children: ReactNode;
  disabled?: boolean;
}): JSX.Element {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      disabled={disabled}
      className={css['switch']}
      onClick={() => onChange(!checked)}
    >
      <i aria-hidden="true" />
      <span className="cut">{children}</span>
    </button>
  );
}

import { useId, useRef, type JSX, type ReactNode } from 'react';
import { IconButton } from './button.tsx';
import type { IconNode } from './icon.tsx';
import css from './menu.module.css';

/** A native popover under its button; closes by itself on choice, Escape and outside press. */
export function Menu({ icon, label, children }: { icon: IconNode; label: string; children: ReactNode }): JSX.Element {
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const place = (button: HTMLElement): void => {
    const box = button.getBoundingClientRect();
    const element = panel.current;
    if (!element) return;
    element.style.top = `${box.bottom + 4}px`;
    element.style.right = `${Math.max(8, window.innerWidth - box.right)}px`;
  };
  return (
    <>
      <IconButton
        icon={icon}
        label={label}
        popoverTarget={id}
        aria-haspopup="menu"
        onClick={(event) => place(event.currentTarget)}
      />
      <div
        id={id}
        ref={panel}
        popover="auto"
        role="menu"
        className={css['menu']}
        onClick={() => panel.current?.hidePopover?.()}
      >
        {children}
      </div>
    </>
  );
}

export function MenuItem({
  onSelect,
  children,
  disabled,
}: {
  onSelect: () => void;
  children: ReactNode;
  disabled?: boolean;
}): JSX.Element {
  return (
    <button type="button" role="menuitem" className={css['item']} disabled={disabled} onClick={onSelect}>
      {children}
    </button>
  );
}

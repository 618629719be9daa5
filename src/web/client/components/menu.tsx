import { useId, useRef, type JSX, type KeyboardEvent, type ReactNode } from 'react';
import { IconButton } from './button.tsx';
import type { IconNode } from './icon.tsx';
import css from './menu.module.css';

/** A native popover under its button; closes by itself on choice, Escape and outside press. Arrows walk as in any menu. */
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
  const items = (): HTMLElement[] => [
    ...(panel.current?.querySelectorAll<HTMLElement>('[role=menuitem]:not(:disabled)') ?? []),
  ];
  const walk = (event: KeyboardEvent): void => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === 'Tab') panel.current?.hidePopover?.();
    // Letters and Escape mean nothing to what lies under an open menu; the browser closes it.
    event.stopPropagation();
    if (to === undefined) return;
    event.preventDefault();
    all.at(to % all.length)?.focus();
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
        onKeyDown={walk}
        onToggle={(event) => event.newState === 'open' && items()[0]?.focus()}
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

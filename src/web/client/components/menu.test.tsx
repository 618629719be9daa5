import { cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Folder } from '../lib/icons.ts';
import { Menu, MenuItem } from './menu.tsx';

const chosen = vi.fn<(name: string) => void>();
const hidden = vi.fn<() => void>();
beforeEach(() => {
  HTMLElement.prototype.hidePopover = hidden;
  render(
    <Menu icon={Folder} label="Chuyển đến">
      <MenuItem onSelect={() => chosen('Một')}>Một</MenuItem>
      <MenuItem disabled onSelect={() => chosen('Hai')}>
        Hai
      </MenuItem>
      <MenuItem onSelect={() => chosen('Ba')}>Ba</MenuItem>
    </Menu>,
  );
});
afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});
const focused = (): string | null => document.activeElement?.textContent ?? null;
/** jsdom knows no popovers: the event that a browser sends when one opened. */
function open(): void {
  const event = new Event('toggle');
  Object.assign(event, { newState: 'open' });
  fireEvent(screen.getByRole('menu', { hidden: true }), event);
}
const press = (key: string): boolean => fireEvent.keyDown(document.activeElement!, { key });

it('is walked with the arrows, round its ends and past what cannot be chosen', () => {
  open();
  expect(focused()).toBe('Một');
  const seen = ['ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowUp', 'End', 'Home'].map((key) => (press(key), focused()));
  expect(seen).toEqual(['Ba', 'Một', 'Ba', 'Một', 'Ba', 'Một']);
  expect(press('ArrowDown')).toBe(false);
});

it('keeps Escape and shortcuts to itself: what lies under it stays as it is', () => {
  const outside = vi.fn<() => void>();
  document.addEventListener('keydown', outside);
  open();
  press('Escape');
  press('e');
  expect(outside).not.toHaveBeenCalled();
  document.removeEventListener('keydown', outside);
});

it('closes when one is chosen, and when one leaves it by Tab', () => {
  open();
  fireEvent.click(screen.getByText('Ba'));
  expect(chosen).toHaveBeenCalledExactlyOnceWith('Ba');
  expect(hidden).toHaveBeenCalledTimes(1);
  press('Tab');
  expect(hidden).toHaveBeenCalledTimes(2);
});

/** What belongs to this browser and not to the official: theme, and nothing secret. */
import { createStore } from './store.ts';

export type Theme = 'system' | 'light' | 'dark';
const stored = (): Theme => {
  const value = localStorage.getItem('congvu.theme');
  return value === 'light' || value === 'dark' ? value : 'system';
};
export const theme = createStore<Theme>(stored());

export function applyTheme(next: Theme): void {
  theme.set(next);
  if (next === 'system') {
    localStorage.removeItem('congvu.theme');
    delete document.documentElement.dataset['theme'];
  } else {
    localStorage.setItem('congvu.theme', next);
    document.documentElement.dataset['theme'] = next;
  }
}

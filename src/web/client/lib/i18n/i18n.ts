/** Typed catalogue: Vietnamese is the source, English loads when chosen. `{name}` marks a parameter. */
import { createStore } from '../store.ts';
import type { Entry } from './types.ts';
import { vi } from './vi/vi.ts';

export type Key = keyof typeof vi;
export type Catalogue = Record<Key, Entry>;
export type Locale = 'vi' | 'en';

const current = createStore<{ locale: Locale; words: Catalogue }>({ locale: 'vi', words: vi });
export const localeStore = current;
export const locale = (): Locale => current.get().locale;

export function t(key: Key, params?: Record<string, string | number>): string {
  const entry = current.get().words[key];
  const text = typeof entry === 'string' ? entry : Number(params?.['n']) === 1 ? entry.one : entry.other;
  return params ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole)) : text;
}

/** For keys that come from outside (error codes): undefined when there is no such entry. */
export function tMaybe(key: string, params?: Record<string, string | number>): string | undefined {
  return key in current.get().words ? t(key as Key, params) : undefined;
}

export async function setLocale(next: Locale, remember = true): Promise<void> {
  const words = next === 'en' ? (await import('./en/en.ts')).en : vi;
  document.documentElement.lang = next;
  if (remember) localStorage.setItem('congvu.locale', next);
  current.set({ locale: next, words });
}
export function storedLocale(): Locale | null {
  const stored = localStorage.getItem('congvu.locale');
  return stored === 'vi' || stored === 'en' ? stored : null;
}

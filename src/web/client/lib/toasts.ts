/** Short notes at the bottom: what was done, with undo; what failed, with what to do next. */
import { createStore } from './store.ts';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'danger';
  action?: { label: string; run: () => void };
}
export const toasts = createStore<readonly Toast[]>([]);
let next = 1;

export function toast(
  text: string,
  options: { tone?: Toast['tone']; action?: Toast['action']; ms?: number } = {},
): number {
  const id = next++;
  const made: Toast = {
    id,
    text,
    tone: options.tone ?? 'plain',
    ...(options.action ? { action: options.action } : {}),
  };
  // One at a time would hide an undo; more than three hide the list.
  toasts.set((now) => [...now.slice(-2), made]);
  setTimeout(() => dismiss(id), options.ms ?? (options.action ? 8000 : 5000));
  return id;
}
export function dismiss(id: number): void {
  toasts.set((now) => now.filter((one) => one.id !== id));
}

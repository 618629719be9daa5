/** Keyboard focus goes back where it was when something that took it closes. */
import { useEffect, useRef, type RefObject } from 'react';

export function useFocusReturn(): void {
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      // After what closes is gone: then the body has the focus, unless something else took it on purpose.
      queueMicrotask(() => {
        if (before instanceof HTMLElement && before.isConnected && document.activeElement === document.body)
          before.focus({ preventScroll: true });
      });
    };
  }, []);
}

/** Browsers honour `autofocus` once a page (in a dialog always); this page shows many forms, one after another. */
export function useAutoFocus(wanted: boolean): RefObject<HTMLInputElement | null> {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (wanted) input.current?.focus();
  }, []);
  return input;
}

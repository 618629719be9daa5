/** Keyboard focus goes back where it was when something that took it closes. */
import { useEffect } from 'react';

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

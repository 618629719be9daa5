import { lazy, useState, type ComponentType, type JSX } from 'react';

/**
 * Like `lazy`; but what could not be fetched is asked for again when it is shown the next time. `lazy` alone keeps a
 * failure for good: a line that broke for a moment would cost that screen until the page is loaded anew.
 */
export function lazily<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  const begin = (): ComponentType<P> =>
    lazy(() =>
      load().catch((error: unknown) => {
        next = begin();
        throw error;
      }),
    );
  let next = begin();
  return function Lazily(props: P): JSX.Element {
    // Held while it is shown: the failure must reach the boundary, which then offers to try again.
    const [Shown] = useState(() => next);
    return <Shown {...props} />;
  };
}

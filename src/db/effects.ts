/**
 * After a commit: what was written is there whatever these do. One that fails is told, and keeps neither the others from running
 * nor whoever wrote from hearing that it was written.
 */
export function runEffects(effects: readonly (() => void)[], onError: (error: Error) => void): void {
  for (const effect of effects) {
    try {
      effect();
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

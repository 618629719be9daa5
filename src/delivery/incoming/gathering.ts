/**
 * Who is about to hand a message over. A sync serves all that wait for it, so it is worth a moment's waiting for those whose octets
 * are on their way: of senders that keep their connections busy, all then share each one.
 */
import { setImmediate } from 'node:timers/promises';

/** Who was told to send and has not sent for so long, ms, is on a slow line: nobody waits for it. */
const MOMENT = 2;

export interface Gathering {
  /** A sender was told to send its message. @returns what says that it has come, or will not */
  announce(): () => void;
  /** Resolves after one turn of the event loop, or when nobody's message is a moment away. */
  complete(): Promise<void>;
}

export function createGathering(): Gathering {
  /** When each was told, the earliest first. */
  const coming = new Set<{ since: number }>();
  const forgetSlow = (): void => {
    const latest = performance.now() - MOMENT;
    for (const one of coming) {
      if (one.since > latest) return;
      coming.delete(one);
    }
  };
  return {
    announce() {
      forgetSlow();
      const one = { since: performance.now() };
      coming.add(one);
      return () => void coming.delete(one);
    },
    async complete() {
      do {
        await setImmediate();
        forgetSlow();
      } while (coming.size > 0);
    },
  };
}

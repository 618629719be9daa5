/**
 * Who may have a connection. Invariants, so that no destination can hold up the others:
 * - a destination that has not shown that it answers promptly has one connection, others at most `concurrencyPerDomain`;
 * - an attempt that takes longer than `slowAfter` gives its place among the `concurrency` to another, while fewer than
 *   `slowConcurrency` have done so.
 */
import type { OutboundSettings } from '../settings.ts';

/** Destinations remembered as prompt; the oldest are forgotten, which costs them a second of their first connection. */
const REMEMBERED = 10_000;

export interface Place {
  /** @param reached whether a host of the destination opened a session; undefined: none was asked */
  leave: (reached: boolean | undefined) => void;
}

type Limits = Pick<OutboundSettings, 'concurrencyPerDomain' | 'slowAfter' | 'slowConcurrency'>;

export interface Places {
  /** Undefined: the destination has its share. */
  take: (destination: string, stepAside: () => void) => Place | undefined;
}

export function createPlaces({ concurrencyPerDomain, slowAfter, slowConcurrency }: Limits): Places {
  const running = new Map<string, number>();
  const prompt = new Set<string>();
  /** Attempts that last too long, by what tells their job: who stepped aside, and who waits for room to do so. */
  const aside = new Set<() => void>();
  const overdue = new Set<() => void>();
  const makeRoom = (): void => {
    for (const stepAside of overdue) {
      if (aside.size >= slowConcurrency) return;
      overdue.delete(stepAside);
      aside.add(stepAside);
      stepAside();
    }
  };
  return {
    take(destination, stepAside) {
      const before = running.get(destination) ?? 0;
      if (before >= (prompt.has(destination) ? concurrencyPerDomain : 1)) return undefined;
      running.set(destination, before + 1);
      let slow = false;
      const timer = setTimeout(() => {
        slow = true;
        overdue.add(stepAside);
        makeRoom();
      }, slowAfter);
      timer.unref();
      return {
        leave(reached) {
          clearTimeout(timer);
          overdue.delete(stepAside);
          if (aside.delete(stepAside)) makeRoom();
          const left = (running.get(destination) ?? 1) - 1;
          if (left > 0) running.set(destination, left);
          else running.delete(destination);
          if (reached === undefined) return;
          prompt.delete(destination);
          if (reached && !slow) remember(prompt, destination);
        },
      };
    },
  };
}

function remember(names: Set<string>, name: string): void {
  names.add(name);
  for (const oldest of names) {
    if (names.size <= REMEMBERED) return;
    names.delete(oldest);
  }
}

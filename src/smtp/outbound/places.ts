/**
 * Who may have a connection. Invariants, so that no destination can hold up the others:
 * - a destination that has not shown that it answers promptly has one connection, others at most `concurrencyPerDomain`;
 * - a host that has not has `concurrencyPerDomain`, for however many destinations it takes mail, others any number; those that take long
 *   come on top, but no more than half of all that may;
 * - an attempt that takes longer than `slowAfter` gives its place among the `concurrency` to another, while fewer than
 *   `slowConcurrency` have done so.
 */
import type { OutboundSettings } from '../settings.ts';

/** Names remembered as prompt; the oldest are forgotten, which costs them a second of their first connection. */
const REMEMBERED = 10_000;

export interface Place {
  /** @param hosts their names and addresses. @returns false: one of them has its share */
  at: (hosts: readonly string[]) => boolean;
  /** @param reached whether a host of the destination opened a session; undefined: none was asked */
  leave: (reached: boolean | undefined) => void;
}

type Limits = Pick<OutboundSettings, 'concurrencyPerDomain' | 'slowAfter' | 'slowConcurrency'>;

export interface Places {
  /** Undefined: the destination has its share. */
  take: (destination: string, stepAside: () => void) => Place | undefined;
}

export function createPlaces({ concurrencyPerDomain, slowAfter, slowConcurrency }: Limits): Places {
  const destinations = createShares({ most: concurrencyPerDomain, untilPrompt: 1 });
  const slowAtHost = Math.max(concurrencyPerDomain, Math.ceil(slowConcurrency / 2));
  const shares = createShares({ most: Infinity, untilPrompt: concurrencyPerDomain, mostSlow: slowAtHost });
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
      if (!destinations.isFree(destination)) return undefined;
      const state = { slow: false };
      const own = destinations.enter(destination, state);
      const hosts = new Map<string, Share>();
      const timer = setTimeout(() => {
        state.slow = true;
        for (const share of hosts.values()) share.isSlow();
        overdue.add(stepAside);
        makeRoom();
      }, slowAfter);
      timer.unref();
      return {
        at(names) {
          const more = [...new Set(names)].filter((name) => !hosts.has(name));
          if (!more.every((name) => shares.isFree(name))) return false;
          for (const name of more) hosts.set(name, shares.enter(name, state));
          return true;
        },
        leave(reached) {
          clearTimeout(timer);
          overdue.delete(stepAside);
          if (aside.delete(stepAside)) makeRoom();
          for (const share of [own, ...hosts.values()]) share.leave(reached);
        },
      };
    },
  };
}

interface Share {
  /** It has just become so. */
  isSlow: () => void;
  leave: (reached: boolean | undefined) => void;
}

interface Shares {
  most: number;
  untilPrompt: number;
  /** So many may take long, besides those that do not; absent: they count as all others. */
  mostSlow?: number;
}

/** Who has how many, and who answered promptly the last time. */
function createShares({ most, untilPrompt, mostSlow }: Shares) {
  const running = new Map<string, Set<{ slow: boolean }>>();
  const prompt = new Set<string>();
  return {
    isFree(name: string): boolean {
      const now = running.get(name) ?? new Set();
      const slow = mostSlow === undefined ? 0 : [...now].filter((attempt) => attempt.slow).length;
      if (mostSlow !== undefined && slow >= mostSlow) return false;
      return now.size - slow < (prompt.has(name) ? most : untilPrompt);
    },
    enter(name: string, attempt: { slow: boolean }): Share {
      const now = running.get(name) ?? new Set();
      running.set(name, now.add(attempt));
      return {
        isSlow: () => void prompt.delete(name),
        leave(reached) {
          now.delete(attempt);
          if (now.size === 0) running.delete(name);
          if (reached === undefined) return;
          prompt.delete(name);
          if (reached && !attempt.slow) remember(prompt, name);
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

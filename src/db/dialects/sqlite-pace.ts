/**
 * Statements of units of work, with pauses between them: a unit that copies twenty thousand messages takes half a second of this
 * process, and all other connections want to be answered meanwhile. What it has written is seen by nobody before its commit.
 */
import { setImmediate } from 'node:timers/promises';

import type { Run } from './sqlite-connection.ts';

/** Milliseconds without a pause: most groups of units are over by then. */
const PIECE = 20;

export interface PacedRun {
  /** The event loop has just been round. */
  begin(): void;
  run(...given: Parameters<Run>): unknown[] | Promise<unknown[]>;
}

export function paced(run: Run, piece = PIECE): PacedRun {
  let since = 0;
  let pause: Promise<void> | undefined;
  const rest = async (): Promise<void> => {
    await setImmediate();
    since = performance.now();
  };
  return {
    begin: () => void (since = performance.now()),
    run(...given) {
      if (!pause && performance.now() - since < piece) return run(...given);
      // One that is asked for beside another keeps its place behind it.
      return (pause ??= rest()).then(() => {
        pause = undefined;
        return run(...given);
      });
    },
  };
}

/** Which of our threads goes first when there are fewer cores than threads that want one. */
import { getPriority, setPriority } from 'node:os';

/** Nice levels (setpriority(2)): such a thread still gets a third of what another does. */
const BEHIND = 5;
const LEAST = 19;

/**
 * Called by a thread that computes for others: the thread that answers all clients, and waits for the disk every moment, then has a
 * core as soon as it can go on. Linux alone gives each thread a level of its own; elsewhere it is the process's and stays.
 */
export function standBehind(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.min(LEAST, getPriority() + BEHIND));
  } catch {
    // A system that forbids it: as good as before, but slower.
  }
}

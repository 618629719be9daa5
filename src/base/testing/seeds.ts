/** Checks over seeds: those that once failed are kept beside the check, others come by number. */
import { random, type Random } from './random.ts';

/** FUZZ_ROUNDS: so many of each check, rather than what it takes by itself. */
export const roundsOr = (usual: number): number => Number(process.env['FUZZ_ROUNDS'] ?? usual);
/** FUZZ_SEED: from which on they are counted. */
const FIRST = Number(process.env['FUZZ_SEED'] ?? 0);

/** A failure names its seed. */
export function forSeeds(kept: readonly number[], rounds: number, check: (dice: Random) => void): void {
  for (const seed of [...kept, ...Array.from({ length: rounds }, (_, at) => FIRST + at)]) {
    try {
      check(random(seed));
    } catch (cause) {
      throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : ''}`, { cause });
    }
  }
}

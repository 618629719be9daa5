/** What a driver is given besides the side. */
import type { Corpus } from './corpus.ts';
import type { Figures, Side } from './side.ts';

export interface Bench {
  /** Counts are multiplied by it; 1 is the size. */
  scale: number;
  corpus: Corpus;
  /** Of the cases of a driver that has several: which are played. */
  cases: RegExp;
  /** For the person who waits. */
  say(text: string): void;
}

export type Driver = (side: Side, bench: Bench) => Promise<Figures>;

export const scaled = (bench: Pick<Bench, 'scale'>, count: number, least = 1): number =>
  Math.max(least, Math.round(count * bench.scale));

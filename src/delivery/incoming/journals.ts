/**
 * Two journals in turn: what lies in one is dealt with while the other takes. So neither goes on growing for as long as mail pours in,
 * and a sync is of octets that take the place of others, which costs half of one that makes a file longer.
 */
import { randomUint32 } from '../../base/bytes.ts';
import { openJournal, type Journal, type JournalOptions } from './journal.ts';
import type { JournalRecord } from './records.ts';

/** At this length the other's turn comes, if all that it has is dealt with. Octets. */
const TURN = 4 * 1024 * 1024;

/** Says that a record is dealt with; once for each. */
export type Release = () => void;

export interface Journals {
  /** Resolves when the record is on the disk. @throws what the system says: the record does not count, perhaps */
  append(note: unknown, bytes: Uint8Array): Promise<Release>;
  /** Octets of the one that takes. */
  size(): number;
  close(): Promise<void>;
}

export interface OpenedJournals {
  journals: Journals;
  /** What an earlier process left, in the order in which it came. */
  left: (JournalRecord & { release: Release })[];
  /** Copies of what could not be read. */
  damaged: string[];
}

interface Half {
  readonly journal: Journal;
  /** Records that are not dealt with. */
  held: number;
}

export async function openJournals(options: Omit<JournalOptions, 'generation'>): Promise<OpenedJournals> {
  let newest: number | undefined;
  const generation = (): number => (newest = ((newest ?? randomUint32()) + 1) >>> 0);
  const opened = [];
  for (const file of [options.file, `${options.file}-2`])
    opened.push(await openJournal({ ...options, file, generation }));
  opened.sort((a, b) => later(a.generation, b.generation));
  newest = opened.at(-1)?.generation;
  const halves = opened.map(({ journal, left }): Half => ({ journal, held: left.length }));
  const left = opened.flatMap((one, i) => one.left.map((record) => ({ ...record, release: releaseOf(halves[i]) })));
  return { journals: inTurn(halves), left, damaged: opened.flatMap(({ damaged }) => damaged ?? []) };
}

/** They are counted upwards and begin again at zero. One that has nothing comes first. */
function later(one: number | undefined, other: number | undefined): number {
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined);
  return (one - other) | 0;
}

function releaseOf(half: Half | undefined): Release {
  return () => {
    if (half && --half.held === 0) half.journal.clear();
  };
}

/** @param halves the last one takes */
function inTurn(halves: Half[]): Journals {
  const taking = (): Half => {
    const [first, last] = [halves[0], halves.at(-1)];
    if (!first || !last) throw new Error('there is no journal');
    if (last.journal.size() < TURN || first.held > 0) return last;
    halves.reverse();
    return first;
  };
  return {
    async append(note, bytes) {
      const half = taking();
      const release = releaseOf(half);
      half.held++;
      try {
        await half.journal.append(note, bytes);
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
    size: () => halves.at(-1)?.journal.size() ?? 0,
    close: async () => void (await Promise.all(halves.map(({ journal }) => journal.close()))),
  };
}

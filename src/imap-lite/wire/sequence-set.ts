/** sequence-set (RFC 9051 §9): "2,4:7,9,12:*", or "$", the saved result (§6.4.4.1). */
import { type Cursor, char } from './cursor.ts';
import { nzNumber } from './strings.ts';

/** Infinity stands for "*". */
export interface SequenceSet {
  readonly saved?: true;
  readonly ranges: readonly (readonly [number, number])[];
}

const STAR = Infinity;
const seqNumber = (c: Cursor): number | undefined => (char(c, '*') ? STAR : nzNumber(c));

export function sequenceSet(c: Cursor): SequenceSet | undefined {
  return c.attempt(() => {
    if (char(c, '$')) return { saved: true, ranges: [] };
    const ranges: [number, number][] = [];
    do {
      const first = seqNumber(c);
      if (first === undefined) return undefined;
      const last = char(c, ':') ? seqNumber(c) : first;
      if (last === undefined) return undefined;
      ranges.push([first, last]);
    } while (char(c, ','));
    return { ranges };
  });
}
export const expectSequenceSet = (c: Cursor): SequenceSet => sequenceSet(c) ?? c.fail('a set of message numbers');

/** "*" stands in it: whatever is the last one now. */
export const isOpen = ({ ranges }: SequenceSet): boolean => ranges.some(([a, b]) => a === STAR || b === STAR);

/** A single number or UID. */
export const isOne = ({ ranges: [only, more] }: SequenceSet): boolean =>
  only !== undefined && more === undefined && only[0] === only[1];

/** Ranges in order with "*" replaced; "3:*" with 2 messages names the last one (RFC 9051 §9, seq-range). */
export function resolveRanges(set: SequenceSet, last: number): [number, number][] {
  const ranges = set.ranges.map(([a, b]): [number, number] => {
    const low = a === STAR ? last : a;
    const high = b === STAR ? last : b;
    return low <= high ? [low, high] : [high, low];
  });
  ranges.sort((x, y) => x[0] - y[0]);
  const merged: [number, number][] = [];
  for (const range of ranges) {
    const before = merged[merged.length - 1];
    if (before && range[0] <= before[1] + 1) before[1] = Math.max(before[1], range[1]);
    else merged.push([range[0], range[1]]);
  }
  return merged;
}

/** Ascending numbers as "1:3,7". */
export function printNumbers(numbers: ArrayLike<number>): string {
  const out: string[] = [];
  for (let i = 0; i < numbers.length;) {
    const first = numbers[i] ?? 0;
    let j = i;
    while (numbers[j + 1] === (numbers[j] ?? 0) + 1) j++;
    out.push(j === i ? String(first) : `${first}:${numbers[j]}`);
    i = j + 1;
  }
  return out.join(',');
}

/** A set as the client would write it. */
export function printSequence(set: SequenceSet): string {
  if (set.saved) return '$';
  const one = (n: number): string => (n === STAR ? '*' : String(n));
  return set.ranges.map(([a, b]) => (a === b ? one(a) : `${one(a)}:${one(b)}`)).join(',');
}

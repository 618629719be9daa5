import { describe, expect, it } from 'vitest';
import { foldThread } from './folds.ts';

/** o open, f folded; what stands there, a number for those that do not. */
const shown = (thread: string): string =>
  foldThread(
    [...thread].map((kind, at) => ({ kind, at })),
    ({ kind }) => kind === 'o',
  )
    .map((one) => ('row' in one ? one.row.kind : String(one.hidden)))
    .join('');

describe('a thread', () => {
  it.each([
    ['', ''],
    ['o', 'o'],
    ['fffo', 'fffo'],
    ['ffffo', 'f2fo'],
    ['fffffffffo', 'f7fo'],
    ['offffoffff', 'of2fof2f'],
    ['fffff', 'f3f'],
    ['ooooo', 'ooooo'],
  ])('%s shows %s', (thread, expected) => expect(shown(thread)).toBe(expected));
});

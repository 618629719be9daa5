import { describe, expect, it } from 'vitest';

import { cursorOf, expectEnd, SyntaxProblem, type Cursor } from './cursor.ts';
import { expectSortArgs, expectSortCriteria, expectThreadArgs } from './sort-args.ts';

function whole<T>(rule: (c: Cursor) => T, text: string): T {
  const c = cursorOf(text);
  const result = rule(c);
  expectEnd(c);
  return result;
}

describe('SORT arguments', () => {
  it.each([
    // RFC 5256 §3, its three examples
    ['(SUBJECT) UTF-8 SINCE 1-Feb-1994', ['SUBJECT'], 'UTF-8'],
    ['(SUBJECT REVERSE DATE) UTF-8 ALL', ['SUBJECT', '-DATE'], 'UTF-8'],
    ['(SUBJECT) US-ASCII TEXT "not in mailbox"', ['SUBJECT'], 'US-ASCII'],
    // RFC 5957 §3
    ['(DISPLAYFROM) UTF-8 ALL', ['DISPLAYFROM'], 'UTF-8'],
    [
      '(reverse arrival cc displayto from size to) "utf-8" 1:* NOT DELETED',
      ['-ARRIVAL', 'CC', 'DISPLAYTO', 'FROM', 'SIZE', 'TO'],
      'utf-8',
    ],
  ])('%s', (text, keys, charset) => {
    const args = whole(expectSortArgs, text);
    expect(args.criteria.map(({ key, reverse }) => (reverse ? `-${key}` : key))).toEqual(keys);
    expect(args.charset).toBe(charset);
  });
  it('a key that comes again decides nothing', () => {
    expect(whole(expectSortCriteria, `(DATE ${'REVERSE DATE SIZE '.repeat(1000)}TO)`)).toEqual([
      { key: 'DATE', reverse: false },
      { key: 'SIZE', reverse: false },
      { key: 'TO', reverse: false },
    ]);
  });
  it.each([
    '',
    'SUBJECT UTF-8 ALL',
    '() UTF-8 ALL',
    '(SUBJECT)',
    '(SUBJECT) UTF-8',
    '(SUBJECT)UTF-8 ALL',
    '(REVERSE) UTF-8 ALL',
    '(REVERSE REVERSE DATE) UTF-8 ALL',
    '(BODY) UTF-8 ALL',
    '(DATES) UTF-8 ALL',
    '(SUBJECT) UTF-8 NOSUCHKEY',
  ])('%j is refused', (text) => expect(() => whole(expectSortArgs, text)).toThrow(SyntaxProblem));
});

describe('THREAD arguments', () => {
  it.each([
    // RFC 5256 §3, its three examples
    ['ORDEREDSUBJECT UTF-8 SINCE 5-MAR-2000', 'ORDEREDSUBJECT'],
    ['REFERENCES UTF-8 SINCE 5-MAR-2000', 'REFERENCES'],
    ['references US-ASCII TEXT "gewp"', 'REFERENCES'],
  ])('%s', (text, algorithm) => expect(whole(expectThreadArgs, text).algorithm).toBe(algorithm));
  it.each(['', 'REFERENCES', 'REFERENCES UTF-8', 'REFS UTF-8 ALL', '(REFERENCES) UTF-8 ALL'])('%j is refused', (text) =>
    expect(() => whole(expectThreadArgs, text)).toThrow(SyntaxProblem),
  );
});

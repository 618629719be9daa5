import { describe, expect, it } from 'vitest';

import { cursorOf, expectEnd, SyntaxProblem } from './cursor.ts';
import { expectFetchAtts, expectSection, printSection } from './fetch-att.ts';
import { expectCreateParams, expectListArgs, expectSelectParams, expectStatusAtts } from './list-args.ts';
import { expectSearchProgram, searchReturn } from './search-key.ts';
import { expectSequenceSet, printNumbers, printSequence, resolveRanges, sequenceSet } from './sequence-set.ts';

function whole<T>(rule: (c: ReturnType<typeof cursorOf>) => T, text: string): T {
  const c = cursorOf(text);
  const result = rule(c);
  expectEnd(c);
  return result;
}

describe('sequence sets', () => {
  it.each(['1', '2,4:7,9,12:*', '*', '*:4', '1:*,3', '$', '4294967295'])('%s is printed as it was read', (text) => {
    expect(printSequence(whole(expectSequenceSet, text))).toBe(text);
  });
  it.each(['', '0', '1:', ':1', ',1', '1,,2', '1;2', '$,1'])('%j is none', (text) => {
    const c = cursorOf(text);
    const set = sequenceSet(c);
    expect(set === undefined || !c.done).toBe(true);
  });
  it.each([
    // RFC 9051 §9: "*:4" is "4:*"; a range above the last names the last.
    [
      '2,4:7,9,12:*',
      15,
      [
        [2, 2],
        [4, 7],
        [9, 9],
        [12, 15],
      ],
    ],
    ['*:4', 7, [[4, 7]]],
    ['3:*', 2, [[2, 3]]],
    ['5,1:3,2:4', 9, [[1, 5]]],
  ] as const)('%s with %i messages', (text, last, expected) => {
    expect(resolveRanges(whole(expectSequenceSet, text), last)).toEqual(expected);
  });
  it('prints runs of numbers as ranges', () => {
    expect(printNumbers([1, 2, 3, 7, 9, 10])).toBe('1:3,7,9:10');
    expect(printNumbers([])).toBe('');
  });
});

describe('FETCH items', () => {
  it.each([
    // RFC 9051 §6.4.5 and its examples
    ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
    ['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
    ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
    ['(FLAGS BODY[HEADER.FIELDS (DATE FROM)])', ['FLAGS', 'BODY[HEADER.FIELDS (DATE FROM)]']],
    ['BODY[]<0.2048>', ['BODY[]<0>']],
    ['body.peek[4.2.2.1.MIME]', ['BODY[4.2.2.1.MIME]']],
    ['(BODY BODYSTRUCTURE BODY[TEXT] BODY[3] UID)', ['BODY', 'BODYSTRUCTURE', 'BODY[TEXT]', 'BODY[3]', 'UID']],
    ['(RFC822 RFC822.HEADER RFC822.TEXT RFC822.SIZE)', ['RFC822', 'RFC822.HEADER', 'RFC822.TEXT', 'RFC822.SIZE']],
    // RFC 1730 §6.4.5
    ['(RFC822.peek RFC822.TEXT.PEEK)', ['RFC822', 'RFC822.TEXT']],
    ['(BINARY.SIZE[1.2] BINARY.PEEK[1]<5.10> BINARY[2])', ['BINARY.SIZE[1.2]', 'BINARY[1]<5>', 'BINARY[2]']],
    // RFC 8514 §4.2
    ['(SAVEDATE UID)', ['SAVEDATE', 'UID']],
    ['(MODSEQ EMAILID THREADID PREVIEW (LAZY))', ['MODSEQ', 'EMAILID', 'THREADID', 'PREVIEW']],
  ])('%s', (text, expected) => {
    const labels = whole(expectFetchAtts, text).map((a) => (a.kind === 'plain' ? a.item : a.label));
    expect(labels).toEqual(expected);
  });
  it.each([
    '',
    '()',
    'FOO',
    '(FLAGS',
    'BODY[',
    'BODY[1.]',
    'BODY[MIME]',
    'BODY[0]',
    'BODY[]<1>',
    'BODY[]<1.0>',
    'BINARY[HEADER]',
    'BODY[HEADER.FIELDS]',
    'BODY[HEADER.FIELDS ()]',
    'FLAGS UID',
  ])('%j is refused', (text) => expect(() => whole(expectFetchAtts, text)).toThrow(SyntaxProblem));
  it.each(['[]', '[1]', '[1.2.HEADER]', '[TEXT]', '[HEADER.FIELDS.NOT (A B)]', '[2.MIME]'])(
    'section %s is printed as read',
    (text) => {
      expect(`[${printSection(whole(expectSection, text))}]`).toBe(text);
    },
  );
});

describe('SEARCH programs', () => {
  it.each([
    // RFC 9051 §6.4.4 examples, then the odd ones
    [
      'FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"',
      {
        key: 'AND',
        of: [
          { key: 'FLAG', flag: '\\flagged' },
          { key: 'SINCE', day: Date.UTC(1994, 1, 1) },
          { key: 'NOT', of: { key: 'FROM', text: 'Smith' } },
        ],
      },
    ],
    [
      'OR (SEEN 1:3) UNDRAFT',
      {
        key: 'AND',
        of: [
          {
            key: 'OR',
            of: [
              {
                key: 'AND',
                of: [
                  { key: 'FLAG', flag: '\\seen' },
                  { key: 'SEQUENCE', set: { ranges: [[1, 3]] } },
                ],
              },
              { key: 'NOT', of: { key: 'FLAG', flag: '\\draft' } },
            ],
          },
        ],
      },
    ],
    ['MODSEQ "/flags/\\\\draft" all 620162338', { key: 'AND', of: [{ key: 'MODSEQ', value: 620162338 }] }],
    // RFC 8514 §4.3
    [
      'SAVEDBEFORE 1-Feb-2019 SAVEDON "2-Feb-2019" SAVEDSINCE 3-Feb-2019 SAVEDATESUPPORTED',
      {
        key: 'AND',
        of: [
          { key: 'SAVEDBEFORE', day: Date.UTC(2019, 1, 1) },
          { key: 'SAVEDON', day: Date.UTC(2019, 1, 2) },
          { key: 'SAVEDSINCE', day: Date.UTC(2019, 1, 3) },
          { key: 'ALL' },
        ],
      },
    ],
    ['HEADER "X-A" ""', { key: 'AND', of: [{ key: 'HEADER', field: 'X-A', text: '' }] }],
    ['UID $ RECENT', { key: 'AND', of: [{ key: 'UID', set: { saved: true, ranges: [] } }, { key: 'RECENT' }] }],
  ])('%s', (text, expected) => expect(whole(expectSearchProgram, text).key).toEqual(expected));

  it('reads the charset and the return options', () => {
    expect(whole(expectSearchProgram, 'CHARSET UTF-8 TEXT "công văn"').charset).toBe('UTF-8');
    const c = cursorOf('RETURN (MIN COUNT) ALL');
    expect(searchReturn(c)).toEqual(['MIN', 'COUNT']);
    expect(searchReturn(cursorOf('RETURN () ALL'))).toEqual(['ALL']);
    expect(searchReturn(cursorOf('ALL'))).toBeUndefined();
  });
  it.each([
    '',
    'FOO',
    'OR SEEN',
    'NOT',
    'SINCE yesterday',
    'SAVEDON',
    'SAVEDSINCE now',
    'KEYWORD',
    'LARGER x',
    '(SEEN',
    'SEEN ',
    '('.repeat(100) + 'ALL' + ')'.repeat(100),
  ])('%j is refused', (text) => expect(() => whole(expectSearchProgram, text)).toThrow(SyntaxProblem));
});

describe('LIST, STATUS and SELECT arguments', () => {
  it.each([
    ['"" "*"', { select: [], reference: '', patterns: ['*'], extended: false }],
    ['(SUBSCRIBED RECURSIVEMATCH) "" %', { select: ['SUBSCRIBED', 'RECURSIVEMATCH'], patterns: ['%'], extended: true }],
    [
      '"" (INBOX "Drafts/%") RETURN (CHILDREN STATUS (MESSAGES SIZE))',
      { patterns: ['INBOX', 'Drafts/%'], returns: { children: true, status: ['MESSAGES', 'SIZE'] } },
    ],
    ['() "" "" RETURN ()', { select: [], patterns: [''], extended: true }],
  ])('LIST %s', (text, expected) => expect(whole(expectListArgs, text)).toMatchObject(expected));
  it.each(['""', '(FOO) "" *', '(RECURSIVEMATCH) "" *', '"" * RETURN', '"" * RETURN (FOO)', '"" ()'])(
    'LIST %s is refused',
    (text) => expect(() => whole(expectListArgs, text)).toThrow(SyntaxProblem),
  );
  it.each([
    ['', []],
    // RFC 6154 §5.3
    [' (USE (\\Drafts))', ['\\Drafts']],
    [' (USE (\\Drafts \\Sent))', ['\\Drafts', '\\Sent']],
    [' (USE ())', []],
  ])('CREATE parameters %j', (text, uses) => expect(whole(expectCreateParams, text)).toEqual(uses));
  it.each([' ', ' ()', ' USE (\\Sent)', ' (USE)', ' (USE \\Sent)', ' (PARTITION x)', ' (USE (\\Sent)'])(
    'CREATE parameters %j are refused',
    (text) => expect(() => whole(expectCreateParams, text)).toThrow(SyntaxProblem),
  );
  it('STATUS items need their parentheses', () => {
    expect(whole(expectStatusAtts, '(UIDNEXT MESSAGES HIGHESTMODSEQ)')).toEqual([
      'UIDNEXT',
      'MESSAGES',
      'HIGHESTMODSEQ',
    ]);
    for (const bad of ['', '()', 'MESSAGES', '(FOO)'])
      expect(() => whole(expectStatusAtts, bad)).toThrow(SyntaxProblem);
  });
  it.each([
    ['', { condstore: false }],
    [' (CONDSTORE)', { condstore: true }],
    // RFC 7162 §3.2.5.2
    [' (QRESYNC (67890007 20050715194045000 41,43:211,214:541))', { qresync: { uidValidity: 67890007 } }],
    [
      ' (QRESYNC (67890007 90060115194045 (5,15 80,100)))',
      {
        qresync: {
          seqMatch: {
            uids: {
              ranges: [
                [80, 80],
                [100, 100],
              ],
            },
          },
        },
      },
    ],
  ])('SELECT parameters %j', (text, expected) => {
    if (text.includes('20050715194045000')) expect(() => whole(expectSelectParams, text)).toThrow(SyntaxProblem);
    else expect(whole(expectSelectParams, text)).toMatchObject(expected);
  });
});

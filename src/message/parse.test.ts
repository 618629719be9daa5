import { describe, expect, it } from 'vitest';

import { decodePart, partByPath } from './content.ts';
import { deriveMessage } from './derive.ts';
import { parseMessage } from './parse.ts';
import {
  bigAttachment,
  deepForwards,
  deepNest,
  hugeHeader,
  manyFields,
  manyParts,
  oddMessage,
  oddMessages,
} from './testing/collection.ts';
import { allParts, cpuTime, expectImapSyntax, expectSoundTree } from './testing/invariants.ts';
import { defaultMessageLimits, type Part } from './types.ts';

const message = (...lines: string[]): Uint8Array => Buffer.from(lines.join('\r\n'));
const bodyOf = (bytes: Uint8Array, part: Part | undefined): string =>
  part === undefined ? 'no part' : Buffer.from(bytes.subarray(part.bodyStart, part.bodyEnd)).toString('latin1');
const bodies = (bytes: Uint8Array): string[] =>
  (parseMessage(bytes).root.parts ?? []).map((part) => bodyOf(bytes, part));
const tree = (part: Part): unknown =>
  part.parts ? part.parts.map(tree) : part.message ? { message: tree(part.message.root) } : part.path;

describe('the part tree', () => {
  it('is that of RFC 2046 §5.1.1, the line end before a delimiter not being content', () => {
    const bytes = message(
      'From: Nathaniel Borenstein <nsb@bellcore.com>',
      'MIME-Version: 1.0',
      'Content-type: multipart/mixed; boundary="simple boundary"',
      '',
      'This is the preamble.',
      '',
      '--simple boundary',
      '',
      'This is implicitly typed plain US-ASCII text.',
      'It does NOT end with a linebreak.',
      '--simple boundary',
      'Content-type: text/plain; charset=us-ascii',
      '',
      'This is explicitly typed plain US-ASCII text.',
      'It DOES end with a linebreak.',
      '',
      '--simple boundary--',
      '',
      'This is the epilogue.',
    );
    expect(bodies(bytes)).toEqual([
      'This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.',
      'This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n',
    ]);
    expectSoundTree(bytes, parseMessage(bytes));
  });

  it('numbers parts as the example of RFC 3501 §6.4.5 does', () => {
    const bytes = message(
      'Content-Type: multipart/mixed; boundary=a',
      '',
      '--a',
      '',
      'TEXT/PLAIN',
      '--a',
      'Content-Type: application/octet-stream',
      '',
      'x',
      '--a',
      'Content-Type: message/rfc822',
      '',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      'x',
      '--b',
      'Content-Type: application/octet-stream',
      '',
      'x',
      '--b--',
      '--a',
      'Content-Type: multipart/mixed; boundary=c',
      '',
      '--c',
      'Content-Type: image/gif',
      '',
      'x',
      '--c',
      'Content-Type: message/rfc822',
      '',
      'Content-Type: multipart/mixed; boundary=d',
      '',
      '--d',
      '',
      'x',
      '--d',
      'Content-Type: multipart/alternative; boundary=e',
      '',
      '--e',
      '',
      'x',
      '--e',
      'Content-Type: text/richtext',
      '',
      'x',
      '--e--',
      '--d--',
      '--c--',
      '--a--',
    );
    expect(tree(parseMessage(bytes).root)).toEqual([
      '1',
      '2',
      { message: ['3.1', '3.2'] },
      ['4.1', { message: ['4.2.1', ['4.2.2.1', '4.2.2.2']] }],
    ]);
  });

  it('gives the single part of a plain message the path 1', () => {
    const { root } = parseMessage(message('Subject: x', '', 'text'));
    expect(root.path).toBe('1');
    expect(partByPath(root, '')).toBe(root);
    expect(partByPath(root, '1')).toBe(root);
    expect(partByPath(root, '1.1')).toBeUndefined();
    expect(partByPath(root, '2')).toBeUndefined();
  });

  it('finds every leaf by its path, and the message/rfc822 rather than the multipart inside it', () => {
    const { root } = parseMessage(oddMessage('nested-forwards'));
    for (const part of allParts(root).filter((each) => !each.parts)) expect(partByPath(root, part.path)).toBe(part);
    expect(partByPath(root, '2')?.subtype).toBe('rfc822');
  });

  it.each(['\r\n', '\n'])('is the same with line ends %j', (end) => {
    const text = [
      'Content-Type: multipart/mixed; boundary=a',
      '',
      '--a',
      '',
      'one',
      '',
      '--a',
      'Content-Type: message/rfc822',
      '',
      'Subject: x',
      '',
      'y',
      '--a--',
      '',
    ];
    const bytes = Buffer.from(text.join(end));
    expect(bodies(bytes)).toEqual([`one${end}`, `Subject: x${end}${end}y`]);
    expect(parseMessage(bytes).root.parts?.map((part) => part.lines)).toEqual([1, 3]);
  });

  it('does not take a longer boundary, or one with text after it, for the delimiter', () => {
    expect(
      bodies(
        message(
          'Content-Type: multipart/mixed; boundary=ab',
          '',
          '--ab',
          '',
          '--abc',
          '--ab x',
          ' --ab',
          '--a',
          '--ab--x',
          '--ab \t',
          '',
          'two',
          '--ab-- ',
          '--ab',
          '',
          'no',
        ),
      ),
    ).toEqual(['--abc\r\n--ab x\r\n --ab\r\n--a\r\n--ab--x', 'two']);
  });

  it('lets an outer delimiter end all that is open inside', () => {
    const bytes = message(
      'Content-Type: multipart/mixed; boundary=o',
      '',
      '--o',
      'Content-Type: multipart/mixed; boundary=i',
      '',
      '--i',
      'Content-Type: message/rfc822',
      '',
      'Subject: x',
      '',
      'inner',
      '--o',
      '',
      'outer',
      '--o--',
    );
    const { root } = parseMessage(bytes);
    expect(tree(root)).toEqual([[{ message: '1.1.1' }], '2']);
    expect(bodyOf(bytes, partByPath(root, '1.1.1'))).toBe('inner');
    expect(root.parts?.[0]?.defects).toEqual(['no-closing-boundary']);
  });

  it('takes the first of two Content-Type fields, as mail readers do', () => {
    expect(parseMessage(message('Content-Type: text/html', 'Content-Type: text/plain', '', 'x')).root.subtype).toBe(
      'html',
    );
  });
});

describe('limits', () => {
  const defects = (root: Part): string[] => allParts(root).flatMap((part) => part.defects ?? []);

  it('keeps what is nested deeper as one closed part', () => {
    for (const bytes of [deepNest(200), deepForwards(200)]) {
      const parsed = parseMessage(bytes);
      expectSoundTree(bytes, parsed);
      expect(defects(parsed.root)).toContain('too-deep');
      expect(allParts(parsed.root).length).toBeLessThanOrEqual(defaultMessageLimits.depth + 1);
      const derived = deriveMessage(bytes);
      expectImapSyntax(derived.imapBodyStructure);
      expect(derived.attachments.length).toBe(1);
    }
  });

  it('keeps the parts beyond the count as one closed part, which is still downloaded whole', () => {
    const bytes = manyParts(5000);
    const parsed = parseMessage(bytes);
    expectSoundTree(bytes, parsed);
    expect(parsed.root.parts?.length).toBe(defaultMessageLimits.parts);
    const last = parsed.root.parts?.at(-1);
    expect(last).toMatchObject({ type: 'application', subtype: 'octet-stream', defects: ['too-many-parts'] });
    expect(bodyOf(bytes, last)).toContain('part 4999');
    expect(bodyOf(bytes, last)).not.toContain('epilogue');
  });

  it('allows exactly as many parts as the limit says', () => {
    const limits = { ...defaultMessageLimits, parts: 4 };
    expect(defects(parseMessage(manyParts(3), limits).root)).toEqual([]);
    expect(defects(parseMessage(manyParts(4), limits).root)).toEqual(['too-many-parts']);
  });

  it('a header beyond its limits is read up to them and the body is still found', () => {
    for (const [bytes, defect] of [
      [hugeHeader(2_000_000), 'header-too-long'],
      [manyFields(100_000), 'too-many-fields'],
    ] as const) {
      const parsed = parseMessage(bytes);
      expect(parsed.root.defects).toContain(defect);
      expect(bodyOf(bytes, parsed.root)).toBe('body\r\n');
      expect(parsed.header.length).toBeLessThanOrEqual(defaultMessageLimits.headerFields);
    }
  });

  it.each([
    [
      'a boundary of 100,000 characters',
      () =>
        message(
          `Content-Type: multipart/mixed; boundary="${'b'.repeat(100_000)}"`,
          '',
          `--${'b'.repeat(100_000)}`,
          '',
          'x',
        ),
    ],
    [
      '500,000 lines that begin like a delimiter',
      () => message('Content-Type: multipart/mixed; boundary=b', '', '--b', '', '--bb\r\n'.repeat(500_000)),
    ],
    ['500,000 delimiters', () => message('Content-Type: multipart/mixed; boundary=b', '', '--b\r\n'.repeat(500_000))],
    [
      'one line of 5 MB of dashes',
      () => message('Content-Type: multipart/mixed; boundary=b', '', '-'.repeat(5_000_000)),
    ],
    ['a header line of 5 MB without a colon', () => message('x'.repeat(5_000_000), '', 'x')],
    ['100,000 continuation lines', () => message('Subject: x\r\n y'.repeat(1) + '\r\n y'.repeat(100_000), '', 'x')],
    ['a References field of 500 KB', () => message(`References: ${'<a@b> '.repeat(80_000)}`, '', 'x')],
    ['20,000 recipients', () => message(`To: ${'"Nguyễn, Văn" <a@b.vn>, '.repeat(20_000)}`, '', 'x')],
    ['a subject of 100,000 Re:', () => message(`Subject: ${'Re: '.repeat(100_000)}`, '', 'x')],
    ['a subject of 30,000 encoded words', () => message(`Subject: ${'=?utf-8?Q?a?= '.repeat(30_000)}`, '', 'x')],
    [
      'HTML of 200,000 unclosed tags',
      () => message('Content-Type: text/html', '', '<div style="display:none" <p '.repeat(200_000)),
    ],
    [
      'HTML of 500,000 angle brackets',
      () =>
        message(
          'Content-Type: text/html',
          '',
          '<'.repeat(500_000),
          '<!--'.repeat(100_000),
          '<a ="'.repeat(100_000),
          '&'.repeat(100_000),
        ),
    ],
    [
      'HTML of 100,000 open elements',
      () => message('Content-Type: text/html', '', '<div><script>'.repeat(100_000), '</style'.repeat(100_000)),
    ],
  ])('%s: no more than a moment', (_, build) => {
    const bytes = build();
    expect(cpuTime(() => expectImapSyntax(deriveMessage(bytes).imapEnvelope))).toBeLessThan(4000);
  });

  it('reads the tree of 25 MB at memory speed, and time grows with size only', () => {
    const time = (octets: number): number => {
      const bytes = bigAttachment(octets);
      return Math.min(...[1, 2, 3].map(() => cpuTime(() => parseMessage(bytes))));
    };
    time(1_000_000);
    // Some 25 ms; the margin is for slow machines.
    expect(time(25_000_000)).toBeLessThan(500);
  });
});

describe('the collection', () => {
  it.each(oddMessages().map(({ name, bytes }) => [name, bytes] as const))('%s keeps all invariants', (_, bytes) => {
    expectSoundTree(bytes, parseMessage(bytes));
    const derived = deriveMessage(bytes);
    expectImapSyntax(derived.imapEnvelope);
    expectImapSyntax(derived.imapBodyStructure);
    for (const part of allParts(derived.root)) decodePart(bytes, part);
  });
});

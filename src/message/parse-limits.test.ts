import { describe, expect, it } from 'vitest';

import { deriveMessage } from './derive.ts';
import { parseMessage } from './parse.ts';
import { bigAttachment, deepForwards, deepNest, hugeHeader, manyFields, manyParts } from './testing/collection.ts';
import { allParts, cpuTime, expectImapSyntax, expectSoundTree } from './testing/invariants.ts';
import { bodyOf, message } from './testing/lines.ts';
import { defaultMessageLimits, type Part } from './types.ts';

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

import { describe, expect, it } from 'vitest';

import { decodePart, partByPath } from './content.ts';
import { deriveMessage } from './derive.ts';
import { parseMessage } from './parse.ts';
import { oddMessage, oddMessages } from './testing/collection.ts';
import { allParts, expectImapSyntax, expectSoundTree } from './testing/invariants.ts';
import { bodyOf, message } from './testing/lines.ts';
import type { Part } from './types.ts';

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

describe('the collection', () => {
  it.each(oddMessages().map(({ name, bytes }) => [name, bytes] as const))('%s keeps all invariants', (_, bytes) => {
    expectSoundTree(bytes, parseMessage(bytes));
    const derived = deriveMessage(bytes);
    expectImapSyntax(derived.imapEnvelope);
    expectImapSyntax(derived.imapBodyStructure);
    for (const part of allParts(derived.root)) decodePart(bytes, part);
  });
});

import { describe, expect, it } from 'vitest';

import { turns } from '../../base/turns.ts';
import { byReferences } from './references.ts';
import { orderedSubject, printThreads, type Thread, type Threadable } from './thread.ts';

/** "a<b c: Re: s @5": message with id a, references b and c, subject s, a reply, sent at 5. */
function messages(...lines: string[]): Threadable[] {
  return lines.map((line, i) => {
    const [, id, refs, re, subject, at] = /^(\S*?)(?:<([^:]*))?: (Re: )?(\S*)(?: @(\d+))?$/.exec(line) ?? [];
    return {
      number: i + 1,
      date: at === undefined ? i : Number(at),
      subject: subject ?? '',
      replyOrForward: re !== undefined,
      messageId: id || undefined,
      references: refs ? refs.split(' ') : [],
    };
  });
}
const threads = async (...lines: string[]): Promise<string> =>
  printThreads(await byReferences(messages(...lines), turns()), turns());

describe('THREAD=REFERENCES', () => {
  it.each<[string, string[], string]>([
    ['a chain', ['a: x', 'b<a: Re: x', 'c<a b: Re: x'], '(1 2 3)'],
    ['branches', ['a: x', 'b<a: Re: x', 'c<a: Re: x', 'd<a c: Re: x'], '(1 (2)(3 4))'],
    ['the child before its parent', ['b<a: Re: x @2', 'a: x @1'], '(2 1)'],
    ['no id at all', [': x', ': y'], '(1)(2)'],
    ['the same id twice', ['a: x', 'a: y', 'b<a: Re: x'], '(1 3)(2)'],
    ['a parent that is not here', ['b<a: Re: x', 'c<a: Re: x'], '((1)(2))'],
    ['a single child of one that is not here', ['b<a: Re: x', 'z: y'], '(1)(2)'],
    ['a gap in the middle', ['a: x', 'c<a b: Re: x'], '(1 2)'],
    ['two below a gap in the middle', ['a: x', 'c<a b: Re: x', 'd<a b: Re: x'], '(1 (2)(3))'],
    ['a loop', ['a<b: x', 'b<a: x'], '(2 1)'],
    ['itself', ['a<a: x'], '(1)'],
    ['truncated references: its own say better', ['c<b: Re: x @3', 'b<a: Re: x @2', 'a: x @1'], '(3 2 1)'],
    ['reply without references joins by subject', ['a: x', 'b: Re: x'], '(1 2)'],
    ['replies only, by subject, get a place above them', ['a: Re: x', 'b: Re: x'], '((1)(2))'],
    ['two originals of one subject get a place above them', ['a: x', 'b: x', 'c: x'], '((1)(2)(3))'],
    ['the original wins the subject though it came later', ['b: Re: x @1', 'a: x @2'], '(2 1)'],
    ['a place with that subject takes others in', ['c<q: Re: x', 'd<q: Re: x', 'e: Re: x'], '((1)(2)(3))'],
    [
      'two places of one subject become one',
      ['c<q: Re: x', 'd<q: Re: x', 'e<r: Re: x', 'f<r: Re: x'],
      '((1)(2)(3)(4))',
    ],
    ['no subject joins nothing', ['a: ', 'b: '], '(1)(2)'],
    ['by date, then by number', ['a: x @9', 'b: y @1', 'c: z @1'], '(2)(3)(1)'],
    ['a place stands where its first child does', ['d: y @5', 'b<a: Re: x @9', 'c<a: Re: x @1'], '((3)(2))(1)'],
    ['nothing', [], ''],
  ])('%s', async (_, lines, expected) => expect(await threads(...lines)).toBe(expected));

  it('a chain as long as a mailbox, from either end, is no deep recursion', async () => {
    const chain = Array.from({ length: 50_000 }, (_, i) => `m${i}${i > 0 ? `<m${i - 1}` : ''}: x @${i}`);
    const expected = `(${chain.map((_, i) => i + 1).join(' ')})`;
    expect(await threads(...chain)).toBe(expected);
    expect(await threads(...chain.toReversed())).toBe(`(${chain.map((_, i) => chain.length - i).join(' ')})`);
  });
});

describe('THREAD=ORDEREDSUBJECT', () => {
  it('the first of each subject, the others its children (RFC 5256 §3)', async () => {
    const list = messages('a: x @5', 'b: y @1', 'c: x @2', 'd: x @9');
    expect(await printThreads(await orderedSubject(list, turns()), turns())).toBe('(2)(3 (1)(4))');
  });
});

describe('the response', () => {
  const t = (number: number | undefined, ...children: Thread[]): Thread => ({
    ...(number !== undefined && { message: { ...messages('a: x')[0]!, number } }),
    children,
  });
  it.each<[string, Thread[]]>([
    // RFC 5256 §4, THREAD response
    ['(2)(3 6 (4 23)(44 7 96))', [t(2), t(3, t(6, t(4, t(23)), t(44, t(7, t(96)))))]],
    ['((3)(5))', [t(undefined, t(3), t(5))]],
  ])('%s', async (text, given) => expect(await printThreads(given, turns())).toBe(text));
});

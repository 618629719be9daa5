import { describe, expect, it } from 'vitest';

import { expectAppendArgs } from './append-args.ts';
import { cursorOf, expectEnd, SyntaxProblem } from './cursor.ts';

const ONE = Buffer.from('Subject: 1\r\n\r\n');
function parse(text: string, literals = 1): ReturnType<typeof expectAppendArgs> {
  const c = cursorOf(
    text,
    Array.from({ length: literals }, () => ONE),
  );
  const result = expectAppendArgs(c);
  expectEnd(c);
  return result;
}

describe('APPEND arguments', () => {
  it.each([
    // RFC 9051 §6.3.12
    ['saved-messages (\\Seen) {326}\r\n', 1, [['\\Seen']]],
    // RFC 3502 §6.3.11
    ['saved-messages (\\Seen) {329}\r\n (\\Seen) {295}\r\n', 2, [['\\Seen'], ['\\Seen']]],
    ['saved-messages (\\Seen) {329}\r\n {0}\r\n', 2, [['\\Seen'], []]],
    ['"a b" () " 1-Jan-2026 08:00:00 +0700" ~{3+}\r\n (x \\Draft) UTF8 (~{14+}\r\n)', 2, [[], ['x', '\\Draft']]],
  ])('%j', (text, literals, flags) => {
    expect(parse(text, literals).messages.map((m) => m.flags)).toEqual(flags);
  });
  it('the date is an instant of its own message', () => {
    const { messages } = parse('x " 1-Jan-2026 08:00:00 +0700" {14}\r\n {14}\r\n', 2);
    expect(messages.map((m) => m.receivedAt)).toEqual([Date.UTC(2026, 0, 1, 1), undefined]);
  });
  it.each([
    ['', 0],
    ['x', 0],
    ['x (\\Seen)', 0],
    ['x "text"', 0],
    ['x {1}\r\n ', 1],
    ['x {1}\r\n (\\Seen)', 1],
    ['x {1}\r\n{1}\r\n', 2],
    ['x {1}\r\n {1}\r\n', 1],
    ['x UTF8 {1}\r\n', 1],
    ['x UTF8 ({1}\r\n', 1],
  ])('%j with %i literals is refused', (text, literals) => expect(() => parse(text, literals)).toThrow(SyntaxProblem));
});

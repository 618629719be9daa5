import { describe, expect, it } from 'vitest';

import { CommandReader, type ReaderEvent, type ReaderLimits } from './command-reader.ts';

const limits: ReaderLimits = { line: 100, literalLimit: (text) => (text.includes('APPEND') ? 1000 : 20) };

/** Feeds octets in pieces of this size and collects every event. */
function feed(text: string, size: number, most = 50): ReaderEvent[] {
  const reader = new CommandReader();
  const bytes = Buffer.from(text);
  const events: ReaderEvent[] = [];
  for (let i = 0; i < bytes.length; i += size) {
    reader.push(bytes.subarray(i, i + size));
    for (let event = reader.next(limits); event; event = reader.next(limits)) {
      events.push(event);
      if (event.kind === 'fatal' || events.length > most) return events;
    }
  }
  return events;
}
const commandsOf = (events: ReaderEvent[]) =>
  events.flatMap((e) => (e.kind === 'command' ? [[e.command.text.toString(), ...e.command.literals.map(String)]] : []));

describe('the reader of commands', () => {
  it.each([1, 2, 3, 7, 1000])('gives the same commands in pieces of %i octets', (size) => {
    const text = 'a NOOP\r\nb LOGIN {3+}\r\nx\r\n {2+}\r\n{1\r\nc NOOP\nd APPEND x ~{4+}\r\n\0\r\n1)\r\n';
    expect(commandsOf(feed(text, size))).toEqual([
      ['a NOOP'],
      ['b LOGIN {3+}\r\n {2+}\r\n', 'x\r\n', '{1'],
      ['c NOOP'],
      ['d APPEND x ~{4+}\r\n)', '\0\r\n1'],
    ]);
  });
  it('says with how many octets something can be done: a line may be short, a literal comes as a whole', () => {
    const reader = new CommandReader();
    const wanted = (text: string): number => {
      reader.push(Buffer.from(text));
      reader.next(limits);
      return reader.wanted;
    };
    expect(reader.wanted).toBe(1);
    expect(wanted('a LOGIN {9+}\r\n')).toBe(10);
    expect(wanted('12345')).toBe(5);
    expect(wanted('6789')).toBe(1);
    expect(wanted('\r\nb NO')).toBe(1);
  });
  it('asks for a synchronizing literal and takes empty ones', () => {
    expect(feed('a LOGIN {0}\r\n {2}\r\nab\r\n', 1).map((e) => e.kind)).toEqual(['continue', 'continue', 'command']);
  });
  it('refuses a large synchronizing literal before a single octet of it', () => {
    const events = feed('a LOGIN {21}\r\nb NOOP\r\n', 5);
    expect(events.map((e) => e.kind)).toEqual(['refused', 'command']);
    expect(events[0]).toMatchObject({ size: 21 });
  });
  it('counts the literals of a command together', () => {
    expect(feed('a LOGIN {15}\r\n123456789012345 {6}\r\n', 100).map((e) => e.kind)).toEqual(['continue', 'refused']);
  });
  it('gives up on a large literal that comes unasked, and on long lines', () => {
    expect(feed('a LOGIN {999999999999+}\r\n', 100).at(-1)).toEqual({ kind: 'fatal', reason: 'literal' });
    expect(feed(`a ${'x'.repeat(200)}`, 10).at(-1)).toEqual({ kind: 'fatal', reason: 'line' });
    expect(feed(`a APPEND ${'{1+}\r\nx '.repeat(50)}`, 10).at(-1)).toEqual({ kind: 'fatal', reason: 'line' });
  });
  it('looks at the beginning of a command alone for each of its literals, however many there are', () => {
    const seen = new Set<number>();
    const reader = new CommandReader();
    reader.push(Buffer.from(`a APPEND x${' {0+}\r\n'.repeat(9000)}\r\n`));
    const literalLimit = (text: Buffer): number => {
      seen.add(text.length);
      return 1000;
    };
    const event = reader.next({ line: 70_000, literalLimit });
    expect(event?.kind === 'command' && event.command.literals.length).toBe(9000);
    expect([...seen]).toEqual(['a APPEND x {0+}\r\n'.length]);
  });
  it('gives bare lines for SASL and IDLE, and forgets everything at STARTTLS', () => {
    const reader = new CommandReader();
    reader.push(Buffer.from('DONE\r\nab'));
    expect(reader.nextLine(10)?.toString()).toBe('DONE');
    expect(reader.nextLine(10)).toBeUndefined();
    expect(reader.nextLine(1)).toBeNull();
    expect(reader.discard()).toBe(2);
    expect(reader.waiting).toBe(0);
  });
});

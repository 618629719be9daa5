import { describe, expect, it } from 'vitest';
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';

import { random as seeded } from '../base/testing/random.ts';
import { DataParser } from './data-parser.ts';

/** What a parser makes of these chunks after DATA: the message, its counted octets, and the command behind it. */
async function parse(parser: SMTPStream, chunks: readonly Buffer[]) {
  const taken: Buffer[] = [];
  const commands: string[] = [];
  const stream = parser.startDataMode();
  let whole: string | undefined;
  stream.write = (chunk: Buffer) => taken.push(Buffer.from(chunk)) > 0;
  stream.end = (chunk?: unknown) => {
    if (chunk instanceof Buffer) taken.push(Buffer.from(chunk));
    whole = Buffer.concat(taken).toString('latin1');
    setImmediate(() => parser.continue());
    return stream;
  };
  parser.oncommand = (command, next) => {
    commands.push(command.toString('latin1'));
    next?.();
  };
  for (const chunk of chunks) await new Promise((resolve) => parser.write(chunk, resolve));
  return { whole, bytes: stream.byteLength, commands };
}

function cut(bytes: Buffer, random: (n: number) => number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random([3, 80, 2000][random(3)] ?? 1);
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

describe('the parser of messages', () => {
  it('finds the same message and the same end as smtp-server does, however the octets are cut', async () => {
    const { int: random } = seeded(20261122);
    const words = [
      '.',
      '..',
      '\r\n',
      '\r\n',
      '\n',
      '\r',
      '\r\n.',
      '\r\n..',
      '\n.',
      'x',
      'y'.repeat(70),
      'z'.repeat(900),
    ];
    for (let round = 0; round < 400; round++) {
      const text = Array.from({ length: random(40) }, () => words[random(words.length)] ?? '').join('');
      const bytes = Buffer.from(`${text}\r\n.\r\nNOOP ${round}\r\n`, 'latin1');
      const chunks = cut(bytes, random);
      const expected = await parse(new SMTPStream(), chunks);
      expect(expected.whole, JSON.stringify(text)).toBeDefined();
      expect(await parse(new DataParser(), chunks), JSON.stringify(text)).toEqual(expected);
    }
  });

  it('takes a message of lines without dots as it is', async () => {
    const lines = `${'a'.repeat(76)}\r\n`.repeat(300);
    const bytes = Buffer.from(`${lines}.\r\nQUIT\r\n`);
    expect(await parse(new DataParser(), [bytes])).toEqual({ whole: lines, bytes: lines.length, commands: ['QUIT'] });
  });
});

/** The octets of a message, and what a server puts in front of them. */
import { PassThrough } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { createBudget, inFrontOf, withData } from './data.ts';

const LIMITS = { maxBytes: 100_000, budget: createBudget(100_000) };

/** As smtp-server hands it over, in pieces of ten octets. */
function received(text: string): Promise<Uint8Array> {
  const octets = Buffer.from(text);
  const stream = Object.assign(new PassThrough(), { byteLength: octets.length, sizeExceeded: false });
  const bytes = withData(stream, LIMITS, (given) => Promise.resolve(given));
  for (let at = 0; at < octets.length; at += 10) stream.write(octets.subarray(at, at + 10));
  stream.end();
  return bytes;
}
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const TRACE = Buffer.from('Received: from here by there\r\n');
const MESSAGE = 'Subject: x\r\n\r\nKính gửi\r\n';

describe('what is put in front of a received message', () => {
  it('comes before its octets, without another copy of them', async () => {
    const bytes = await received(MESSAGE);
    const whole = inFrontOf(bytes, TRACE);
    expect(textOf(whole)).toBe(`${TRACE.toString()}${MESSAGE}`);
    expect(textOf(bytes)).toBe(MESSAGE);
    expect(whole.buffer).toBe(bytes.buffer);
  });

  it('stays what it is when something else is put in front of the same message', async () => {
    const bytes = await received(MESSAGE);
    const first = inFrontOf(bytes, TRACE);
    const second = inFrontOf(bytes, Buffer.from('X-Other: field of another kind\r\n'));
    expect(textOf(first)).toBe(`${TRACE.toString()}${MESSAGE}`);
    expect(textOf(second)).toBe(`X-Other: field of another kind\r\n${MESSAGE}`);
  });

  it('may be of any length, and in front of octets that came another way', async () => {
    const long = Buffer.from(`X-Long: ${'a'.repeat(5000)}\r\n`);
    expect(textOf(inFrontOf(await received(MESSAGE), long))).toBe(`${long.toString()}${MESSAGE}`);
    const part = (await received(MESSAGE)).subarray(4);
    expect(textOf(inFrontOf(part, TRACE))).toBe(`${TRACE.toString()}${MESSAGE.slice(4)}`);
  });
});

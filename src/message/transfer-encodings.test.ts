/** Base64 of any size gives what RFC 2045 §6.8 says, however its lines look. */
import { randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { decodeBase64 } from './transfer-encodings.ts';

/** RFC 2045 §6.8, at its plainest: other characters are ignored, padding ends a run. */
function plainly(body: string): Buffer {
  const runs = body.replace(/[^A-Za-z0-9+/=]/g, '').split(/=+/);
  return Buffer.concat(runs.map((run) => Buffer.from(run, 'base64')));
}
const decoded = (body: string): Buffer => Buffer.from(decodeBase64(Buffer.from(body, 'latin1')));
const linesOf = (octets: Buffer, length: number, lineEnd: string): string =>
  (octets.toString('base64').match(new RegExp(`.{1,${length}}`, 'g')) ?? []).join(lineEnd);

describe('base64', () => {
  it('comes out the same whatever the length of its lines and their ends', () => {
    const octets = randomBytes(150_001);
    for (const length of [4, 60, 75, 76, 77, 998, 40_000, 300_000]) {
      for (const lineEnd of ['\r\n', '\n', '\r\n ', '\n\n']) {
        const body = linesOf(octets, length, lineEnd);
        expect(decoded(body).equals(octets)).toBe(true);
        expect(decoded(`${body}${lineEnd}`).equals(octets)).toBe(true);
      }
    }
  });

  it('comes out the same at every size around a block of lines', () => {
    const octets = randomBytes(50_000);
    for (let size = 23_800; size < 24_100; size++)
      expect(decoded(linesOf(octets.subarray(0, size), 76, '\r\n')).equals(octets.subarray(0, size))).toBe(true);
  });

  it('is read as the standard says where lines are longer, shorter or spoilt', () => {
    const body = linesOf(randomBytes(90_000), 76, '\r\n');
    const spoil = ['', ' ', 'A', 'AB', '=', '==', '-', '_', '\r\n', '\n', '\0', 'AAAA', 'x\r\ny'];
    for (const [i, odd] of [...spoil, ...spoil].entries()) {
      // At a line end, within a line, one character taken out or none, and another line that makes up for it.
      for (const at of [76, 77, 78, 40_000, 40_001, 100_000, body.length - 3]) {
        for (const gone of [0, 1, 2]) {
          const once = body.slice(0, at) + odd + body.slice(at + gone);
          const again = i < spoil.length ? once : `${once.slice(0, 50_000)}Q${once.slice(50_000)}`;
          if (!decoded(again).equals(plainly(again))) expect([at, odd, gone]).toEqual([]);
        }
      }
    }
  });
});

/** Messages that were sent as files of messages, again and again: each of them lies as a recipe, once it came by itself. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { deriveMessage } from '../message/derive.ts';
import { parseMessage } from '../message/parse.ts';
import { encodedSpans } from '../message/spans.ts';
import { MAX_DEPTH } from './open.ts';
import { CONTENT_BYTES } from './recipe.ts';
import { noise } from './testing/noise.ts';
import { letter, NOW, only, SharedFiles, type Letter } from './testing/sharing.ts';

const PASSED_ON = 13;

/** A message that holds another as a file, its spans as the parser of messages gives them. */
function passedOn(inner: Buffer, level: number, encoding: 'base64' | 'binary' | '8bit'): Letter {
  const head = `From: a@b.vn\r\nSubject: Fwd ${level}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=${level}"\r\n\r\n`;
  const file = `--=${level}\r\nContent-Type: application/octet-stream; name="thu.eml"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  const body = encoding === 'base64' ? Buffer.from(inner.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n')) : inner;
  const bytes = Buffer.concat([Buffer.from(head + file), body, Buffer.from(`\r\n--=${level}--\r\n`)]);
  return { bytes, spans: encodedSpans(parseMessage(bytes).root, deriveMessage(bytes).attachments) };
}

function chain(encoding: 'base64' | 'binary' | '8bit'): Letter[] {
  const all = [letter('đầu tiên', noise(3000))];
  for (let level = 1; level < PASSED_ON; level++) all.push(passedOn(all.at(-1)!.bytes, level, encoding));
  return all;
}

describe.each(dialects)('messages within messages on $dialect', ({ open }) => {
  let store: SharedFiles;
  beforeAll(async () => {
    store = new SharedFiles(await open());
  });
  beforeEach(() => store.fresh());
  afterAll(() => store.dispose());

  it.each(['base64', 'binary', '8bit'] as const)(
    'in %s are read, however often they were passed on',
    async (encoding) => {
      const all = chain(encoding);
      const hashes = [];
      // The last comes first: what it names turns into recipes later, one after the other.
      for (const one of all.reverse()) hashes.push(await store.put(one));
      for (const [i, hash] of hashes.entries()) await store.expectRead(hash, all[i]!.bytes);
      const [hash, { bytes }] = [hashes[0]!, all[0]!];
      const pieces: Uint8Array[] = [];
      for await (const piece of store.blobs.stream(hash, 1)) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(bytes.subarray(1))).toBe(true);
      const middle = bytes.length >> 1;
      const part = await store.blobs.readRange(hash, middle, middle + 100);
      expect(Buffer.from(part).equals(bytes.subarray(middle, middle + 100))).toBe(true);
      expect(await store.findings()).toEqual([]);
      expect(await store.blobs.sweep(only(hash), NOW + 1)).toBe(encoding === 'base64' ? 0 : PASSED_ON);
      await store.expectRead(hash, bytes);
      await store.blobs.sweep(only(), NOW + 1);
      expect([await store.count('blobs'), await store.count('blob_parts')]).toEqual([0, 0]);
    },
  );

  it('cannot be deeper than is read', () => {
    // In base64 each is a third longer than what it holds; JavaScript has no buffer of that size.
    expect(CONTENT_BYTES * (4 / 3) ** MAX_DEPTH).toBeGreaterThan(2 ** 36);
  });
});

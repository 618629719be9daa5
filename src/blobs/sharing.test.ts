/** Files under names of their own: shared by messages, uploads and documents, kept as long as anything needs them. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import { ROW_BYTES } from './blob-store.ts';
import { CONTENT_BYTES, MAX_CONTENTS, TEXT_BYTES, type Span } from './recipe.ts';
import { YOUNG } from './rows.ts';
import { noise, noiseText } from './testing/noise.ts';
import { letter, NOW, only, SharedFiles } from './testing/sharing.ts';

describe.each(dialects)('files of messages on $dialect', ({ open }) => {
  let store: SharedFiles;
  beforeAll(async () => {
    store = new SharedFiles(await open());
  });
  afterAll(() => store.dispose());
  beforeEach(() => store.fresh());

  it('lie once, decoded, under the name that documents use too', async () => {
    const file = noise(300_000);
    const first = letter('một', file);
    const second = letter('hai', file, file);
    const hashes = [await store.put(first), await store.put(second)];
    await store.put({ bytes: file, spans: [] }); // the same file, registered as a document
    expect(await store.count('blobs')).toBe(3);
    expect(await store.filesIn()).toBe(1);
    await store.expectRead(hashes[0]!, first.bytes);
    await store.expectRead(hashes[1]!, second.bytes);
    await store.expectRead(sha256(file), file);
    expect(await store.blobs.size(hashes[1]!)).toBe(second.bytes.length);
    expect(await store.findings()).toEqual([]);
  });

  it.each([
    ['below the least size of a file of its own', CONTENT_BYTES - 1, 1, 0],
    ['of that size', CONTENT_BYTES, 2, 0],
    ['that fit into a row', ROW_BYTES - 64, 2, 0],
    ['that do not', ROW_BYTES, 2, 1],
  ])('%s are stored where they belong', async (_, size, rows, outside) => {
    const made = letter('kèm', noise(size));
    await store.expectRead(await store.put(made), made.bytes);
    expect([await store.count('blobs'), await store.filesIn()]).toEqual([rows, outside]);
  });

  it('are named up to a limit; more of them stay in the text', async () => {
    const files = Array.from({ length: MAX_CONTENTS + 3 }, (_, i) => noise(CONTENT_BYTES, i));
    const made = letter('nhiều', ...files);
    await store.expectRead(await store.put(made), made.bytes);
    // The message, its files, and the text: too large for the recipe now that files are in it.
    const text = 3 * CONTENT_BYTES > TEXT_BYTES ? 1 : 0;
    expect(await store.count('blobs')).toBe(1 + MAX_CONTENTS + text);
  });

  it('stay while a message needs them, whoever else lets go, and leave with the last', async () => {
    const file = noise(200_000);
    const [a, b] = [await store.put(letter('a', file)), await store.put(letter('b', file))];
    await store.put({ bytes: file, spans: [] });
    const old = NOW + 1;
    expect(await store.blobs.sweep(only(a, b), old)).toBe(0);
    expect(await store.blobs.sweep(only(b), old)).toBe(1);
    await store.expectRead(b, letter('b', file).bytes);
    expect(await store.findings()).toEqual([]);
    expect(await store.blobs.sweep(only(), old)).toBe(2);
    expect([await store.count('blobs'), await store.count('blob_parts')]).toEqual([0, 0]);
  });

  it('stay when a document needs them and no message does', async () => {
    const file = noise(5000);
    await store.put(letter('a', file));
    expect(await store.blobs.sweep(only(sha256(file)), NOW + 1)).toBe(1);
    await store.expectRead(sha256(file), file);
    expect(await store.findings()).toEqual([]);
  });

  it('are young again when a message that needs them is stored again', async () => {
    const file = noise(5000);
    const made = letter('a', file);
    await store.put(made);
    const later = NOW + YOUNG + 1;
    store.clock.set(later);
    await store.put(made);
    expect(await store.blobs.sweep(only(), later)).toBe(0);
    expect(await store.blobs.sweep(only(), later + 1)).toBe(2);
  });

  it('are not written again while they are young', async () => {
    const made = letter('a', noise(5000));
    await store.put(made);
    store.clock.set(NOW + YOUNG);
    await store.put(made);
    expect(await store.blobs.sweep(only(), NOW + 1)).toBe(2);
  });

  it('survive a sweep that looked before the message came', async () => {
    const file = noise(5000);
    await store.put({ bytes: file, spans: [] });
    const made = letter('a', file);
    let late: BlobHash | undefined;
    await store.blobs.sweep(async (hashes) => {
      if (late === undefined && hashes.length > 0) {
        store.clock.set(NOW + 5000);
        late = await store.put(made);
      }
      return new Set();
    }, NOW + 1000);
    await store.expectRead(late!, made.bytes);
    expect(await store.findings()).toEqual([]);
  });

  it('are found anew in what was uploaded as a whole, large or small', async () => {
    for (const size of [5000, 400_000]) {
      const made = letter(`thư ${size}`, noise(size));
      const hash = await store.put({ bytes: made.bytes, spans: [] });
      expect(await store.count('blob_parts')).toBe(0);
      expect(await store.put(made)).toBe(hash);
      await store.expectRead(hash, made.bytes);
      expect(await store.count('blob_parts')).toBe(1);
      // Stored whole again by whoever does not know it for a message: it stays a recipe.
      await store.put({ bytes: made.bytes, spans: [] });
      await store.expectRead(hash, made.bytes);
      expect(await store.findings()).toEqual([]);
      await store.clear();
    }
  });

  it('may be messages with files themselves', async () => {
    const inner = letter('trong', noise(9000));
    const outer = letter('ngoài', inner.bytes);
    const hash = await store.put(outer);
    await store.put(inner);
    await store.expectRead(hash, outer.bytes);
    const pieces: Uint8Array[] = [];
    for await (const piece of store.blobs.stream(hash, 100)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(outer.bytes.subarray(100))).toBe(true);
    expect(await store.blobs.sweep(only(hash), NOW + 1)).toBe(0);
    expect(await store.blobs.sweep(only(), NOW + 1)).toBe(3);
  });

  it('a large text has a name of its own, and goes with its message', async () => {
    const made = letter(noiseText(3 * ROW_BYTES), noise(3000));
    const hash = await store.put(made);
    expect([await store.count('blobs'), await store.filesIn()]).toEqual([3, 1]);
    await store.expectRead(hash, made.bytes);
    expect(await store.blobs.sweep(only(), NOW + 1)).toBe(3);
  });

  it('spans that cannot be are no danger: overlapping, backwards, beyond the end, of nothing', async () => {
    const { bytes, spans } = letter('lạ', noise(5000), noise(6000, 2));
    const [a, b] = spans as [Span, Span];
    const odd: Span[][] = [
      [a, a, { ...a, start: a.start + 76 }],
      [b, a],
      [{ ...a, end: bytes.length + 10 }],
      [{ ...a, start: a.end, end: a.start }],
      [{ ...a, start: -5 }],
      [{ ...a, encoding: 'identity' }, b],
      [{ ...a, start: a.start + 1 }],
    ];
    for (const list of odd) {
      const { data: _, ...staged } = await store.blobs.stage(bytes, list);
      expect(Buffer.from(await store.blobs.staged(staged)).equals(bytes)).toBe(true);
    }
  });

  it('a crash between staging and recording leaves nothing that names what is not there', async () => {
    const made = letter('mất điện', noise(200_000));
    const staged = await store.blobs.stage(made.bytes, made.spans);
    expect(await store.filesIn()).toBe(1); // durable before any row names it
    expect(await store.count('blobs')).toBe(0);
    const failing = store.db.write(async (tx) => {
      await store.blobs.record(tx, staged);
      throw new Error('cut off');
    });
    await expect(failing).rejects.toThrow('cut off');
    expect([await store.count('blobs'), await store.count('blob_parts')]).toEqual([0, 0]);
    expect(await store.findings()).toEqual([]);
    await store.record(staged);
    await store.expectRead(staged.hash, made.bytes);
    expect(staged.rows.map((row) => row.hash)).toContain(sha256(noise(200_000)));
  });

  it('many who store messages with the same files at once, and sweeps beside them, lose nothing', async () => {
    const files = [noise(3000, 1), noise(3000, 2), noise(150_000, 3)];
    const made = Array.from({ length: 24 }, (_, i) =>
      letter(`thư ${i % 8}`, ...(i % 2 === 0 ? files : [...files].reverse())),
    );
    const kept = new Set<BlobHash>();
    const work = made.map(async (each) => {
      const staged = await store.blobs.stage(each.bytes, each.spans);
      await store.record(staged);
      kept.add(staged.hash);
    });
    const sweeps = Array.from({ length: 4 }, () => store.blobs.sweep(only(), NOW));
    await Promise.all([...work, ...sweeps]);
    for (const each of made) await store.expectRead(sha256(each.bytes), each.bytes);
    expect(await store.findings()).toEqual([]);
  });
});

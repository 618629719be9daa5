/** What was damaged in the store is whole again once its octets are brought back, in whichever form it lies. */
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import { placeIn } from './folder.ts';
import { noise, noiseText } from './testing/noise.ts';
import { letter, NOW, only, SharedFiles, type Letter } from './testing/sharing.ts';

describe.each(dialects)('what is brought back on $dialect', ({ open }) => {
  let store: SharedFiles;
  beforeAll(async () => {
    store = new SharedFiles(await open());
  });
  afterAll(() => store.dispose());
  beforeEach(() => store.fresh());

  const large = noise(200_000);
  const small = noise(5000, 2);
  const made = letter('một lá thư', large, small);
  const longText = letter(noiseText(150_000), small);

  async function dataOf(hash: BlobHash): Promise<Buffer | undefined> {
    const [[data] = []] = await store.db.read.rows(sql`select data from blobs where hash = ${hash}`);
    return data instanceof Uint8Array ? Buffer.from(data) : undefined;
  }
  /** Changes octets wherever the stored form lies. */
  async function spoil(hash: BlobHash): Promise<void> {
    const data = await dataOf(hash);
    if (!data) {
      const path = placeIn(store.folder, hash);
      const stored = readFileSync(path);
      stored.fill(7, stored.length >> 1);
      writeFileSync(path, stored);
    } else {
      data.fill(7, data.length >> 1);
      await store.db.write(({ q }) => q.exec(sql`update blobs set data = ${data} where hash = ${hash}`));
    }
    await expect(store.blobs.read(hash)).rejects.toMatchObject({ code: 'blob.damaged' });
    expect(await store.blobs.isWhole(hash)).toBe(false);
  }
  const bringBack = async ({ bytes, spans }: Letter) => store.blobs.mend(await store.blobs.stage(bytes, spans), bytes);

  it.each([
    ['a large file', made, sha256(large)],
    ['a small file', made, sha256(small)],
    ['the recipe itself', made, sha256(made.bytes)],
    ['a text so long that it has a name of its own', longText, undefined],
  ])('is whole again where %s had changed, and so is every letter with it', async (_, one, given) => {
    const other = letter('một lá thư khác', large, small);
    const hash = await store.put(one);
    const [text] = await store.db.read.rows(
      sql`select hash from blobs where size > 140000 and parts = 0 order by size`,
    );
    const name = given ?? (String(text![0]) as BlobHash);
    const otherHash = await store.put(other);
    await spoil(name);
    // To store the same again changes nothing: that is why there is something to mend.
    await store.put(one);
    await expect(store.blobs.read(hash)).rejects.toMatchObject({ code: 'blob.damaged' });
    expect(await bringBack(one)).toEqual([name]);
    await store.expectRead(hash, one.bytes);
    await store.expectRead(otherHash, other.bytes);
    expect(await store.findings()).toEqual([]);
    expect(await bringBack(one)).toEqual([]);
    await store.blobs.sweep(only(hash), NOW + 1);
    await store.expectRead(hash, one.bytes);
  });

  it('mends all that is damaged at once, and files that were cut off or lost', async () => {
    const hash = await store.put(made);
    for (const name of [sha256(small), hash]) await spoil(name);
    truncateSync(placeIn(store.folder, sha256(large)), 0);
    expect((await bringBack(made)).sort()).toEqual([sha256(large), sha256(small), hash].sort());
    await store.expectRead(hash, made.bytes);
    truncateSync(placeIn(store.folder, sha256(large)), 300);
    expect(await bringBack(made)).toEqual([sha256(large)]);
    expect(await store.findings()).toEqual([]);
  });

  it('finds its way where a letter lies in another form than it would be stored in today', async () => {
    // Stored whole, before anybody saw that it is a letter.
    const hash = await store.put({ bytes: made.bytes, spans: [] });
    await spoil(hash);
    expect(await bringBack(made)).toEqual([hash]);
    await store.put(made);
    await store.expectRead(hash, made.bytes);
    expect(await store.findings()).toEqual([]);

    // And the other way: a recipe, of which one file changed, brought back as a whole.
    await spoil(sha256(small));
    expect(await bringBack({ bytes: made.bytes, spans: [] })).toEqual([hash]);
    await store.expectRead(hash, made.bytes);
    // Its file is still damaged, and is mended by the next letter that has it.
    await store.put(made);
    expect(await bringBack(made)).toEqual([sha256(small)]);
    await store.expectRead(hash, made.bytes);
    expect(await store.findings()).toEqual([]);
  });

  it('mends a file that others need when its own letter is gone, and puts nothing that nobody recorded', async () => {
    await store.put(letter('khác', large));
    await spoil(sha256(large));
    expect(await bringBack(made)).toEqual([sha256(large)]);
    expect(await store.blobs.size(sha256(made.bytes))).toBeUndefined();
    expect(await store.blobs.size(sha256(small))).toBeUndefined();
    expect(await store.findings()).toEqual([]);
  });

  it('leaves what is whole as it lies', async () => {
    const hash = await store.put(made);
    const stored = async () => [
      sha256((await dataOf(hash))!),
      sha256(readFileSync(placeIn(store.folder, sha256(large)))),
    ];
    const before = await stored();
    expect(await store.blobs.isWhole(hash)).toBe(true);
    expect(await bringBack(made)).toEqual([]);
    expect(await stored()).toEqual(before);
    expect(existsSync(placeIn(store.folder, sha256(small)))).toBe(false);
    expect(await store.blobs.isWhole(sha256(Buffer.from('nobody')))).toBe(false);
  });
});

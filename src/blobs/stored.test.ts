/** Stored forms that lie elsewhere: read as the store itself would, or not at all. */
import { describe, expect, it } from 'vitest';

import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import { pack } from './packed.ts';
import { writeRecipe } from './recipe.ts';
import { describeStored, readStored } from './stored.ts';
import { noise, noiseText } from './testing/noise.ts';
import { letter } from './testing/sharing.ts';

const [small, large] = [noise(5000), noise(200_000, 2)];
const made = letter(noiseText(150_000), small, large);

async function forms(): Promise<Map<string, Buffer>> {
  const recipe = (await writeRecipe(made.bytes, made.spans))!;
  const found = new Map<string, Buffer>([[sha256(made.bytes), recipe.stored]]);
  for (const { hash, bytes } of recipe.contents) found.set(hash, await pack(bytes));
  return found;
}
const read = (from: ReadonlyMap<string, Buffer>, hash: BlobHash) => readStored(async (name) => from.get(name), hash);

describe('a stored form outside the store', () => {
  it('says its size and what it needs', async () => {
    const all = await forms();
    const whole = sha256(made.bytes);
    const said = describeStored(all.get(whole)!)!;
    expect(said.size).toBe(made.bytes.length);
    expect([...said.names].sort()).toEqual([...all.keys()].filter((name) => name !== whole).sort());
    expect(describeStored(all.get(sha256(small))!)).toEqual({ size: 5000, names: [] });
    expect(describeStored(await pack(Buffer.alloc(0)))).toEqual({ size: 0, names: [] });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['an octet of no form', Buffer.from([9])],
    ['the beginning of a packed one', Buffer.from([1, 0])],
    ['the beginning of a recipe', Buffer.from([2, 200])],
    ['text', Buffer.from('From: a@example.org\r\n')],
  ])('is none, if it is %s', async (_, data) => {
    expect(describeStored(data)).toBeUndefined();
    expect(await readStored(async () => data, sha256(data))).toBeUndefined();
  });

  it('gives the octets of its name with all that it needs, and of every part', async () => {
    const all = await forms();
    expect((await read(all, sha256(made.bytes)))?.equals(made.bytes)).toBe(true);
    for (const bytes of [small, large]) expect((await read(all, sha256(bytes)))?.equals(bytes)).toBe(true);
  });

  it('gives nothing where a part is missing, changed, or another content lies under its name', async () => {
    const whole = sha256(made.bytes);
    for (const change of [
      (all: Map<string, Buffer>) => all.delete(sha256(small)),
      (all: Map<string, Buffer>) => all.get(sha256(large))!.fill(7, 1000, 1200),
      async (all: Map<string, Buffer>) => all.set(sha256(small), await pack(noise(5000, 9))),
      (all: Map<string, Buffer>) => all.get(whole)!.fill(0, 3, 9),
    ]) {
      const all = await forms();
      await change(all);
      expect(await read(all, whole)).toBeUndefined();
    }
    expect(await read(new Map(), whole)).toBeUndefined();
    // The right form of something else.
    expect(await readStored(async () => pack(small), sha256(large))).toBeUndefined();
  });

  it('comes to an end where forms name each other', async () => {
    const all = await forms();
    const recipe = all.get(sha256(made.bytes))!;
    for (const name of all.keys()) all.set(name, recipe);
    expect(await read(all, sha256(made.bytes))).toBeUndefined();
  });
});

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openJournals, type Journals } from './journals.ts';

const MIB = 1024 * 1024;

let folder: string;
const open: Journals[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'congvu-journals-'));
});
afterEach(async () => {
  for (const journals of open.splice(0)) await journals.close();
  await rm(folder, { recursive: true });
});

const begin = async () => {
  const opened = await openJournals({ file: join(folder, 'journal') });
  open.push(opened.journals);
  return opened;
};
/** What another process would find now. */
const found = async () => (await begin()).left.map(({ note }) => note);
const append = (journals: Journals, note: unknown, octets = 10) => journals.append(note, Buffer.alloc(octets, 'x'));
const sizes = async (): Promise<number[]> => {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
};

describe('two journals in turn', () => {
  it('keep what is not dealt with, and forget one once all of it is', async () => {
    const { journals } = await begin();
    const releases = [await append(journals, 1), await append(journals, 2)];
    releases[0]?.();
    expect(await found()).toEqual([1, 2]);
    releases[1]?.();
    expect(await found()).toEqual([]);
  });

  it('do not grow while mail goes on coming', async () => {
    const { journals } = await begin();
    let before = await append(journals, 0, MIB);
    for (let i = 1; i < 40; i++) {
      const release = await append(journals, i, MIB);
      // There is always one that is not dealt with.
      before();
      before = release;
    }
    const [one = 0, other = 0] = await sizes();
    expect(Math.max(one, other)).toBeLessThan(6 * MIB);
    expect(Math.min(one, other)).toBeGreaterThan(4 * MIB);
    // And what it has beside it in the same one.
    expect((await found()).at(-1)).toBe(39);
    before();
    expect(await found()).toEqual([]);
  });

  it('go on in one as long as the other has something', async () => {
    const { journals } = await begin();
    const first = await append(journals, 0, 5 * MIB);
    const second = await append(journals, 1, 5 * MIB);
    await append(journals, 2, MIB);
    expect(journals.size()).toBeGreaterThan(6 * MIB);
    first();
    await append(journals, 3);
    expect(journals.size()).toBeLessThan(MIB);
    second();
  });

  it('give back what an earlier process left in the order in which it came, whichever has it', async () => {
    const { journals } = await begin();
    for (const [i, octets] of [5 * MIB, MIB].entries()) await append(journals, i, octets);
    const again = await begin();
    expect(again.left.map(({ note }) => note)).toEqual([0, 1]);
    // The newer one goes on.
    await append(again.journals, 2);
    const third = await begin();
    expect(third.left.map(({ note }) => note)).toEqual([0, 1, 2]);
    for (const { release } of third.left.slice(0, 2)) release();
    expect(await found()).toEqual([1, 2]);
    third.left[2]?.release();
    expect(await found()).toEqual([]);
  });

  it('count one that was not written as dealt with', async () => {
    let works = true;
    const { journals } = await openJournals({
      file: join(folder, 'journal'),
      async sync() {
        if (!works) throw new Error('no disk');
      },
    });
    open.push(journals);
    const release = await append(journals, 1);
    works = false;
    await expect(append(journals, 2)).rejects.toThrow('not synced');
    release();
    expect(await found()).toEqual([]);
  });
});

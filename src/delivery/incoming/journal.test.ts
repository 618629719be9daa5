import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openJournal, type Journal } from './journal.ts';

let folder: string;
let file: string;
const open: Journal[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'congvu-journal-'));
  file = join(folder, 'incoming', 'journal');
});
afterEach(async () => {
  for (const journal of open.splice(0)) await journal.close();
  await rm(folder, { recursive: true });
});

const begin = async (sync?: (descriptor: number) => Promise<void>) => {
  const opened = await openJournal({ file, ...(sync ? { sync } : {}) });
  open.push(opened.journal);
  return opened;
};
/** What another process would find now. */
const found = async () => (await begin()).left.map(({ note, bytes }) => [note, Buffer.from(bytes).toString()]);
const bytes = (text: string) => Buffer.from(text);

describe('a journal', () => {
  it('gives back what was appended, notes and octets, in order', async () => {
    const { journal, left } = await begin();
    expect(left).toEqual([]);
    await journal.append({ to: ['Hùng'] }, bytes('một\r\n'));
    await journal.append({}, bytes(''));
    await journal.append({ n: 3 }, Buffer.alloc(300_000, 'x'));
    expect(await found()).toEqual([
      [{ to: ['Hùng'] }, 'một\r\n'],
      [{}, ''],
      [{ n: 3 }, 'x'.repeat(300_000)],
    ]);
  });

  it('answers only when the record is synced, and syncs once for all that wait', async () => {
    const syncs: (() => void)[] = [];
    const { journal } = await begin(() => new Promise((resolve) => syncs.push(resolve)));
    let answered = 0;
    const appended = ['a', 'b', 'c'].map((text) => journal.append({}, bytes(text)).then(() => answered++));
    await expect.poll(() => syncs.length).toBe(1);
    const late = journal.append({}, bytes('d'));
    expect(answered).toBe(0);
    syncs[0]?.();
    await Promise.all(appended);
    await expect.poll(() => syncs.length).toBe(2);
    syncs[1]?.();
    await late;
    expect(syncs).toHaveLength(2);
  });

  it('begins anew once all is dealt with, and does not grow by it', async () => {
    const { journal } = await begin();
    for (let i = 0; i < 5; i++) {
      await journal.append({}, Buffer.alloc(5000));
      expect(journal.size()).toBeGreaterThan(5000);
      journal.clear();
      expect(journal.size()).toBe(0);
    }
    expect((await readFile(file)).length).toBeLessThan(6000);
    expect(await found()).toEqual([]);
  });

  it('does not take what an earlier round left behind the last record for a record', async () => {
    const { journal } = await begin();
    for (const text of ['old 1', 'old 2', 'old 3']) await journal.append({}, bytes(text));
    journal.clear();
    // The same lengths: where the second old one begins, a record begins.
    await journal.append({}, bytes('new 1'));
    expect(await found()).toEqual([[{}, 'new 1']]);
  });

  it('goes on behind what an earlier process left', async () => {
    const { journal } = await begin();
    await journal.append({}, bytes('one'));
    const again = await begin();
    await again.journal.append({}, bytes('two'));
    expect(await found()).toEqual([
      [{}, 'one'],
      [{}, 'two'],
    ]);
    again.journal.clear();
    expect(await found()).toEqual([]);
  });

  it.each([1, 10, 19, 21, 30])(
    'leaves out a last record of which %i octets were written, and writes over it',
    async (kept) => {
      const { journal } = await begin();
      await journal.append({}, bytes('whole'));
      const end = journal.size();
      await journal.append({ a: 'note' }, bytes('torn'));
      await truncate(file, end + kept);
      expect(await found()).toEqual([[{}, 'whole']]);
      const { journal: next } = await begin();
      await next.append({}, bytes('after'));
      expect(await found()).toEqual([
        [{}, 'whole'],
        [{}, 'after'],
      ]);
    },
  );

  it.each([
    ['its head', 2],
    ['its generation', 5],
    ['its length', 9],
    ['its length, which then leads beyond the file', 12],
    ['its note', 21],
    ['its octets', 24],
  ])(
    'with a wrong octet in a record (%s) gives back those before and behind it, and keeps a copy',
    async (_, wrong) => {
      const { journal } = await begin();
      await journal.append({}, bytes('right'));
      const at = journal.size();
      await journal.append({}, bytes('wrong'));
      await journal.append({}, Buffer.from('CVJ1 behind'));
      const content = await readFile(file);
      content[at + wrong] = (content[at + wrong] ?? 0) ^ 0x41;
      await writeFile(file, content);
      const again = await begin();
      expect(again.left.map((one) => Buffer.from(one.bytes).toString())).toEqual(['right', 'CVJ1 behind']);
      expect(await readFile(again.damaged ?? '')).toEqual(content);
      // What comes next lies behind all of them.
      await again.journal.append({}, bytes('next'));
      expect((await found()).map(([, text]) => text)).toEqual(['right', 'CVJ1 behind', 'next']);
      again.journal.clear();
      expect(await begin()).toMatchObject({ left: [], damaged: undefined });
    },
  );

  it.each([1, 4, 10, 19])('takes a first record of which %i octets were written for none', async (kept) => {
    const { journal } = await begin();
    await journal.append({}, bytes('torn'));
    await truncate(file, kept);
    expect(await begin()).toMatchObject({ left: [], damaged: undefined });
  });

  it('keeps a copy of one whose beginning cannot be read', async () => {
    const { journal } = await begin();
    await journal.append({}, bytes('first'));
    const content = await readFile(file);
    content[0] = 0;
    await writeFile(file, content);
    const again = await begin();
    expect(again.left).toEqual([]);
    expect(await readFile(again.damaged ?? '')).toEqual(content);
  });

  it('takes no notice of a "clear" that comes after its end', async () => {
    const { journal } = await begin();
    await journal.append({}, bytes('one'));
    await journal.close();
    journal.clear();
    open.pop();
    expect(await found()).toEqual([[{}, 'one']]);
  });

  it('takes a file of anything else for an empty one', async () => {
    await begin();
    await appendFile(file, Buffer.alloc(5000, 'CVJ1'));
    expect(await found()).toEqual([]);
  });

  it('takes nothing more after a sync that failed', async () => {
    let works = true;
    const { journal } = await begin(async () => {
      if (!works) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    });
    await journal.append({}, bytes('before'));
    works = false;
    await expect(journal.append({}, bytes('lost'))).rejects.toThrow('not synced');
    works = true;
    await expect(journal.append({}, bytes('after'))).rejects.toThrow('not synced');
    // Its sender was told so and sends it again: found here as well it would be there twice.
    expect(await found()).toEqual([[{}, 'before']]);
  });

  it('takes nothing more once it is being closed', async () => {
    let free = (): void => undefined;
    const synced = new Promise<void>((resolve) => (free = resolve));
    const { journal } = await begin(() => synced);
    const taken = journal.append({}, bytes('in time'));
    const closed = journal.close();
    await expect(journal.append({}, bytes('late'))).rejects.toThrow('closed');
    free();
    await Promise.all([taken, closed]);
    open.pop();
    expect(await found()).toEqual([[{}, 'in time']]);
  });
});

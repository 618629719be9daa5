/** What may go wrong between the 250 and the mailbox, on the folder as a later process finds it. */
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { sha256 } from '../../base/bytes.ts';
import { DomainError } from '../../base/errors.ts';
import type { BlobHash } from '../../base/ids.ts';
import { mail, Spool } from './testing/spool.ts';
import type { DeliverMail } from './types.ts';

const spool = new Spool();
const { begin } = spool;

/** What is stored; `store` may fail before, or after as if the answer was lost. */
function world() {
  const self = {
    stored: [] as string[],
    before: (_: string): unknown => undefined,
    after: (_: string): unknown => undefined,
    deliver: (async ({ bytes }) => {
      const text = Buffer.from(bytes).toString();
      return async () => {
        await new Promise((resolve) => setImmediate(resolve));
        const error = self.before(text);
        if (error !== undefined) throw error as Error;
        self.stored.push(text);
        const late = self.after(text);
        if (late !== undefined) throw late as Error;
      };
    }) satisfies DeliverMail,
    has: async (hash: BlobHash) => self.stored.some((text) => sha256(Buffer.from(text)) === hash),
  };
  return self;
}
const gone = () => new DomainError('notFound', 'recipient.unknown', 'gone');
const away = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
/** Files that are whole. */
const aside = async () =>
  (await readdir(join(spool.folder, 'aside')).catch(() => [])).filter((name) => !name.endsWith('.tmp')).sort();

describe('mail that was taken', () => {
  it('is delivered once when the database did its work and went away before it said so', async () => {
    const into = world();
    const incoming = await begin(into);
    into.after = away;
    await incoming.accept(mail('one'));
    await incoming.settled();
    into.after = () => undefined;
    await incoming.accept(mail('two'));
    await incoming.settled();
    expect(into.stored).toEqual(['one', 'two']);
    await incoming.stop();
    await begin(into);
    expect(into.stored).toEqual(['one', 'two']);
  });

  it('is delivered once when it is in the journal and aside', async () => {
    const into = world();
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    into.before = (text) => (text === 'one' ? gone() : undefined);
    const crashed = spool.create(into);
    await crashed.start(async (one) => {
      const finish = await into.deliver(one);
      return async () => {
        if (Buffer.from(one.bytes).toString() === 'held') await held;
        await finish();
      };
    });
    // What waits behind the one that is aside keeps the journal from being cleared; then the process ends.
    await crashed.accept(mail('held'));
    await crashed.accept(mail('one'));
    await expect.poll(aside, { timeout: 8000 }).toHaveLength(2);
    const next = world();
    await begin(next);
    expect(next.stored.sort()).toEqual(['held', 'one']);
    expect(await aside()).toEqual([]);
    free();
    await crashed.stop();
  });

  it('is delivered once when the process ends between its delivery and the removal of what lay aside', async () => {
    const into = world();
    into.before = gone;
    const incoming = await begin(into);
    await incoming.accept(mail('one'));
    await incoming.settled();
    await incoming.stop();
    into.before = () => undefined;
    const crashed = spool.create(into);
    void crashed.start(async (one) => {
      const finish = await into.deliver(one);
      return async () => {
        await finish();
        await spool.never;
      };
    });
    await expect.poll(() => into.stored).toEqual(['one']);
    expect(await aside()).toHaveLength(2);
    await begin(into);
    expect(into.stored).toEqual(['one']);
    expect(await aside()).toEqual([]);
  });

  it('is delivered, and the server starts, when somebody touched what lies aside', async () => {
    const into = world();
    into.before = gone;
    const incoming = await begin(into);
    for (const text of ['note cut', 'message gone', 'whole']) await incoming.accept(mail(text));
    await incoming.settled();
    await incoming.stop();
    const path = (text: string, end: string) => join(spool.folder, 'aside', `${sha256(Buffer.from(text))}.${end}`);
    await writeFile(path('note cut', 'json'), '{"envelope":');
    await unlink(path('message gone', 'eml'));
    into.before = () => undefined;
    await begin(into);
    expect(into.stored).toEqual(['whole']);
    // The rest is left to whoever touched it.
    expect(await aside()).toHaveLength(3);
  });

  it('stays for the next start when its journal is written while the server stops', async () => {
    const into = world();
    const syncs: (() => void)[] = [];
    const incoming = await begin(into, { sync: () => new Promise((resolve) => syncs.push(resolve)) });
    const accepted = incoming.accept(mail('late'));
    await expect.poll(() => syncs.length, { timeout: 8000 }).toBe(1);
    const stopped = incoming.stop();
    syncs[0]?.();
    await Promise.all([accepted, stopped]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(into.stored).toEqual([]);
    await begin(into);
    expect(into.stored).toEqual(['late']);
  });

  it('that ends the server whenever it is delivered ends two starts, not the third', async () => {
    const into = world();
    const ends: string[] = [];
    /** Nothing comes after the deadly one, as in a process that is gone. */
    const deadly: DeliverMail = async (one) => {
      if (Buffer.from(one.bytes).toString() !== 'deadly') return into.deliver(one);
      ends.push('deadly');
      return () => spool.never;
    };
    const started = () => spool.create(into);
    const live = started();
    await live.start(async () => () => spool.never);
    for (const text of ['one', 'deadly', 'two']) await live.accept(mail(text));
    for (const start of [1, 2]) {
      void started().start(deadly);
      await expect.poll(() => ends.length, { timeout: 8000 }).toBe(start);
    }
    await begin(into);
    expect(into.stored.sort()).toEqual(['one', 'two']);
    const [message, note] = await aside();
    expect(await readFile(join(spool.folder, 'aside', message ?? ''), 'utf8')).toBe('deadly');
    expect(await readFile(join(spool.folder, 'aside', note ?? ''), 'utf8')).toContain('"fatal": true');
    // And it stays there.
    await begin(into);
    expect(ends).toHaveLength(2);
  });
});

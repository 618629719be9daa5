import { rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { sha256 } from '../../base/bytes.ts';
import { DomainError } from '../../base/errors.ts';
import type { AccountId, BlobHash } from '../../base/ids.ts';
import { mail, Spool } from './testing/spool.ts';
import type { DeliverMail, IncomingMail } from './types.ts';

const spool = new Spool();
const { begin } = spool;
const textOf = ({ bytes }: IncomingMail): string => Buffer.from(bytes).toString();

/** A store that can be made to fail or to wait. */
function store() {
  const stored: string[] = [];
  const self = {
    stored,
    mails: [] as IncomingMail[],
    /** Units of work that begin together share a transaction. */
    groups: [] as string[][],
    fails: (_: string): unknown => undefined,
    hold: undefined as Promise<void> | undefined,
    deliver: (async (one) => {
      const text = textOf(one);
      return async () => {
        const group = self.groups.at(-1);
        if (group && open) group.push(text);
        else self.groups.push([text]);
        open = true;
        await self.hold;
        await new Promise((resolve) => setImmediate(resolve));
        open = false;
        const error = self.fails(text);
        if (error !== undefined) throw error as Error;
        stored.push(text);
        self.mails.push(one);
      };
    }) satisfies DeliverMail,
    has: async (hash: BlobHash) => stored.some((text) => sha256(Buffer.from(text)) === hash),
  };
  let open = false;
  return self;
}

const full = () => Object.assign(new Error('disk full'), { code: 'ENOSPC' });

describe('mail from outside', () => {
  it('is taken before it is delivered, and whoever asks for mail sees it', async () => {
    const into = store();
    let free = (): void => undefined;
    into.hold = new Promise((resolve) => (free = resolve));
    const incoming = await begin(into);
    await incoming.accept(mail('one'));
    expect(into.stored).toEqual([]);
    const settled = incoming.settled();
    free();
    await settled;
    expect(into.stored).toEqual(['one']);
    expect(incoming.settled()).toBeUndefined();
  });

  it('is waited for by those whom it may be for', async () => {
    const into = store();
    into.hold = spool.never;
    const incoming = spool.create(into);
    await incoming.start(into.deliver);
    const [hung, nhung, vu] = [1, 2, 3] as AccountId[] as [AccountId, AccountId, AccountId];
    await incoming.accept(mail('to two'), [hung, nhung]);
    expect(incoming.settled([vu])).toBeUndefined();
    expect(incoming.settled([])).toBeUndefined();
    expect(incoming.settled([vu, nhung])).toBeInstanceOf(Promise);
    expect(incoming.settled([hung])).toBeInstanceOf(Promise);
    expect(incoming.settled()).toBeInstanceOf(Promise);
    await incoming.accept(mail('to whom is not known'));
    expect(incoming.settled([vu])).toBeInstanceOf(Promise);
  });

  it('is waited for as long as it is there, whatever came for others meanwhile', async () => {
    const into = store();
    const incoming = await begin(into);
    const [hung, vu] = [1, 3] as AccountId[] as [AccountId, AccountId];
    let free = (): void => undefined;
    into.hold = new Promise((resolve) => (free = resolve));
    await incoming.accept(mail('for Hùng'), [hung]);
    let seen = false;
    const settled = incoming.settled([hung])?.then(() => (seen = into.stored.includes('for Hùng')));
    await incoming.accept(mail('for Vũ'), [vu]);
    free();
    await settled;
    expect(seen).toBe(true);
    await incoming.settled();
  });

  it('shares a transaction when much of it comes, in the order in which it came', async () => {
    const into = store();
    const incoming = await begin(into);
    const texts = Array.from({ length: 200 }, (_, i) => `message ${i}`);
    await Promise.all(texts.map((text) => incoming.accept(mail(text))));
    while (incoming.settled()) await incoming.settled();
    expect(into.stored).toEqual(texts);
    expect(into.groups.length).toBeLessThan(10);
  });

  it('is delivered before it is taken when it is large', async () => {
    const into = store();
    const incoming = await begin(into);
    await incoming.accept(mail('x'.repeat(10_001)));
    expect(into.stored).toHaveLength(1);
    expect(incoming.settled()).toBeUndefined();
  });

  it('waits, and so do those who ask for it, until what an earlier process took is delivered', async () => {
    const into = store();
    const incoming = spool.create(into);
    let [taken, asked] = [false, false];
    const accepted = incoming.accept(mail('early')).then(() => (taken = true));
    const settled = incoming.settled()?.then(() => (asked = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect([taken, asked]).toEqual([false, false]);
    await incoming.start(into.deliver);
    await Promise.all([accepted, settled]);
    await incoming.settled();
    expect(into.stored).toEqual(['early']);
  });

  it('is refused for now when the server ends before it began', async () => {
    const into = store();
    const incoming = spool.create(into);
    const accepted = expect(incoming.accept(mail('late'))).rejects.toThrow('stopping');
    await incoming.stop();
    await accepted;
  });

  it('is there after a crash: delivered once, whatever had been done', async () => {
    const before = store();
    before.hold = spool.never;
    const crashed = spool.create(before);
    await crashed.start(before.deliver);
    for (const text of ['one', 'two', 'three']) await crashed.accept(mail(text));
    // The process ended; the second had just reached the store.
    const into = store();
    into.stored.push('two');
    await begin(into);
    expect(into.stored).toEqual(['two', 'one', 'three']);
    expect(into.mails[0]).toEqual(mail('one'));
    // And nothing is left for the next start.
    const next = store();
    await begin(next);
    expect(next.stored).toEqual([]);
  });

  it('waits for nobody whose check takes long', async () => {
    const into = store();
    const slow = { is: true };
    const incoming = spool.create(into);
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    await incoming.start(async (one) => {
      const finish = await into.deliver(one);
      return async () => {
        if (textOf(one) === 'slow' && slow.is) await held;
        await finish();
      };
    });
    await incoming.accept(mail('slow'));
    await incoming.accept(mail('fast'));
    await expect.poll(() => into.stored, { timeout: 5000 }).toEqual(['fast']);
    // Those who ask wait for it once, for a while; then nobody does.
    await incoming.settled();
    expect(incoming.settled()).toBeUndefined();
    free();
    await expect.poll(() => into.stored).toEqual(['fast', 'slow']);
  });
});

describe('mail that cannot be delivered now', () => {
  it('stays, the sender of the next hears it, and is first when the store works again', async () => {
    const into = store();
    const incoming = await begin(into);
    into.fails = full;
    await incoming.accept(mail('one'));
    await incoming.settled();
    await expect(incoming.accept(mail('two'))).rejects.toThrow('disk full');
    expect(incoming.settled()).toBeUndefined();
    into.fails = () => undefined;
    await incoming.accept(mail('three'));
    await incoming.settled();
    expect(into.stored).toEqual(['one', 'three']);
  });

  it('is tried again by itself', async () => {
    const into = store();
    const incoming = await begin(into);
    into.fails = full;
    await incoming.accept(mail('one'));
    await incoming.settled();
    into.fails = () => undefined;
    await expect.poll(() => into.stored, { timeout: 5000 }).toEqual(['one']);
  });

  it('outlives the process', async () => {
    const into = store();
    const incoming = await begin(into);
    into.fails = full;
    await incoming.accept(mail('one'));
    await incoming.settled();
    await incoming.stop();
    into.fails = () => undefined;
    await begin(into);
    expect(into.stored).toEqual(['one']);
  });

  it('is not taken when neither the journal nor the store takes it', async () => {
    const into = store();
    const incoming = await begin(into, {
      sync: async () => {
        throw full();
      },
    });
    await incoming.accept(mail('past the journal'));
    expect(into.stored).toEqual(['past the journal']);
    into.fails = full;
    await expect(incoming.accept(mail('nowhere'))).rejects.toThrow('disk full');
  });
});

describe('mail that cannot be delivered at all', () => {
  const gone = () => new DomainError('notFound', 'recipient.unknown', 'gone');
  const aside = () => readdir(join(spool.folder, 'aside')).catch(() => []);

  it('is kept aside with the reason, holds nobody up, and is tried again at the next start', async () => {
    const into = store();
    into.fails = (text) => (text === 'one' ? gone() : undefined);
    const incoming = await begin(into);
    await incoming.accept(mail('one'));
    await incoming.accept(mail('two'));
    await incoming.settled();
    expect(into.stored).toEqual(['two']);
    const [message, note] = (await aside()).sort();
    expect(await readFile(join(spool.folder, 'aside', message ?? ''), 'utf8')).toBe('one');
    expect(JSON.parse(await readFile(join(spool.folder, 'aside', note ?? ''), 'utf8'))).toMatchObject({
      error: 'gone',
      envelope: { mailFrom: 'lan@bo.example' },
    });
    await incoming.stop();
    await begin(into);
    expect(await aside()).toHaveLength(2);
    into.fails = () => undefined;
    await begin(into);
    expect(into.stored).toEqual(['two', 'one']);
    expect(await aside()).toEqual([]);
  });

  it('is not delivered again when its files cannot be removed', async () => {
    const into = store();
    into.fails = gone;
    const incoming = await begin(into);
    await incoming.accept(mail('one'));
    await incoming.settled();
    await incoming.stop();
    into.fails = () => {
      rmSync(join(spool.folder, 'aside'), { recursive: true });
      return undefined;
    };
    const again = await begin(into);
    await again.settled();
    await again.stop();
    expect(into.stored).toEqual(['one']);
  });

  it('is kept aside after some attempts when the failure is our own', async () => {
    const into = store();
    into.fails = () => new TypeError('a mistake');
    const incoming = await begin(into);
    await incoming.accept(mail('one'));
    await expect.poll(aside, { timeout: 8000 }).toHaveLength(2);
    into.fails = () => undefined;
    await incoming.accept(mail('two'));
    await incoming.settled();
    expect(into.stored).toEqual(['two']);
  });
});

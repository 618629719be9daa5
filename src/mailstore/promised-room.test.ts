/** The quota is the account's: what is promised in one mailbox takes room from all. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, MailboxId } from '../base/ids.ts';
import { message, openStore, START, type TestStore } from './testing/setup.ts';
import type { UidPromise } from './uid-promises.ts';

const filing = { keywords: [], deleted: false, receivedAt: START };

describe.each(dialects)('the room of an account that is promised ($dialect)', ({ open }) => {
  const bytes = message({}, 'x'.repeat(400));
  /** For three of these messages, not four. */
  const quota = 3 * bytes.length + 10;
  let test: TestStore;
  let accountId: AccountId;
  let boxes: MailboxId[];
  let hurried: number;
  beforeAll(async () => {
    test = await openStore(open);
  });
  beforeEach(async () => {
    accountId = await test.account(quota);
    boxes = [
      await test.role(accountId, 'inbox'),
      await test.role(accountId, 'archive'),
      await test.role(accountId, 'sent'),
    ];
    hurried = 0;
  });
  afterAll(async () => {
    expect(await test.findings()).toEqual([]);
    await test.dispose();
  });

  const promise = (box: number, size = bytes.length) =>
    test.store.promised.uid({ accountId, mailboxId: boxes[box]! }, filing, size, () => hurried++);
  const keep = async (one: UidPromise): Promise<void> => {
    const prepared = await test.store.prepare(bytes);
    await test.db.write((tx) => test.store.promised.store(tx, one, [{ uid: one.uid, message: prepared, filing }]));
    one.done();
  };
  const append = async (box: number) => {
    const prepared = await test.store.prepare(bytes);
    return test.store.write(accountId, (w) => w.append(prepared, { mailboxIds: [boxes[box]!] }));
  };
  const copy = async (to: number) => {
    const all = await test.store.read(accountId).query({});
    return test.store.write(accountId, (w) => w.copy(all, boxes[to]!));
  };
  /** Whether it has ended after everything else had its turn. */
  const isPending = async (work: Promise<unknown>): Promise<boolean> => {
    let ended = false;
    void work.finally(() => (ended = true)).catch(() => undefined);
    for (let i = 0; i < 3; i++) await test.db.write(async () => undefined);
    return !ended;
  };
  const used = async () => (await test.store.read(accountId).info()).usedBytes;

  it('is not promised twice, whichever mailboxes it is promised in', async () => {
    const promises = [await promise(0), await promise(1), await promise(0)];
    const fourth = promise(2);
    await expect.poll(() => hurried).toBeGreaterThan(0);
    expect(await isPending(fourth)).toBe(true);
    for (const one of promises) await keep(one);
    await expect(fourth).rejects.toMatchObject({ code: 'mail.over_quota' });
    expect(await used()).toBe(3 * bytes.length);
  });

  it('is waited for where a mailbox has promises of its own too', async () => {
    const promises = [await promise(0), await promise(1), await promise(1)];
    const fourth = promise(0);
    expect(await isPending(fourth)).toBe(true);
    for (const one of promises) await keep(one);
    await expect(fourth).rejects.toMatchObject({ code: 'mail.over_quota' });
  });

  it('is free again when nothing came of the promise: nobody is refused for it', async () => {
    const promises = [await promise(0), await promise(1), await promise(2)];
    const [fourth, appended] = [promise(2), append(1)];
    expect(await isPending(Promise.race([fourth, appended]))).toBe(true);
    for (const one of promises) one.done();
    await appended;
    await keep(await fourth);
    expect(await used()).toBe(2 * bytes.length);
  });

  it.each([
    ['an append', (): Promise<unknown> => append(2)],
    ['a copy', (): Promise<unknown> => copy(2)],
  ])('is not taken by %s at once into a mailbox without promises', async (_, work) => {
    await append(2);
    const promises = [await promise(0), await promise(1)];
    const other = work();
    await expect.poll(() => hurried).toBeGreaterThan(0);
    expect(await isPending(other)).toBe(true);
    for (const one of promises) await keep(one);
    await expect(other).rejects.toMatchObject({ code: 'mail.over_quota' });
    expect(await used()).toBe(3 * bytes.length);
  });

  it('is what is left beside that which was stored at once meanwhile', async () => {
    const one = await promise(0);
    await append(1);
    await append(2);
    const next = promise(0);
    expect(await isPending(next)).toBe(true);
    await keep(one);
    await expect(next).rejects.toMatchObject({ code: 'mail.over_quota' });
  });

  it('keeps nobody waiting for ever: once somebody waits for it nothing more is promised', async () => {
    const one = await promise(0, 10);
    const large = promise(1, quota);
    await expect.poll(() => hurried).toBeGreaterThan(0);
    const small = promise(0, 10);
    expect(await isPending(small)).toBe(true);
    one.done();
    (await Promise.race([large, small])).done();
    for (const each of await Promise.all([large, small])) each.done();
  });

  it('does not keep out what was given up once, which has its UID whatever the quota', async () => {
    for (let i = 0; i < 3; i++) await append(0);
    const again = [0, 1].map(() => test.store.promised.anew({ accountId, mailboxId: boxes[0]! }, bytes.length));
    const first = await again[0]!;
    expect(first.uid).toBe(4);
    await keep(first);
    await keep(await again[1]!);
    expect(await used()).toBe(5 * bytes.length);
  });
});

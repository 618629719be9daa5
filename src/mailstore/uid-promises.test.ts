/** UIDs that are told before their messages are stored, against everything else that takes UIDs. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, MailboxId } from '../base/ids.ts';
import { message, openStore, START, type TestStore } from './testing/setup.ts';
import type { UidPromise } from './uid-promises.ts';

const filing = { keywords: [], deleted: false, receivedAt: START };

describe.each(dialects)('a UID that is promised ($dialect)', ({ open }) => {
  let test: TestStore;
  let accountId: AccountId;
  let mailboxId: MailboxId;
  let hurried = 0;
  beforeAll(async () => {
    test = await openStore(open);
  });
  beforeEach(async () => {
    accountId = await test.account();
    mailboxId = await test.role(accountId, 'inbox');
    hurried = 0;
  });
  afterAll(async () => {
    expect(await test.findings()).toEqual([]);
    await test.dispose();
  });

  const place = () => ({ accountId, mailboxId });
  const promise = (bytes = 100) => test.store.promised.uid(place(), filing, bytes, () => hurried++);
  const keep = async (...promises: UidPromise[]): Promise<void> => {
    const messages = await Promise.all(promises.map(() => test.store.prepare(message())));
    const mail = promises.map(({ uid }, i) => ({ uid, message: messages[i]!, filing }));
    await test.db.write((tx) => test.store.promised.store(tx, place(), mail));
    for (const one of promises) one.done();
  };
  const append = async (): Promise<number | undefined> => {
    const prepared = await test.store.prepare(message());
    return test.store.write(accountId, async (w) =>
      (await w.append(prepared, { mailboxIds: [mailboxId] })).uids.get(mailboxId),
    );
  };
  const uids = async () => [...(await test.store.read(accountId).uids(mailboxId))];
  /** Whether it has ended after everything else had its turn. */
  const isPending = async (work: Promise<unknown>): Promise<boolean> => {
    let ended = false;
    void work.finally(() => (ended = true)).catch(() => undefined);
    await test.db.write(async () => undefined);
    await test.db.write(async () => undefined);
    return !ended;
  };

  it('is the next one, also of several, and the messages come under them', async () => {
    expect(await append()).toBe(1);
    const promises = [await promise(), await promise(), await promise()];
    expect(promises.map(({ uid }) => uid)).toEqual([2, 3, 4]);
    expect(await uids()).toEqual([1]);
    await keep(...promises);
    expect(await uids()).toEqual([1, 2, 3, 4]);
    expect(await append()).toBe(5);
  });

  it('is told with the UIDVALIDITY of its mailbox', async () => {
    const one = await promise();
    expect(one.uidValidity).toBe(await test.store.read(accountId).uidValidity(mailboxId));
    await keep(one);
  });

  it('comes before whatever else takes a UID there, which is hurried for', async () => {
    const one = await promise();
    const other = append();
    await expect.poll(() => hurried).toBeGreaterThan(0);
    expect(await isPending(other)).toBe(true);
    await keep(one);
    expect(await other).toBe(2);
    expect(await uids()).toEqual([1, 2]);
  });

  it('keeps nobody waiting for ever: once somebody waits, further promises wait for him', async () => {
    const one = await promise();
    const other = append();
    await expect.poll(() => hurried).toBeGreaterThan(0);
    const next = promise();
    expect(await isPending(next)).toBe(true);
    await keep(one);
    // On PostgreSQL either may be first.
    const two = await next;
    await keep(two);
    expect([await other, two.uid].sort()).toEqual([2, 3]);
  });

  it('holds up neither other mailboxes nor other accounts, nor changes that take no UID', async () => {
    await append();
    const one = await promise();
    const sent = await test.role(accountId, 'sent');
    const [prepared, another] = [await test.store.prepare(message()), await test.account()];
    const archive = await test.role(another, 'inbox');
    await test.store.write(accountId, (w) => w.append(prepared, { mailboxIds: [sent] }));
    await test.store.write(another, (w) => w.append(prepared, { mailboxIds: [archive] }));
    await test.store.write(accountId, (w) => w.setDeleted(mailboxId, [1], true));
    await keep(one);
  });

  it('keeps its mailbox from being removed before the message came, which then goes with it', async () => {
    const { id } = await test.store.write(accountId, (w) => w.createMailbox({ name: 'Lưu tạm' }));
    mailboxId = id;
    const one = await promise();
    const removed = test.store.write(accountId, (w) => w.destroyMailbox(id, { removeEmails: true }));
    expect(await isPending(removed)).toBe(true);
    await keep(one);
    await removed;
    expect(await test.store.read(accountId).mailbox(id)).toBeUndefined();
    await expect(promise()).rejects.toMatchObject({ code: 'mail.mailbox_not_found' });
  });

  it('leaves a gap when its message came to nothing and a later one was promised', async () => {
    const [one, two] = [await promise(), await promise()];
    one.done();
    await keep(two);
    expect(await uids()).toEqual([2]);
    expect(await append()).toBe(3);
  });

  it('is kept in order: a later one waits for one before it', async () => {
    const [one, two] = [await promise(), await promise()];
    const later = keep(two);
    expect(await isPending(later)).toBe(true);
    await keep(one);
    await later;
    expect(await uids()).toEqual([1, 2]);
  });

  it('counts against the quota before the message is there', async () => {
    accountId = await test.account(1000);
    mailboxId = await test.role(accountId, 'inbox');
    const one = await promise(600);
    const two = promise(600);
    expect(await isPending(two)).toBe(true);
    one.done();
    expect((await two).uid).toBe(1);
    (await two).done();
    await expect(promise(1001)).rejects.toMatchObject({ code: 'mail.over_quota' });
  });

  it('is not given for keywords that could not be stored', async () => {
    const wrong = test.store.promised.uid(place(), { ...filing, keywords: ['a b'] }, 10, () => undefined);
    await expect(wrong).rejects.toMatchObject({ code: 'mail.keyword_invalid' });
    expect(await append()).toBe(1);
  });

  it('given by an earlier process is known before anybody else takes one', async () => {
    const release = test.store.promised.hold();
    const other = append();
    expect(await isPending(other)).toBe(true);
    const one = test.store.promised.renew({ ...place(), uid: 1, uidValidity: 1 });
    release();
    expect(await isPending(other)).toBe(true);
    await keep(one);
    expect(await other).toBe(2);
  });

  it('that another process took goes to the next one that is free', async () => {
    const one = await promise();
    // A store of its own, as the command line has it.
    const beside = test.beside();
    const prepared = await beside.prepare(message());
    await beside.write(accountId, (w) => w.append(prepared, { mailboxIds: [mailboxId] }));
    await keep(one);
    expect(await uids()).toEqual([1, 2]);
  });

  it('comes before a delivery that had touched this account before: by the verdict that it brought to bytes known here', async () => {
    const first = await test.account();
    const [mine, bytes] = [await test.account(), message()];
    [accountId, mailboxId] = [mine, await test.role(mine, 'inbox')];
    const unchecked = await test.store.prepare(bytes);
    await test.store.write(mine, (w) => w.append(unchecked, { mailboxIds: [mailboxId] }));
    const one = await promise();
    const checked = { ...(await test.store.prepare(bytes)), verdict: { kind: 'unsigned' } };
    const delivery = test.db.write(async (tx) => {
      await test.store.deliver(tx, first, checked, 'inbox');
      return (await test.store.deliver(tx, mine, checked, 'inbox')).uids.get(mailboxId);
    });
    expect(await isPending(delivery)).toBe(true);
    await keep(one);
    expect([one.uid, await delivery]).toEqual([2, 3]);
  });

  it('given up and taken up again comes after those that stand', async () => {
    const one = await promise();
    const prepared = await test.store.prepare(message());
    const again = test.db.write((tx) =>
      test.store.promised.store(tx, place(), [{ uid: undefined, message: prepared, filing }]),
    );
    expect(await isPending(again)).toBe(true);
    await keep(one);
    await again;
    expect(await uids()).toEqual([1, 2]);
  });

  it('that a journal brings twice ends with the later of the two, and holds up nobody', async () => {
    const left = [1, 1, 2].map((uid) => test.store.promised.renew({ ...place(), uid, uidValidity: 1 }));
    const later = keep(left[2]!);
    expect(await isPending(later)).toBe(true);
    await keep(left[0]!);
    expect(await isPending(later)).toBe(true);
    await keep(left[1]!);
    await later;
    expect(await uids()).toEqual([1, 2, 3]);
    expect(await append()).toBe(4);
  });

  it('is known to be kept by its UID and octets', async () => {
    const bytes = message();
    const prepared = await test.store.prepare(bytes);
    const { hash } = prepared.blob;
    const one = await promise();
    const is = (other = hash) => test.store.promised.isStored(one, other);
    expect(await is()).toBe(false);
    await test.db.write((tx) =>
      test.store.promised.store(tx, place(), [
        { uid: one.uid, message: prepared, filing: { ...filing, deleted: true } },
      ]),
    );
    one.done();
    expect(await is()).toBe(true);
    expect(await is((await test.store.prepare(message())).blob.hash)).toBe(false);
    // And still after it went.
    await test.store.write(accountId, (w) => w.expunge(mailboxId));
    expect(await is()).toBe(true);
  });
});

describe('a store that ends', () => {
  it('tells those who wait for a promise', async () => {
    const test = await openStore(dialects[0]!.open);
    const accountId = await test.account();
    const mailboxId = await test.role(accountId, 'inbox');
    await test.store.promised.uid({ accountId, mailboxId }, filing, 10, () => undefined);
    const prepared = await test.store.prepare(message());
    const waiting = test.store.write(accountId, (w) => w.append(prepared, { mailboxIds: [mailboxId] }));
    const refused = expect(waiting).rejects.toMatchObject({ kind: 'unavailable' });
    await test.db.write(async () => undefined);
    test.store.promised.end();
    await refused;
    await test.dispose();
  });
});

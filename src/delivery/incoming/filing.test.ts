/** What a client files: durable and with a UID before it is in its mailbox, and there once, whatever happens in between. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import type { AccountId, MailboxId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { message, openStore, START, type TestStore } from '../../mailstore/testing/setup.ts';
import { createFiling } from './filing.ts';
import { createIncoming, type IncomingOptions } from './incoming.ts';
import { Processes } from './testing/processes.ts';
import { mail } from './testing/spool.ts';
import type { FileMail, Incoming } from './types.ts';

const HOUR = 3_600_000;

describe.each(dialects)('what a client files ($dialect)', ({ open }) => {
  let test: TestStore;
  let folder: string;
  let accountId: AccountId;
  let mailboxId: MailboxId;
  beforeEach(async () => {
    test = await openStore(open);
    folder = join(test.folder, 'incoming');
    accountId = await test.account();
    mailboxId = await test.role(accountId, 'archive');
  });
  afterEach(async () => {
    expect(await test.findings({ deep: true })).toEqual([]);
    await test.dispose();
  });

  const processes = new Processes();
  /** A process; its store may be made to stand still before it stores. */
  const process = async (given: { store?: FileMail } & Partial<IncomingOptions> = {}) => {
    const store = test.beside();
    const filing = createFiling({ db: test.db, mailstore: store, verdictOf: async () => null });
    const { store: wrapped = filing, ...options } = given;
    const incoming = processes.add(
      createIncoming({
        ...{ folder, mostBytes: 10_000, log: silentLog, isDelivered: async () => false },
        filing: { promised: store.promised, store: wrapped },
        ...options,
      }),
    );
    incoming.expect();
    await incoming.start(async () => async () => undefined);
    return { incoming, store, filing };
  };
  const hung: FileMail = async () => () => processes.never;
  /** It stores, and ends before it knows. */
  const endsAfterStoring = async () => {
    const crashed = await process({
      store: async (one) => async () => {
        await (
          await crashed.filing(one)
        )();
        await processes.never;
      },
    });
    return crashed;
  };
  const filing = { keywords: ['$seen', 'nhan'], deleted: false, receivedAt: START };
  const file = (incoming: Incoming, bytes = message(), how = filing) =>
    incoming.file({ accountId, mailboxId }, bytes, how);
  const there = async () =>
    (await test.store.read(accountId).placed(mailboxId)).map(({ uid, keywords, deleted }) => ({
      uid,
      keywords,
      deleted,
    }));
  const uids = async () => (await there()).map(({ uid }) => uid);

  it('has its UID when it is durable, and is there with its flags when somebody looks', async () => {
    const { incoming } = await process();
    const filed = await Promise.all([
      file(incoming),
      file(incoming),
      file(incoming, message(), { ...filing, deleted: true }),
    ]);
    expect(filed.map((one) => one?.uid)).toEqual([1, 2, 3]);
    await incoming.settled([accountId]);
    const flags = { keywords: ['$seen', 'nhan'], deleted: false };
    expect(await there()).toEqual([
      { uid: 1, ...flags },
      { uid: 2, ...flags },
      { uid: 3, ...flags, deleted: true },
    ]);
    expect(filed[0]?.uidValidity).toBe(await test.store.read(accountId).uidValidity(mailboxId));
  });

  it('is there after a crash under the UIDs that were told, also the same octets twice', async () => {
    const { incoming } = await process({ store: hung });
    const twice = message();
    for (const bytes of [message(), twice, twice]) await file(incoming, bytes);
    expect(await uids()).toEqual([]);
    const later = await process();
    expect(await uids()).toEqual([1, 2, 3]);
    await later.incoming.stop();
    await process();
    expect(await uids()).toEqual([1, 2, 3]);
  });

  it('is not stored again when it had been, though it was moved away meanwhile', async () => {
    const crashed = await endsAfterStoring();
    await file(crashed.incoming);
    await expect.poll(uids).toEqual([1]);
    const inbox = await test.role(accountId, 'inbox');
    await test.store.write(accountId, (w) => w.move(mailboxId, [1], inbox));
    await process();
    expect(await uids()).toEqual([]);
    expect((await test.store.read(accountId).info()).emailCount).toBe(1);
  });

  it('is neither stored again nor kept aside when it went with its mailbox before the crash', async () => {
    mailboxId = (await test.store.write(accountId, (w) => w.createMailbox({ name: 'Lưu tạm' }))).id;
    const crashed = await endsAfterStoring();
    await file(crashed.incoming);
    await expect.poll(uids).toEqual([1]);
    await test.store.write(accountId, (w) => w.destroyMailbox(mailboxId, { removeEmails: true }));
    await process();
    expect(await readdir(folder)).not.toContain('aside');
    expect((await test.store.read(accountId).info()).emailCount).toBe(0);
  });

  it('and lies here already, but is swept before it is stored, is stored by the next attempt', async () => {
    const [bytes, inbox] = [message(), await test.role(accountId, 'inbox')];
    const first = { ...(await test.store.prepare(bytes)), verdict: { kind: 'unsigned' } };
    const { emailId } = await test.store.write(accountId, (w) => w.append(first, { mailboxIds: [inbox] }));
    await test.store.write(accountId, (w) => w.destroyEmails([emailId]));
    let swept = 0;
    const one = await process({
      async store(given) {
        const store = await one.filing(given);
        test.clock.advance(HOUR);
        swept += await test.store.sweep(test.clock.now());
        return store;
      },
    });
    await file(one.incoming, bytes);
    await one.incoming.settled([accountId]);
    expect(swept).toBe(1);
    await expect.poll(uids, { timeout: 10_000 }).toEqual([1]);
  });

  it('keeps its UIDs after a crash from whoever is quicker than the start', async () => {
    const { incoming } = await process({ store: hung });
    await file(incoming);
    const store = test.beside();
    const next = processes.add(
      createIncoming({
        ...{ folder, mostBytes: 10_000, log: silentLog, isDelivered: async () => false },
        filing: {
          promised: store.promised,
          store: createFiling({ db: test.db, mailstore: store, verdictOf: async () => null }),
        },
      }),
    );
    next.expect();
    const prepared = await store.prepare(message());
    const other = store.write(accountId, (w) => w.append(prepared, { mailboxIds: [mailboxId] }));
    await next.start(async () => async () => undefined);
    expect([...(await other).uids.values()]).toEqual([2]);
    expect(await uids()).toEqual([1, 2]);
  });

  it('is not taken when it is large, when the journal takes nothing, or when nobody files', async () => {
    const { incoming } = await process();
    expect(await file(incoming, message({}, 'x'.repeat(10_001)))).toBeUndefined();
    await incoming.stop();
    const broken = await process({ sync: () => Promise.reject(new Error('EIO')) });
    expect(await file(broken.incoming)).toBeUndefined();
    // Its UID is free again.
    const prepared = await broken.store.prepare(message());
    const { uids: given } = await broken.store.write(accountId, (w) => w.append(prepared, { mailboxIds: [mailboxId] }));
    expect([...given.values()]).toEqual([1]);
  });

  it('is refused as at once: no mailbox, no room', async () => {
    const { incoming } = await process();
    mailboxId = 999 as MailboxId;
    await expect(file(incoming)).rejects.toMatchObject({ code: 'mail.mailbox_not_found' });
    accountId = await test.account(100);
    mailboxId = await test.role(accountId, 'archive');
    await expect(file(incoming)).rejects.toMatchObject({ code: 'mail.over_quota' });
  });

  it('is kept aside when it cannot be stored, the others come in, and the next start tries again', async () => {
    const bad = message({ Subject: 'hong' });
    const one = await process({
      store: async (given) => {
        if (given.bytes === bad) return () => Promise.reject(new Error('a mistake of ours'));
        return one.filing(given);
      },
    });
    for (const bytes of [message(), bad, message()]) await file(one.incoming, bytes);
    await expect.poll(uids, { timeout: 20_000 }).toEqual([1, 3]);
    await one.incoming.stop();
    expect((await readdir(join(folder, 'aside'))).length).toBe(2);
    await process();
    expect(await uids()).toEqual([1, 3, 4]);
    expect(await readdir(join(folder, 'aside'))).toEqual([]);
  });

  it('that was kept aside does not hold up the next start, which finds more for the same mailbox in its journal', async () => {
    const bad = message({ Subject: 'hong' });
    const one = await process({
      store: async ({ bytes }) => {
        return () => (bytes === bad ? Promise.reject(new Error('a mistake of ours')) : processes.never);
      },
    });
    await file(one.incoming, bad);
    await expect.poll(async () => (await readdir(folder)).includes('aside'), { timeout: 20_000 }).toBe(true);
    // Until it is out of the way nothing else is taken.
    await expect.poll(() => file(one.incoming), { timeout: 20_000 }).toBeDefined();
    expect(await uids()).toEqual([]);
    await process();
    expect(await uids()).toHaveLength(2);
    expect(await readdir(join(folder, 'aside'))).toEqual([]);
  });

  it('is before all mail that waits, and is waited for by who looks for it, however long that takes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    const one = await process({
      store: async (given) => {
        const store = await one.filing(given);
        return async () => {
          await held;
          await store();
        };
      },
    });
    await file(one.incoming);
    let settled = false;
    const looking = Promise.resolve(one.incoming.settled([accountId])).then(() => (settled = true));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(settled).toBe(false);
    vi.useRealTimers();
    free();
    await looking;
    expect(await uids()).toEqual([1]);
  });

  it('comes after mail from outside for that account that was taken before it', async () => {
    const order: string[] = [];
    const { incoming, filing: stores } = await process();
    await incoming.stop();
    await rm(folder, { recursive: true });
    const store = test.beside();
    const both = processes.add(
      createIncoming({
        ...{ folder, mostBytes: 10_000, log: silentLog, isDelivered: async () => false },
        filing: {
          promised: store.promised,
          store: async (one) => async () => {
            order.push('filed');
            await (
              await stores(one)
            )();
          },
        },
      }),
    );
    await both.start(async () => async () => void order.push('mail'));
    await both.accept(mail('one'), [accountId]);
    await file(both);
    await both.settled();
    expect(order).toEqual(['mail', 'filed']);
  });
});

/** Text is indexed after its delivery; a search is complete all the same. */
import { randomBytes } from 'node:crypto';
import { mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { silentLog } from '../base/log.ts';
import type { AccountId, EmailId, MailboxId } from '../base/ids.ts';
import { ROW_BYTES } from '../blobs/blob-store.ts';
import type { Tx } from '../db/database.ts';
import { UNIT_CHARACTERS, UNIT_WORDS } from './indexer-batch.ts';
import { createMailstore } from './mailstore.ts';
import { message, openStore, type TestStore } from './testing/setup.ts';
import type { Mailstore } from './types.ts';

describe.each(dialects)('deferred indexing on $dialect', ({ dialect, open }) => {
  let t: TestStore;
  let id: AccountId;
  let inbox: MailboxId;
  beforeEach(async () => {
    t = await openStore(open);
    id = await t.account();
    inbox = await t.role(id, 'inbox');
  });
  afterEach(async () => {
    await t.store.indexing.stop();
    await t.dispose();
  });
  const put = async (body: string, store: Mailstore = t.store, account = id): Promise<EmailId> => {
    const prepared = await store.prepare(message({}, body));
    return (await store.write(account, (w) => w.append(prepared, { mailboxIds: [inbox] }))).emailId;
  };
  const indexed = async () => Number((await t.db.read.rows(sql`select count(*) as n from email_search`))[0]?.[0]);
  const find = (text: string, account = id) => t.store.read(account).query({ filter: { text } });
  /** The same database seen by a process that knows nothing of what was delivered. */
  const another = () => createMailstore({ ...t, log: silentLog });

  it('a delivery writes nothing into the index, a search waits until it is complete', async () => {
    const ids = [await put('công văn một'), await put('công văn hai')];
    expect(await indexed()).toBe(0);
    expect(new Set(await find('cong van'))).toEqual(new Set(ids));
    expect(await indexed()).toBe(2);
    expect(await t.findings()).toEqual([]);
  });

  it('a search waits for its own account only', async () => {
    const other = await t.account();
    await put('công văn');
    await put('công văn', t.store, other);
    expect(await find('cong van')).toHaveLength(1);
    expect(await indexed()).toBe(1);
  });

  it('another process, or this one after a crash, knows what is pending and derives it from the bytes', async () => {
    const emailId = await put('giải phóng mặt bằng');
    expect(
      await another()
        .read(id)
        .query({ filter: { text: 'mat bang' } }),
    ).toEqual([emailId]);
  });

  it('more than one batch, of many accounts, asked for by many at once, is indexed once', async () => {
    const others = await Promise.all([t.account(), t.account()]);
    const bodies = Array.from({ length: 35 }, (_, i) => message({}, `văn bản số ${i}`));
    const prepared = await Promise.all(bodies.map((bytes) => t.store.prepare(bytes)));
    for (const account of [id, ...others]) {
      await t.store.write(account, async (w) => {
        for (const one of prepared) await w.append(one, { mailboxIds: [inbox] });
      });
    }
    const second = another();
    const found = await Promise.all([
      find('van ban'),
      find('"so 34"'),
      second.read(id).query({ filter: { text: 'ban' } }),
      find('van', others[0]),
      second.indexing.settle(),
    ]);
    expect(found.slice(0, 4).map((list) => (list as EmailId[]).length)).toEqual([35, 1, 35, 35]);
    expect(await indexed()).toBe(105);
    expect(await t.findings()).toEqual([]);
  });

  it('runs by itself once started, also over what was left before', async () => {
    await put('trước khi bắt đầu');
    const second = another();
    second.indexing.start();
    await expect.poll(indexed).toBe(1);
    await put('sau khi bắt đầu', second);
    await expect.poll(indexed, { timeout: 5000 }).toBe(2);
    await second.indexing.stop();
  });

  /** A store that counts its units of work, and hears of each. */
  const counting = (before: () => Promise<unknown> = () => Promise.resolve()) => {
    const counts = { units: 0 };
    const write = async <T>(unit: (tx: Tx) => Promise<T>): Promise<T> => {
      counts.units++;
      await before();
      return t.db.write(unit);
    };
    return { counts, store: createMailstore({ ...t, db: { ...t.db, write }, log: silentLog }) };
  };

  it('a search waits for no more of others than what was being read when it came', async () => {
    const other = await t.account();
    const theirs = await Promise.all(Array.from({ length: 120 }, (_, i) => t.store.prepare(message({}, `thư ${i}`))));
    await t.store.write(other, async (w) => {
      for (const one of theirs) await w.append(one, { mailboxIds: [inbox] });
    });
    let search: Promise<number[]> | undefined;
    const look = async () => [(await store.read(id).query({ filter: { text: 'cong van' } })).length, await indexed()];
    // It comes with the first unit of work of the background.
    const { store } = counting(async () => {
      if (search) return;
      search = Promise.resolve([]);
      await put('công văn');
      search = look();
    });
    store.indexing.start();
    await expect.poll(async () => (await search)?.length, { timeout: 10_000 }).toBe(2);
    const [found, atOnce] = (await search) ?? [];
    expect(found).toBe(1);
    // Two portions of 50, and its own.
    expect(atOnce).toBeLessThanOrEqual(101);
    await expect.poll(indexed, { timeout: 10_000 }).toBe(121);
    await store.indexing.stop();
  });

  it('no unit of work holds much: a long text for many accounts, words that are all new', async () => {
    const words = Array.from({ length: 3 * UNIT_WORDS }, (_, i) => `tu${i.toString(36)}`);
    const long = await t.store.prepare(message({}, `${words.join(' ')} ${'công văn '.repeat(UNIT_CHARACTERS / 9)}`));
    const others = await Promise.all(Array.from({ length: 5 }, () => t.account()));
    for (const account of others) {
      await t.store.write(account, async (w) => {
        const box = (await w.mailboxByRole('inbox'))!.id;
        await w.append(long, { mailboxIds: [box] });
      });
    }
    const { counts, store } = counting();
    await store.indexing.settle();
    await store.indexing.stop();
    // First the words, then one account in each; PostgreSQL is given no more than 255 places of a word.
    expect(counts.units).toBeGreaterThanOrEqual(3 + (dialect === 'sqlite' ? 5 : 1));
    for (const account of others) expect(await find(`tu${(3 * UNIT_WORDS - 1).toString(36)}`, account)).toHaveLength(1);
    expect(await t.findings()).toEqual([]);
  });

  it('many short texts share a unit of work', async () => {
    for (let i = 0; i < 60; i++) await put(`công văn số ${i}`);
    const { counts, store } = counting();
    await store.indexing.settle();
    expect(counts.units).toBeLessThanOrEqual(3);
    expect(await indexed()).toBe(60);
    await store.indexing.stop();
  });

  it('mail that comes while others are read keeps nobody from being indexed, and is indexed too', async () => {
    const other = await t.account();
    const otherInbox = await t.role(other, 'inbox');
    await put('công văn một');
    const prepared = await t.store.prepare(message({}, 'công văn hai'));
    await t.store.write(other, (w) => w.append(prepared, { mailboxIds: [otherInbox] }));
    let late: Promise<unknown> | undefined;
    const { store } = counting(() => (late ??= put('công văn ba')));
    await store.indexing.settle();
    expect(await indexed()).toBe(3);
    expect(await find('cong van')).toHaveLength(2);
    expect(await t.findings()).toEqual([]);
  });

  it('what was read for a unit of work that failed is not lost', async () => {
    let failing = true;
    const { store } = counting(async () => {
      if (failing) throw new Error('no room');
    });
    await put('giải phóng mặt bằng');
    await expect(store.indexing.settle()).rejects.toThrow('no room');
    failing = false;
    await store.indexing.settle();
    // Part of a word: by the vocabulary.
    expect(await store.read(id).uidsWithText(inbox, { in: 'body', text: 'hóng' })).toHaveLength(1);
    expect(await t.findings()).toEqual([]);
  });

  it('an email destroyed while pending leaves no trace, its copy keeps its text', async () => {
    const [gone, copied] = [await put('mật bằng không'), await put('bản sao')];
    const [copy] = await t.store.write(id, (w) => w.copy([copied], inbox));
    await t.store.write(id, (w) => w.destroyEmails([gone, copied]));
    expect(await find('mat')).toEqual([]);
    expect(await find('"ban sao"')).toEqual([copy!.emailId]);
    expect(await t.findings()).toEqual([]);
    await t.store.write(id, (w) => w.destroyEmails([copy!.emailId]));
    expect(await indexed()).toBe(0);
  });

  it.each(['lost', 'not given by the disk'])(
    'an email whose bytes are %s does not keep the others from being found',
    async (how) => {
      const prepared = await t.store.prepare(message({}, randomBytes(ROW_BYTES).toString('hex')));
      await t.store.write(id, (w) => w.append(prepared, { mailboxIds: [inbox] }));
      const emailId = await put('còn đây');
      const { hash } = prepared.blob;
      const file = join(t.folder, hash.slice(0, 2), hash);
      await unlink(file);
      if (how !== 'lost') await mkdir(file);
      expect(
        await another()
          .read(id)
          .query({ filter: { text: 'con day' } }),
      ).toEqual([emailId]);
      if (how === 'lost')
        expect((await t.findings()).join('\n')).toMatch(/email 1 is not in the search index[\s\S]*are missing/);
    },
  );

  it('refuses a text condition within a unit of work, where nothing can be waited for', async () => {
    const inUnit = t.store.write(id, (w) => w.query({ filter: { text: 'a' } }));
    await expect(inUnit).rejects.toMatchObject({ code: 'mail.filter_invalid' });
  });
});

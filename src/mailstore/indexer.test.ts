/** Text is indexed after its delivery; a search is complete all the same. */
import { randomBytes } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { silentLog } from '../base/log.ts';
import type { AccountId, EmailId, MailboxId } from '../base/ids.ts';
import { ROW_BYTES } from '../blobs/blob-store.ts';
import { createMailstore } from './mailstore.ts';
import { message, openStore, type TestStore } from './testing/setup.ts';
import type { Mailstore } from './types.ts';

describe.each(dialects)('deferred indexing on $dialect', ({ open }) => {
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

  it('an email whose bytes are lost does not keep the others from being found', async () => {
    const prepared = await t.store.prepare(message({}, randomBytes(ROW_BYTES).toString('hex')));
    await t.store.write(id, (w) => w.append(prepared, { mailboxIds: [inbox] }));
    const emailId = await put('còn đây');
    const { hash } = prepared.blob;
    await unlink(join(t.folder, hash.slice(0, 2), hash));
    expect(
      await another()
        .read(id)
        .query({ filter: { text: 'con day' } }),
    ).toEqual([emailId]);
    expect((await t.findings()).join('\n')).toMatch(/email 1 is not in the search index[\s\S]*are missing/);
  });

  it('refuses a text condition within a unit of work, where nothing can be waited for', async () => {
    const inUnit = t.store.write(id, (w) => w.query({ filter: { text: 'a' } }));
    await expect(inUnit).rejects.toMatchObject({ code: 'mail.filter_invalid' });
  });
});

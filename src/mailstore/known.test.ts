/** A mail program that moves mail between accounts appends the very bytes that lie here already. */
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { isDomainError } from '../base/errors.ts';
import type { AccountId } from '../base/ids.ts';
import { message, openStore, START, type TestStore } from './testing/setup.ts';
import type { PreparedMessage } from './types.ts';

const HOUR = 3_600_000;
const filing = { keywords: [], deleted: false, receivedAt: START };
const verdict = { kind: 'unsigned' };

describe.each(dialects)('a message that lies here already ($dialect)', ({ open }) => {
  let t: TestStore;
  let one: AccountId;
  let other: AccountId;
  const bytes = message({ Subject: 'Bao cao quy' }, 'Kế hoạch phòng chống lụt bão');
  beforeEach(async () => {
    t = await openStore(open);
    [one, other] = [await t.account(), await t.account()];
  });
  afterEach(async () => {
    await t.store.stop();
    expect(await t.findings({ deep: true })).toEqual([]);
    await t.dispose();
  });

  const append = async (message: PreparedMessage) => {
    message.verdict = verdict;
    const inbox = await t.role(one, 'inbox');
    return t.store.write(one, (w) => w.append(message, { mailboxIds: [inbox] }));
  };
  const known = () => t.store.promised.prepare(bytes);
  const file = async (message: PreparedMessage) => {
    const place = { accountId: other, mailboxId: await t.role(other, 'archive') };
    await t.db.write((tx) => t.store.promised.store(tx, place, [{ uid: undefined, message, filing }]));
    return t.store.read(other).placed(place.mailboxId);
  };
  const damage = (text: string) => t.db.write(({ q }) => q.exec(sql.raw(text)));

  it('is not taken apart again, and is in its mailbox with what was derived from it and its verdict', async () => {
    const before = await t.store.prepare(bytes);
    await append(before);
    const again = await known();
    expect(again.isKnown).toBe(true);
    expect(again.verdict).toEqual(verdict);
    expect(again.derived).toEqual(before.derived);
    const [there] = await file(again);
    expect(there).toMatchObject({ blobHash: before.blob.hash, size: bytes.length });
    expect(Buffer.compare(await t.blobs.read(before.blob.hash), bytes)).toBe(0);
  });

  it('is found by its text in the account that has it now', async () => {
    await append(await t.store.prepare(bytes));
    await file(await known());
    const found = await t.store.read(other).query({ filter: { text: 'lut bao' }, sort: [] });
    expect(found).toHaveLength(1);
    expect(await t.store.read(other).query({ filter: { text: 'hạn hán' }, sort: [] })).toEqual([]);
  });

  it.each([
    ['nothing is here', ''],
    ['its verdict is awaited', 'update messages set verdict = null'],
    ['an older release derived it', 'update messages set derived_version = derived_version - 1'],
    ['its content is gone', 'delete from blobs'],
  ])('is taken apart when %s', async (what, text) => {
    if (what !== 'nothing is here') await append(await t.store.prepare(bytes));
    if (text !== '') await damage(text);
    const made = await known();
    expect(made.isKnown).toBeUndefined();
    expect(made.blob.rows).not.toEqual([]);
    expect(await file(made)).toHaveLength(1);
    await damage('update messages set derived_version = (select max(derived_version) from messages)');
    if (what === 'an older release derived it') for await (const _ of t.store.repair()) continue;
  });

  it('and goes before it is stored is not stored by halves; the next attempt takes it apart', async () => {
    const { emailId } = await append(await t.store.prepare(bytes));
    const prepared = await known();
    await t.store.write(one, (w) => w.destroyEmails([emailId]));
    t.clock.advance(10 * HOUR);
    const sweep = async () => {
      await t.store.sweep(t.clock.now() - HOUR);
      await t.blobs.sweep((hashes) => t.store.referenced(hashes), t.clock.now() - HOUR);
    };
    await t.store.sweep(t.clock.now() - HOUR);
    await expect(file(prepared)).rejects.toSatisfy((error) => isDomainError(error, 'mail.swept'));
    await sweep();
    await expect(file(prepared)).rejects.toSatisfy((error) => isDomainError(error, 'blob.swept'));
    expect(await t.store.read(other).uids(await t.role(other, 'archive'))).toHaveLength(0);
    expect(await file(await known())).toHaveLength(1);
  });

  it('that is old stays: whoever sweeps behind it finds it young', async () => {
    const { emailId } = await append(await t.store.prepare(bytes));
    await t.store.write(one, (w) => w.destroyEmails([emailId]));
    t.clock.advance(10 * HOUR);
    const place = { accountId: other, mailboxId: await t.role(other, 'archive') };
    const prepared = await known();
    await t.db.write(async (tx) => {
      await t.store.promised.store(tx, place, [{ uid: undefined, message: prepared, filing }]);
    });
    const ages = await t.db.read.rows(sql`select created_at from messages`);
    expect(ages.map(([at]) => Number(at))).toEqual([t.clock.now()]);
  });
});

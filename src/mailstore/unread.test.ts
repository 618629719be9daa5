/** A message that could not be taken apart (preparing/head.ts): stored whole, named by the check, taken apart by the repair. */
import { afterEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, MailboxId } from '../base/ids.ts';
import { bareDigest, headDigest } from './preparing/head.ts';
import { message, openStore, type TestStore } from './testing/setup.ts';
import type { PreparedMessage } from './types.ts';

describe.each(dialects)('a message that could not be taken apart on $dialect', ({ open }) => {
  let t: TestStore;
  let id: AccountId;
  let inbox: MailboxId;
  afterEach(() => t.dispose());
  const put = async (bytes: Uint8Array, least: typeof headDigest) => {
    t = await openStore(open);
    id = await t.account();
    inbox = await t.role(id, 'inbox');
    const { derived, packing } = await least(bytes);
    const prepared: PreparedMessage = { blob: await t.blobs.stagePacked(bytes, packing), derived, verdict: null };
    await t.store.write(id, (w) => w.append(prepared, { mailboxIds: [inbox] }));
    await t.store.indexing.settle();
    return prepared.blob.hash;
  };
  const found = (text: string) => t.store.read(id).uidsWithText(inbox, { in: 'text', text }, async () => undefined);
  const mended = async () => {
    const done: string[] = [];
    for await (const { finding } of t.store.repair()) done.push(finding);
    return done;
  };
  const letter = () => message({ Subject: 'Hop giao ban' }, 'nghe thuat kien truc');

  it('is there octet by octet, found by its subject, named by the check, and whole after a repair', async () => {
    const bytes = letter();
    const hash = await put(bytes, headDigest);
    expect(Buffer.from(await t.blobs.read(hash))).toEqual(Buffer.from(bytes));
    expect(await found('giao ban')).toEqual([1]);
    expect(await found('kien truc')).toEqual([]);
    expect(await t.findings({ deep: true })).toEqual([
      `${id}: email 1: the message ${hash} is whole but could not be taken apart, only its header is known`,
    ]);
    expect(await mended()).toEqual([`${hash} was derived anew`]);
    expect(await t.findings({ deep: true })).toEqual([]);
    expect(await found('kien truc')).toEqual([1]);
    expect((await t.store.derived(hash))?.root).toMatchObject({ type: 'text', subtype: 'plain' });
  });

  it('is listed when not even its header could be read', async () => {
    const bytes = letter();
    const hash = await put(bytes, bareDigest);
    const [row] = await t.store.read(id).placedDetails(inbox, [1]);
    expect(row).toBeDefined();
    expect(Buffer.from(await t.blobs.read(hash))).toEqual(Buffer.from(bytes));
    expect(await mended()).toEqual([`${hash} was derived anew`]);
    expect(await t.findings()).toEqual([]);
  });
});

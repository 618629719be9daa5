/** Many at once: nothing lost, nothing counted twice, no deadlock that reaches the caller. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ROW_BYTES } from '../blobs/blob-store.ts';
import { noiseText } from '../blobs/testing/noise.ts';
import { dialects } from '../../test/support/databases.ts';
import type { AccountId, MailboxId, ModSeq } from '../base/ids.ts';
import { message, openStore, type TestStore } from './testing/setup.ts';

describe.each(dialects)('writers at the same time on $dialect', ({ open }) => {
  let t: TestStore;
  beforeAll(async () => {
    t = await openStore(open);
  });
  afterAll(async () => {
    expect(await t.findings({ deep: true })).toEqual([]);
    await t.dispose();
  });

  it('give every message its own UID and every unit its own mod-sequence', async () => {
    const id = await t.account();
    const inbox = await t.role(id, 'inbox');
    const messages = await Promise.all(
      Array.from({ length: 40 }, (_, i) => t.store.prepare(message({ Subject: `m${i % 7}` }))),
    );
    const done = await Promise.all(
      messages.map((m, i) =>
        t.store.write(id, async (w) => {
          const { emailId, uids } = await w.append(m, { mailboxIds: [inbox] });
          if (i % 2) await w.setKeywords([emailId], { add: ['$seen'] });
          return { uid: uids.get(inbox), modseq: (await w.info()).modseq };
        }),
      ),
    );
    expect(done.map((d) => d.uid!).sort((a, b) => a - b)).toEqual(messages.map((_, i) => i + 1));
    expect(new Set(done.map((d) => d.modseq)).size).toBe(40);
    expect(await t.store.read(id).mailbox(inbox)).toMatchObject({ totalEmails: 40, unreadEmails: 20, uidNext: 41 });
    expect((await t.store.read(id).changes('Email', 0 as ModSeq)).created).toHaveLength(40);
  });

  it('deliver the same bytes to many accounts in common units, beside owners who move and delete', async () => {
    const ids: AccountId[] = [];
    for (let i = 0; i < 8; i++) ids.push(await t.account());
    const boxes = new Map<AccountId, [MailboxId, MailboxId]>();
    for (const id of ids) boxes.set(id, [await t.role(id, 'inbox'), await t.role(id, 'archive')]);
    const shared = await t.store.prepare(message({ Subject: 'Thong bao chung' }));
    const own = await t.store.prepare(message({}, noiseText(2 * ROW_BYTES)));
    const deliver = (m: typeof shared, to: AccountId[]) =>
      t.db.write(async (tx) => {
        for (const id of [...to].sort((a, b) => a - b)) {
          const writer = await t.store.writerIn(tx, id);
          await writer.append(m, { mailboxIds: [boxes.get(id)![0]] });
        }
      });
    const owner = (id: AccountId) =>
      t.store.write(id, async (w) => {
        const [inbox, archive] = boxes.get(id)!;
        const uids = (await w.placed(inbox)).map((p) => p.uid);
        await w.move(inbox, uids.slice(0, 1), archive);
        await w.setDeleted(inbox, uids.slice(1, 2), true);
        await w.expunge(inbox);
      });
    const work: Promise<unknown>[] = [];
    for (let round = 0; round < 6; round++) {
      work.push(deliver(shared, ids), deliver(own, ids.filter((_, i) => (i + round) % 2 === 0).reverse()));
      work.push(...ids.map(owner));
      work.push(t.db.write((tx) => t.store.setVerdict(tx, shared.blob.hash, { kind: 'unsigned', round }, round)));
    }
    await Promise.all(work);
    const arrived = await Promise.all(
      ids.map(async (id) => (await t.store.read(id).mailbox(boxes.get(id)![0]))!.uidNext - 1),
    );
    expect(arrived).toEqual(ids.map(() => 9));
  });

  it('a unit that fails for its last recipient reaches none', async () => {
    const a = await t.account();
    const b = await t.account(10);
    const m = await t.store.prepare(message());
    const inbox = await t.role(a, 'inbox');
    const unit = t.db.write(async (tx) => {
      for (const id of [a, b]) await (await t.store.writerIn(tx, id)).append(m, { mailboxIds: [inbox] });
    });
    await expect(unit).rejects.toMatchObject({ code: 'mail.over_quota' });
    expect(await t.store.read(a).info()).toMatchObject({ emailCount: 0, modseq: 1 });
    expect(await t.store.derived(m.blob.hash)).toBeUndefined();
    expect(await t.blobs.size(m.blob.hash)).toBeUndefined();
  });
});

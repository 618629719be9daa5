/** Reads of many messages of a mailbox at once, as IMAP does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, MailboxId, ModSeq } from '../base/ids.ts';
import { message, openStore, START, type TestStore } from './testing/setup.ts';
import type { AccountReader, PlacePick } from './types.ts';

describe.each(dialects)('messages of a mailbox on $dialect', ({ open }) => {
  let t: TestStore;
  let id: AccountId;
  let inbox: MailboxId;
  let reader: AccountReader;
  let before: ModSeq;
  beforeAll(async () => {
    t = await openStore(open);
    id = await t.account();
    inbox = await t.role(id, 'inbox');
    const archive = await t.role(id, 'archive');
    reader = t.store.read(id);
    const keywords = [['$seen'], [], ['$seen', 'viec', '$flagged'], [], ['viec', 'gap']];
    const prepared = await Promise.all(keywords.map((_, i) => t.store.prepare(message({ Subject: `Thu ${i + 1}` }))));
    await t.store.write(id, async (w) => {
      for (const [i, one] of prepared.entries())
        await w.append(one, { mailboxIds: [inbox], keywords: keywords[i] ?? [] });
      await w.append(prepared[0]!, { mailboxIds: [archive] });
    });
    before = (await reader.info()).modseq;
    await t.store.write(id, async (w) => {
      await w.setDeleted(inbox, [2, 4], true);
      await w.setDeleted(inbox, [3], true);
      await w.expunge(inbox, [3]);
    });
  });
  afterAll(() => t.dispose());

  const picks: [PlacePick, number[]][] = [
    [{}, [1, 2, 4, 5]],
    [{ uids: [5, 1, 3, 99] }, [1, 5]],
    [{ uids: Uint32Array.of(2, 4) }, [2, 4]],
    [{ uids: [] }, []],
    [{ from: 2 }, [2, 4, 5]],
    [{ to: 2 }, [1, 2]],
    [{ from: 2, to: 4 }, [2, 4]],
    [{ deleted: true }, [2, 4]],
    [{ from: 3, deleted: true }, [4]],
  ];
  it.each(picks)('%o', async (pick, uids) => {
    expect([...(await reader.uids(inbox, pick))]).toEqual(uids);
    expect((await reader.placed(inbox, pick)).map((row) => row.uid)).toEqual(uids);
    expect((await reader.placedFlags(inbox, pick)).map((row) => row.uid)).toEqual(uids);
    expect((await reader.placedModseqs(inbox, pick)).map((row) => row.uid)).toEqual(uids);
    for (const needs of [
      { lines: true, derived: false },
      { lines: false, derived: true },
    ])
      expect((await reader.fetchRows(inbox, pick, needs)).map((row) => row.uid)).toEqual(uids);
  });

  it('those that changed since a moment', async () => {
    expect([...(await reader.uids(inbox, { changedSince: before }))]).toEqual([2, 4]);
    const rows = await reader.placed(inbox, { changedSince: before, from: 3 });
    expect(rows).toMatchObject([{ uid: 4, deleted: true, keywords: [], receivedAt: START, savedAt: START }]);
    expect(rows[0]?.modseq).toBeGreaterThan(before);
    expect(await reader.expungedSince(inbox, before)).toEqual([{ uid: 3, modseq: rows[0]?.modseq }]);
  });

  it('have their flags and mod-sequences, as whole rows have them', async () => {
    const rows = await reader.placed(inbox);
    expect(await reader.placedFlags(inbox)).toEqual(
      rows.map(({ uid, keywords, deleted }) => ({ uid, keywords, deleted })),
    );
    expect(await reader.placedModseqs(inbox)).toEqual(rows.map(({ uid, modseq }) => ({ uid, modseq })));
    expect(rows.map((row) => row.keywords)).toEqual([['$seen'], [], [], ['gap', 'viec']]);
  });

  it('bring of the derived data what is asked for, and nothing else', async () => {
    const pick = { from: 5, to: 5 };
    const [lines] = await reader.fetchRows(inbox, pick, { lines: true, derived: false });
    expect(lines?.imapEnvelope).toContain('"Thu 5"');
    expect(lines?.imapBodyStructure).toMatch(/^\("TEXT"/i);
    expect(lines?.derived).toBeUndefined();
    const [derived] = await reader.fetchRows(inbox, pick, { lines: false, derived: true });
    expect(derived?.derived?.summary.subject).toBe('Thu 5');
    expect(derived?.imapEnvelope).toBeUndefined();
    const [detail] = await reader.placedDetails(inbox, [5]);
    expect(detail).toMatchObject({ uid: 5, imapEnvelope: lines?.imapEnvelope, root: derived?.derived?.root });
    const [plain] = await reader.fetchRows(inbox, pick, { lines: false, derived: false });
    expect(plain).toEqual((await reader.placed(inbox, pick))[0]);
  });

  it('are counted where they are marked as deleted', async () => {
    const rows = await reader.placed(inbox, { deleted: true });
    expect(await reader.deletedTotals(inbox)).toEqual({ count: 2, bytes: rows.reduce((sum, r) => sum + r.size, 0) });
    expect(await reader.deletedTotals(await t.role(id, 'junk'))).toEqual({ count: 0, bytes: 0 });
  });

  it('know the first unread one, as far as one looks', async () => {
    expect(await reader.firstUnseen(inbox, 10)).toBe(2);
    expect(await reader.firstUnseen(inbox, 1)).toBeUndefined();
    expect(await reader.firstUnseen(await t.role(id, 'junk'), 10)).toBeUndefined();
  });

  it('share their keywords when those are few, and keep none in memory that could fill it', async () => {
    const rows = await reader.placed(inbox, { uids: [3, 5] });
    const again = await reader.placed(inbox, { uids: [5] });
    expect(again[0]!.keywords).toBe(rows.at(-1)!.keywords);
    const many = Array.from({ length: 100 }, (_, i) => String(i).padEnd(255, 'x'));
    await t.store.write(id, (w) => w.setKeywords([rows.at(-1)!.emailId], { set: many }));
    const lists = [await reader.placed(inbox, { uids: [5] }), await reader.placedFlags(inbox, { uids: [5] })];
    expect(lists.map(([row]) => row!.keywords)).toEqual([[...many].sort(), [...many].sort()]);
    expect(lists[0]![0]!.keywords).not.toBe(lists[1]![0]!.keywords);
    await t.store.write(id, (w) => w.setKeywords([rows.at(-1)!.emailId], { set: ['viec', 'gap'] }));
  });

  it('leave their keywords with the account, also those that went with them', async () => {
    expect(await reader.keywords()).toEqual(expect.arrayContaining(['gap', 'viec']));
    const [row] = await reader.placed(inbox, { from: 1, to: 1 });
    await t.store.write(id, (w) => w.setKeywords([row!.emailId], { add: ['$Junk', 'moi'] }));
    expect(await reader.keywords()).toEqual(expect.arrayContaining(['$junk', 'gap', 'moi', 'viec']));
  });
});

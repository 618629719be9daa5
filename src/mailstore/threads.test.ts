/** Which emails lie in one conversation, whatever strangers write into their references (RFC 8621 §3). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { sql } from 'drizzle-orm';

import { dialects } from '../../test/support/databases.ts';
import type { ThreadId } from '../base/ids.ts';
import { OwnAccount } from './testing/own-account.ts';
import { message } from './testing/setup.ts';
import type { Appended } from './types.ts';

describe.each(dialects)('a thread on $dialect', ({ open }) => {
  let own: OwnAccount;
  beforeAll(async () => {
    own = await OwnAccount.open(open);
  });
  beforeEach(() => own.fresh());
  afterAll(() => own.dispose());

  const put = (id: string | undefined, fields: Record<string, string> = {}): Promise<Appended> =>
    own.put(message({ Subject: 'Hop', ...(id === undefined ? {} : { 'Message-ID': `<${id}>` }), ...fields }));
  const ids = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `<r${from + i}@x>`).join('\r\n ');
  const threadOf = async ({ emailId }: Appended): Promise<ThreadId> => {
    const [email] = await own.read().emails([emailId]);
    return email!.threadId;
  };

  it('keeps each of two that turn out to belong together: the oldest takes what comes', async () => {
    const [first, second] = [await put('a@x'), await put('b@x')];
    expect(first.threadId).not.toBe(second.threadId);
    const both = await put('c@x', { References: '<b@x> <a@x>' });
    expect([both.threadId, both.joined]).toEqual([first.threadId, true]);
    // From now on the older one knows both.
    const answer = await put('d@x', { 'In-Reply-To': '<b@x>' });
    expect(answer.threadId).toBe(first.threadId);
    // OBJECTID: an id that was told is never another one.
    expect([await threadOf(first), await threadOf(second)]).toEqual([first.threadId, second.threadId]);
    // Once the older one is gone, the younger takes what names both.
    await own.write((w) => w.destroyEmails([first.emailId, both.emailId, answer.emailId]));
    expect((await put('e@x', { References: '<a@x> <b@x>' })).threadId).toBe(second.threadId);
  });

  it('is found by the root, by the neighbours and by what it answers, among ten thousand references', async () => {
    const [middle, near] = [await put('r5000@x'), await put('r9999@x')];
    expect((await put('tail@x', { References: ids(9000, 10_000) })).threadId).toBe(near.threadId);
    const root = await put('r0@x', { 'In-Reply-To': '<other@x>' });
    expect((await put('answer@x', { References: ids(0, 9000) })).threadId).toBe(root.threadId);
    expect((await put('late@x', { References: ids(1, 9000), 'In-Reply-To': '<other@x>' })).threadId).toBe(
      root.threadId,
    );
    // In between nobody looks: it would be a stranger's way to make one message cost ten thousand rows.
    expect((await put('between@x', { References: ids(4000, 6000) })).threadId).not.toBe(middle.threadId);
    const [[rows] = []] = await own.t.db.read.rows(
      sql`select count(*) as n from thread_refs where account_id = ${own.id}`,
    );
    expect(Number(rows)).toBeLessThan(500);
  });

  it.each([
    ['no Message-ID at all', { 'Message-ID': '' }],
    ['references that are no ids', { References: 'xin chào, <> <<>> "a" (b) <a' }],
    ['references with octets that no id has', { References: '<\u0000@x> <a b@x> <á@x>' }],
    ['the same reference many times', { References: '<same@x> '.repeat(300) }],
    ['itself among its references', { 'Message-ID': '<self@x>', References: '<self@x>', 'In-Reply-To': '<self@x>' }],
    ['a Message-ID of many letters', { 'Message-ID': `<${'x'.repeat(20_000)}@x>` }],
  ])('is made for a message with %s', async (_, fields) => {
    const one = await put(undefined, fields);
    expect(one.joined).toBe(false);
    expect(await own.read().threads([one.threadId])).toEqual(new Map([[one.threadId, [one.emailId]]]));
  });

  it('has one subject, whatever stands before it and however it is written', async () => {
    const { threadId } = await put('s@x', { Subject: 'V/v họp giao ban' });
    const same = [
      'Re: V/v họp giao ban',
      'RE: Fwd: V/v  họp giao ban',
      'Re[2]: V/v họp giao ban (fwd)',
      'V/v họp giao ban',
    ];
    for (const [i, Subject] of same.entries())
      expect(
        (await put(`t${i}@x`, { References: '<s@x>', Subject: Subject.normalize(i % 2 ? 'NFD' : 'NFC') })).threadId,
      ).toBe(threadId);
    const other = await put('u@x', { References: '<s@x>', Subject: 'Chuyện khác' });
    expect(other.joined).toBe(false);
    // Who answers that one finds it, and not the older.
    expect((await put('v@x', { References: '<s@x> <u@x>', Subject: 'Re: Chuyện khác' })).threadId).toBe(other.threadId);
  });

  it('stays the same whatever becomes of its emails, goes with the last, and begins anew after that', async () => {
    const one = await put('m@x');
    const [copied] = await own.write(async (w) => w.copy([one.emailId], (await w.mailboxByRole('sent'))!.id));
    expect(copied!.threadId).toBe(one.threadId);
    await own.write(async (w) => {
      await w.move(own.inbox, [1], (await w.mailboxByRole('archive'))!.id);
      await w.setKeywords([one.emailId], { add: ['$seen'] });
    });
    expect(await threadOf(one)).toBe(one.threadId);
    await own.write((w) => w.destroyEmails([one.emailId]));
    expect((await put('n@x', { References: '<m@x>' })).threadId).toBe(one.threadId);
    const all = (await own.read().threads([one.threadId])).get(one.threadId)!;
    const since = await own.read().state('Thread');
    await own.write((w) => w.destroyEmails(all));
    expect((await own.read().changes('Thread', since)).destroyed).toEqual([one.threadId]);
    const later = await put('o@x', { References: '<m@x> <n@x>' });
    expect([later.joined, later.threadId > one.threadId]).toEqual([false, true]);
  });

  it('of another account is never joined', async () => {
    await put('p@x');
    await own.fresh();
    expect((await put('q@x', { References: '<p@x>' })).joined).toBe(false);
  });
});

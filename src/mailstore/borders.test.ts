/** At the border of what an account may hold: exactly so much, whoever comes at once, and nothing half-done beyond it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { isDomainError } from '../base/errors.ts';
import type { EmailId, MailboxId } from '../base/ids.ts';
import { OwnAccount } from './testing/own-account.ts';
import { message } from './testing/setup.ts';
import type { PreparedMessage } from './types.ts';

describe.each(dialects)('the border of an account on $dialect', ({ open }) => {
  let own: OwnAccount;
  let one: PreparedMessage;
  let size: number;
  beforeAll(async () => {
    own = await OwnAccount.open(open);
    one = await own.t.store.prepare(message());
    size = one.blob.size;
  });
  afterAll(() => own.dispose());
  const room = async (messages: number, octets = 0): Promise<void> => {
    own.id = await own.t.account(messages * size + octets);
    own.inbox = await own.t.role(own.id, 'inbox');
  };
  beforeEach(() => room(7));

  const append = () => own.write((w) => w.append(one, { mailboxIds: [own.inbox] }));
  const outcome = async (work: Promise<unknown>): Promise<'done' | 'full'> => {
    try {
      await work;
      return 'done';
    } catch (error) {
      if (!isDomainError(error, 'mail.over_quota')) throw error;
      return 'full';
    }
  };
  const state = async () => {
    const { modseq, usedBytes, emailCount } = await own.read().info();
    return { modseq, usedBytes, emailCount, uidNext: (await own.read().mailbox(own.inbox))!.uidNext };
  };

  it('is reached to the octet, by many at once as by one', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => outcome(append())));
    expect(all.filter((end) => end === 'done')).toHaveLength(7);
    // Who was refused left no gap among the UIDs, and no step in the log.
    expect(await state()).toMatchObject({ usedBytes: 7 * size, emailCount: 7, uidNext: 8 });
    await room(7, -1);
    for (let i = 0; i < 8; i++) await outcome(append());
    expect(await state()).toMatchObject({ emailCount: 6, uidNext: 7 });
  });

  it('holds for copies together, of which none is made when not all fit', async () => {
    const ids: EmailId[] = [];
    for (let i = 0; i < 4; i++) ids.push((await append()).emailId);
    const before = await state();
    expect(await outcome(own.write((w) => w.copy(ids, own.inbox)))).toBe('full');
    expect(await state()).toEqual(before);
    expect(await outcome(own.write((w) => w.copy(ids.slice(1), own.inbox)))).toBe('done');
    const both = [1, 2].map(() => outcome(own.write((w) => w.copy(ids.slice(3), own.inbox))));
    expect(await Promise.all(both)).toEqual(['full', 'full']);
  });

  it('counts an email once however many mailboxes it lies in, and frees its octets with its last place', async () => {
    for (let i = 0; i < 7; i++) await append();
    const [archive, sent] = [await own.t.role(own.id, 'archive'), await own.t.role(own.id, 'sent')];
    await own.write((w) => w.setMailboxes(1 as EmailId, [own.inbox, archive, sent]));
    await own.write((w) => w.move(own.inbox, [2, 3], archive));
    expect(await outcome(append())).toBe('full');
    await own.write(async (w) => {
      await w.setDeleted(own.inbox, [1], true);
      await w.expunge(own.inbox);
    });
    expect(await outcome(append())).toBe('full');
    await own.write((w) => w.destroyEmails([1 as EmailId]));
    expect(await outcome(append())).toBe('done');
  });

  it('moves with its unit of work: what is freed, stored and allowed within it counts at once', async () => {
    for (let i = 0; i < 7; i++) await append();
    await own.write(async (w) => {
      expect(await outcome(w.append(one, { mailboxIds: [own.inbox] }))).toBe('full');
      await w.destroyEmails([1 as EmailId, 2 as EmailId]);
      await w.append(one, { mailboxIds: [own.inbox] });
      await own.t.store.setAccount(w.tx, own.id, { quotaBytes: 6 * size });
      expect(await outcome(w.append(one, { mailboxIds: [own.inbox] }))).toBe('full');
      await own.t.store.setAccount(w.tx, own.id, { quotaBytes: 8 * size });
      for (let i = 0; i < 2; i++) await w.append(one, { mailboxIds: [own.inbox] });
    });
    expect(await outcome(append())).toBe('full');
    expect(await own.read().info()).toMatchObject({ emailCount: 8, quotaBytes: 8 * size });
  });

  it('lets mail in that was accepted before, and what holds more than it may is read, moved and removed', async () => {
    await own.t.db.write(async (tx) => {
      for (let i = 0; i < 9; i++) await own.t.store.deliver(tx, own.id, one, 'inbox', { flushLater: true });
      await own.t.store.flush(tx);
    });
    expect(await state()).toMatchObject({ emailCount: 9, usedBytes: 9 * size });
    const archive = await own.t.role(own.id, 'archive');
    await own.write((w) => w.move(own.inbox, [1, 2], archive));
    await own.write((w) => w.setKeywords([1 as EmailId], { add: ['$seen'] }));
    expect(await outcome(append())).toBe('full');
    await own.write((w) => w.destroyEmails([1 as EmailId, 2 as EmailId, 3 as EmailId]));
    expect(await outcome(append())).toBe('done');
  });

  it('of keywords is a hundred on an email, by whatever steps they come, and a refusal changes nothing', async () => {
    const { emailId } = await append();
    const words = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `k${from + i}`);
    await own.write((w) => w.setKeywords([emailId], { add: words(0, 60) }));
    await own.write((w) => w.setKeywords([emailId], { add: [...words(60, 100), '$seen', '$flagged'] }));
    const before = await own.read().emails([emailId]);
    const modseq = (await own.read().info()).modseq;
    for (const patch of [{ add: ['k100'] }, { set: words(0, 101) }, { add: words(0, 101) }]) {
      const wrong = own.write((w) => w.setKeywords([emailId], patch));
      await expect(wrong).rejects.toMatchObject({ code: 'mail.too_many_keywords' });
    }
    expect(await own.read().emails([emailId])).toEqual(before);
    expect((await own.read().info()).modseq).toBe(modseq);
    // As many go as come.
    await own.write((w) => w.setKeywords([emailId], { add: ['k100'], remove: ['k0'] }));
    expect((await own.read().emails([emailId]))[0]!.keywords).toHaveLength(102);
  });

  it('of mailboxes that do not exist is seen before anything is written', async () => {
    const before = await state();
    const absent = 999 as MailboxId;
    await own.write(async (w) => {
      for (const mailboxIds of [[absent], [own.inbox, absent]])
        await expect(w.append(one, { mailboxIds })).rejects.toMatchObject({ code: 'mail.mailbox_not_found' });
      await expect(w.append(one, { mailboxIds: [] })).rejects.toMatchObject({ code: 'mail.no_mailbox' });
      await expect(w.append(one, { mailboxIds: [own.inbox], keywords: ['a b'] })).rejects.toMatchObject({
        kind: 'invalid',
      });
      await expect(w.move(own.inbox, [1], absent)).rejects.toMatchObject({ code: 'mail.mailbox_not_found' });
      await expect(w.expunge(absent)).rejects.toMatchObject({ code: 'mail.mailbox_not_found' });
      await expect(w.setDeleted(absent, [1], true)).rejects.toMatchObject({ code: 'mail.mailbox_not_found' });
      await expect(w.copy([999 as EmailId], own.inbox)).rejects.toMatchObject({ code: 'mail.email_not_found' });
      await expect(w.setMailboxes(999 as EmailId, [own.inbox])).rejects.toMatchObject({ code: 'mail.email_not_found' });
    });
    expect(await state()).toEqual(before);
  });
});

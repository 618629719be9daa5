import { and, eq, gte } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { MailboxId } from '../base/ids.ts';
import { START } from './testing/setup.ts';
import { OwnAccount } from './testing/own-account.ts';

describe.each(dialects)('the rules of mailboxes on $dialect', ({ open }) => {
  let own: OwnAccount;
  beforeAll(async () => {
    own = await OwnAccount.open(open);
  });
  afterAll(() => own.dispose());
  beforeEach(() => own.fresh());

  it.each([
    ['empty', '', 'mail.mailbox_name_invalid'],
    ['only spaces', '  ', 'mail.mailbox_name_invalid'],
    ['a control character', 'a\u0007b', 'mail.mailbox_name_invalid'],
    ['a line separator', 'a\u2028b', 'mail.mailbox_name_invalid'],
    ['the separator of IMAP', '2025/2026', 'mail.mailbox_name_invalid'],
    ['more than 200 octets', 'ế'.repeat(67), 'mail.mailbox_name_invalid'],
    ['INBOX in any case', 'iNbOx', 'mail.mailbox_name_invalid'],
    ['a taken name, in another normal form', 'Lưu trữ'.normalize('NFD'), 'mail.mailbox_exists'],
  ])('refuse a mailbox name: %s', async (_, name, code) => {
    const before = await own.read().info();
    await expect(own.create(name)).rejects.toMatchObject({ code });
    expect(await own.read().info()).toEqual(before);
  });

  it('allow the same name elsewhere and in another case, INBOX below the top', async () => {
    const a = await own.create('LƯU TRỮ');
    await own.create('INBOX', a.id);
    await own.create('Lưu trữ', a.id);
    expect((await own.read().mailboxes()).filter((m) => m.parentId === a.id)).toHaveLength(2);
  });

  it('refuse loops, missing parents, too many levels and too many mailboxes', async () => {
    let parent: MailboxId | null = null;
    const chain: MailboxId[] = [];
    for (let i = 0; i < 10; i++) chain.push((parent = (await own.create(`m${i}`, parent)).id));
    await expect(own.create('m10', parent)).rejects.toMatchObject({ code: 'mail.mailbox_too_deep' });
    const under = (parentId: number) =>
      own.write((w) => w.updateMailbox(chain[0]!, { parentId: parentId as MailboxId }));
    await expect(under(chain[5]!)).rejects.toMatchObject({ code: 'mail.mailbox_loop' });
    await expect(under(chain[0]!)).rejects.toMatchObject({ code: 'mail.mailbox_loop' });
    await expect(under(9999)).rejects.toMatchObject({ code: 'mail.mailbox_parent_missing' });
    await expect(under(own.inbox)).rejects.toMatchObject({ code: 'mail.mailbox_too_deep' });
    const [model] = await own.read().mailboxes();
    const rows = Array.from({ length: 1000 - 16 }, (_, i) => ({
      ...model!,
      accountId: own.id,
      id: (5000 + i) as MailboxId,
      name: `n${i}`,
      role: null,
    }));
    const { mailboxes } = own.t.db.t;
    await own.t.db.write(async ({ q }) => {
      for (let i = 0; i < rows.length; i += 500) await q.insert(mailboxes).values(rows.slice(i, i + 500));
    });
    await expect(own.create('one more')).rejects.toMatchObject({ code: 'mail.too_many_mailboxes' });
    await own.t.db.write(async ({ q }) => {
      await q.delete(mailboxes).where(and(eq(mailboxes.accountId, own.id), gte(mailboxes.id, 5000 as MailboxId)));
    });
  });

  it('keep role mailboxes, and never give a UIDVALIDITY twice', async () => {
    await expect(own.write((w) => w.destroyMailbox(own.inbox))).rejects.toMatchObject({
      code: 'mail.mailbox_has_role',
    });
    await expect(own.write((w) => w.updateMailbox(own.inbox, { role: null }))).rejects.toMatchObject({
      code: 'mail.mailbox_has_role',
    });
    await expect(own.write((w) => w.createMailbox({ name: 'x', role: 'sent' }))).rejects.toMatchObject({
      code: 'mail.mailbox_role_taken',
    });
    const a = await own.create('a');
    await own.write((w) => w.destroyMailbox(a.id));
    own.t.clock.set(START - 10 ** 9);
    const b = await own.create('a');
    expect(b.uidValidity).toBeGreaterThan(a.uidValidity);
    expect(b.id).not.toBe(a.id);
    own.t.clock.set(START);
  });

  it('destroy a mailbox with its emails only when told to, and keep those that lie elsewhere', async () => {
    const box = await own.create('x');
    const alone = await own.put();
    const shared = await own.put();
    await own.write((w) => w.setMailboxes(alone.emailId, [box.id]));
    await own.write((w) => w.setMailboxes(shared.emailId, [own.inbox, box.id]));
    const since = (await own.read().info()).modseq;
    await expect(own.write((w) => w.destroyMailbox(box.id))).rejects.toMatchObject({
      code: 'mail.mailbox_has_email',
    });
    await own.write((w) => w.destroyMailbox(box.id, { removeEmails: true }));
    expect(await own.read().changes('Email', since)).toMatchObject({
      destroyed: [alone.emailId],
      updated: [shared.emailId],
    });
    expect(await own.read().changes('Mailbox', since)).toMatchObject({ destroyed: [box.id] });
    expect((await own.read().emails([shared.emailId]))[0]?.mailboxIds).toEqual([own.inbox]);
  });
});

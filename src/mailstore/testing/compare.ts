/** The store against the model: everything that a reader shows of an account. */
import { expect } from 'vitest';

import type { AccountId } from '../../base/ids.ts';
import type { Email, PreparedMessage } from '../types.ts';
import { Model } from './model.ts';
import { message, type TestStore } from './setup.ts';

/** Small messages of a few conversations, with the references that the model threads by. */
export async function conversations(t: TestStore): Promise<{ prepared: PreparedMessage; refs: string[] }[]> {
  const messages: { prepared: PreparedMessage; refs: string[] }[] = [];
  for (let i = 0; i < 24; i++) {
    // Three conversations, two subjects: the same reference under another subject is another thread.
    const subject = i % 5 === 0 ? 'Khac' : 'Hop giao ban';
    const root = `r${i % 3}@x`;
    const own = `own${i}@x`;
    const fields = {
      Subject: subject,
      'Message-ID': `<${own}>`,
      ...(i % 4 === 0 ? {} : { References: `<${root}>` }),
    };
    const refs = [own, ...(i % 4 === 0 ? [] : [root])].map((ref) => `${ref} ${subject}`);
    messages.push({ prepared: await t.store.prepare(message(fields, 'x'.repeat(i * 7))), refs });
  }
  return messages;
}

export async function startModel(t: TestStore, accountId: AccountId): Promise<Model> {
  const model = new Model();
  for (const { id, parentId, name, role } of await t.store.read(accountId).mailboxes()) {
    model.mailboxes.set(id, { id, parentId, name, role, uidNext: 1, places: new Map() });
  }
  return model;
}

export async function compare(t: TestStore, accountId: AccountId, model: Model): Promise<void> {
  const reader = t.store.read(accountId);
  const mailboxes = await reader.mailboxes();
  const counts = await reader.threadCounts();
  expect(mailboxes.map((m) => m.id).sort((a, b) => a - b)).toEqual([...model.mailboxes.keys()].sort((a, b) => a - b));
  expect(new Set(mailboxes.map((m) => m.uidValidity)).size).toBe(mailboxes.length);
  for (const mailbox of mailboxes) {
    const expected = model.mailbox(mailbox.id);
    const { name, parentId, uidNext } = expected;
    expect(mailbox).toMatchObject({ name, parentId, uidNext, ...model.counts(expected) });
    const places = [...expected.places].sort(([a], [b]) => a - b);
    const placed = await reader.placed(mailbox.id);
    expect(placed.map((p) => [p.uid, { emailId: p.emailId, deleted: p.deleted }])).toEqual(places);
    for (const p of placed) expect(p.keywords).toEqual(model.email(p.emailId).keywords);
    const emails = places.map(([, p]) => model.email(p.emailId));
    const order = [...emails].sort((a, b) => b.receivedAt - a.receivedAt || b.id - a.id).map((e) => e.id);
    expect(await reader.query({ filter: { inMailbox: mailbox.id } })).toEqual(order);
    const unread = emails.filter((e) => !e.keywords.includes('$seen') && !e.keywords.includes('$draft'));
    const threads = (list: typeof emails) => new Set(list.map((e) => e.threadId)).size;
    expect(counts.get(mailbox.id)).toEqual({ total: threads(emails), unread: threads(unread) });
  }
  await compareEmails(t, accountId, model);
}

type Compared = Pick<Email, 'id' | 'threadId' | 'size' | 'receivedAt' | 'keywords' | 'mailboxIds'>;

async function compareEmails(t: TestStore, accountId: AccountId, model: Model): Promise<void> {
  const reader = t.store.read(accountId);
  const emails = await reader.emails([...model.emails.keys()]);
  const expected = [...model.emails.values()].map((e) => ({
    ...e,
    mailboxIds: model
      .placesOf(e.id)
      .map((p) => p.mailboxId)
      .sort((a, b) => a - b),
  }));
  const compared = ({ id, threadId, size, receivedAt, keywords, mailboxIds }: Compared): Compared => ({
    ...{ id, threadId, size, receivedAt, keywords, mailboxIds },
  });
  expect(emails.map(compared)).toEqual(expected.map(compared));
  expect(await reader.query({ sort: [{ property: 'receivedAt', isAscending: true }] })).toHaveLength(model.emails.size);
  const threads = model.threads();
  expect(new Map([...(await reader.threads([...threads.keys()]))].sort(([a], [b]) => a - b))).toEqual(
    new Map([...threads].sort(([a], [b]) => a - b)),
  );
  expect(await reader.info()).toMatchObject({
    emailCount: model.emails.size,
    usedBytes: [...model.emails.values()].reduce((sum, e) => sum + e.size, 0),
  });
}

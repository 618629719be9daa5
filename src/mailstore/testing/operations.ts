/** Random operations, done to the store and to the model alike; each checks what the store answers at once. */
import { expect } from 'vitest';

import type { EmailId, MailboxId } from '../../base/ids.ts';
import { isDomainError } from '../../base/errors.ts';
import type { AccountWriter, PreparedMessage } from '../types.ts';
import type { Model, Random } from './model.ts';

export interface Turn {
  writer: AccountWriter;
  model: Model;
  random: Random;
  /** Prepared outside the unit, with the references that the model threads by. */
  messages: { prepared: PreparedMessage; refs: string[] }[];
}
type Operation = (turn: Turn) => Promise<void>;

const KEYWORDS = ['$seen', '$flagged', '$draft', '$answered', 'viec', 'khan_cap', '100%'.slice(0, 3)];

const anyMailbox = ({ model, random }: Turn): MailboxId => random.pick([...model.mailboxes.keys()])!;
const someEmails = ({ model, random }: Turn): EmailId[] => random.some([...model.emails.keys()]);

const append: Operation = async (turn) => {
  const { writer, model, random, messages } = turn;
  const { prepared, refs } = random.pick(messages)!;
  const mailboxIds = [...new Set([anyMailbox(turn), ...(random.chance(0.2) ? [anyMailbox(turn)] : [])])];
  const keywords = random.some(KEYWORDS, 0.2);
  const receivedAt = random.below(50);
  const answer = await writer.append(prepared, { mailboxIds, keywords, receivedAt });
  const email = model.append(
    mailboxIds,
    { size: prepared.blob.size, receivedAt, keywords: [...keywords].sort() },
    refs,
  );
  expect(answer).toMatchObject({ emailId: email.id, threadId: email.threadId });
  expect([...answer.uids]).toEqual(mailboxIds.map((id) => [id, model.mailbox(id).uidNext - 1]));
};

const copy: Operation = async (turn) => {
  const { writer, model } = turn;
  const ids = someEmails(turn);
  const to = anyMailbox(turn);
  const answer = await writer.copy(ids, to);
  const made = ids.map((id) => model.add([to], { ...model.email(id), keywords: [...model.email(id).keywords] }));
  expect(answer.map((a) => [a.emailId, a.threadId])).toEqual(made.map((e) => [e.id, e.threadId]));
};

const setKeywords: Operation = async (turn) => {
  const { writer, model, random } = turn;
  const ids = someEmails(turn);
  const set = random.chance(0.3) ? random.some(KEYWORDS) : undefined;
  const add = random.some(KEYWORDS);
  const remove = random.some(KEYWORDS);
  const changed = await writer.setKeywords(ids, { ...(set && { set }), add, remove });
  const expected = ids.filter((id) => {
    const email = model.email(id);
    const after = new Set([...(set ?? email.keywords), ...add]);
    for (const k of remove) after.delete(k);
    const sorted = [...after].sort();
    const same = sorted.join() === email.keywords.join();
    email.keywords = sorted;
    return !same;
  });
  expect(changed).toEqual(expected);
};

const setDeleted: Operation = async (turn) => {
  const { writer, model, random } = turn;
  const mailbox = model.mailbox(anyMailbox(turn));
  const uids = random.some([...mailbox.places.keys()], 0.5);
  const deleted = random.chance(0.7);
  await writer.setDeleted(mailbox.id, uids, deleted);
  for (const uid of uids) mailbox.places.get(uid)!.deleted = deleted;
};

const setMailboxes: Operation = async (turn) => {
  const { writer, model, random } = turn;
  const emailId = random.pick([...model.emails.keys()]);
  const wanted = new Set([anyMailbox(turn), ...random.some([...model.mailboxes.keys()], 0.15)]);
  if (emailId === undefined) return;
  const uids = await writer.setMailboxes(emailId, [...wanted]);
  const now = model.placesOf(emailId);
  for (const { mailboxId, uid } of now) if (!wanted.has(mailboxId)) model.mailbox(mailboxId).places.delete(uid);
  const coming = [...wanted].filter((id) => !now.some((p) => p.mailboxId === id));
  expect([...uids]).toEqual(coming.map((id) => [id, model.place(id, emailId)]));
};

const move: Operation = async (turn) => {
  const { writer, model, random } = turn;
  const from = model.mailbox(anyMailbox(turn));
  const to = anyMailbox(turn);
  const uids = random.some([...from.places.keys()], 0.5).sort((a, b) => a - b);
  const answer = await writer.move(from.id, [...uids].reverse(), to);
  const leaving = uids.map((uid) => ({ uid, emailId: from.places.get(uid)!.emailId }));
  for (const { uid } of leaving) from.places.delete(uid);
  const expected = leaving.map(({ uid, emailId }) => {
    const there = model.placesOf(emailId).find((p) => p.mailboxId === to);
    return { uid, newUid: there?.uid ?? model.place(to, emailId) };
  });
  expect(answer).toEqual(expected);
};

const destroyEmails: Operation = async (turn) => {
  const { writer, model, random } = turn;
  const ids = random.some([...model.emails.keys()], 0.1);
  expect(await writer.destroyEmails([...ids, (10 ** 6) as EmailId])).toEqual(ids);
  for (const id of ids)
    for (const { mailboxId, uid } of model.placesOf(id)) model.mailbox(mailboxId).places.delete(uid);
  model.settle();
};

const expunge: Operation = async (turn) => {
  const { writer, model, random } = turn;
  const mailbox = model.mailbox(anyMailbox(turn));
  const only = random.chance(0.5) ? random.some([...mailbox.places.keys()], 0.5) : undefined;
  const gone = [...mailbox.places].filter(([uid, p]) => p.deleted && (only?.includes(uid) ?? true)).map(([uid]) => uid);
  expect(await writer.expunge(mailbox.id, only)).toEqual(gone.sort((a, b) => a - b));
  for (const uid of gone) mailbox.places.delete(uid);
  model.settle();
};

const createMailbox: Operation = async (turn) => {
  const { writer, model, random } = turn;
  const parentId = random.chance(0.5) ? null : anyMailbox(turn);
  const name = `Hộp ${random.below(1000)}`;
  const exists = [...model.mailboxes.values()].some((m) => m.parentId === parentId && m.name === name);
  const made = await refused(
    writer.createMailbox({ name, parentId }),
    exists ? 'mail.mailbox_exists' : 'mail.mailbox_too_deep',
  );
  if (made) model.mailboxes.set(made.id, { id: made.id, parentId, name, role: null, uidNext: 1, places: new Map() });
};

const updateMailbox: Operation = async (turn) => {
  const { writer, model, random } = turn;
  const mailbox = model.mailbox(anyMailbox(turn));
  const name = `Tên ${random.below(10 ** 6)}`;
  const parentId = random.chance(0.5) ? mailbox.parentId : anyMailbox(turn);
  const done = await refused(
    writer.updateMailbox(mailbox.id, { name, parentId }).then(() => true),
    'mail.mailbox_loop',
    'mail.mailbox_too_deep',
    'mail.mailbox_exists',
  );
  if (done) Object.assign(mailbox, { name, parentId });
};

const destroyMailbox: Operation = async (turn) => {
  const { writer, model } = turn;
  const mailbox = model.mailbox(anyMailbox(turn));
  const parent = [...model.mailboxes.values()].some((m) => m.parentId === mailbox.id);
  const done = await refused(
    writer.destroyMailbox(mailbox.id, { removeEmails: true }).then(() => true),
    'mail.mailbox_has_role',
    'mail.mailbox_has_child',
  );
  expect(Boolean(done)).toBe(mailbox.role === null && !parent);
  if (!done) return;
  model.mailboxes.delete(mailbox.id);
  model.settle();
};

/** A refused operation leaves the unit as it was; the unit goes on. */
const refusedAppend: Operation = async (turn) => {
  const { writer, random, messages } = turn;
  const { prepared } = random.pick(messages)!;
  const absent = (10 ** 6) as MailboxId;
  const mailboxIds = random.chance(0.5) ? [absent] : [anyMailbox(turn), absent];
  expect(await refused(writer.append(prepared, { mailboxIds }), 'mail.mailbox_not_found')).toBeUndefined();
};

async function refused<T>(work: Promise<T>, ...codes: string[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codes.some((code) => isDomainError(error, code))) return undefined;
    throw error;
  }
}

const weighted: [number, Operation][] = [
  [30, append],
  [6, copy],
  [14, setKeywords],
  [8, setDeleted],
  [10, setMailboxes],
  [12, move],
  [5, destroyEmails],
  [8, expunge],
  [5, createMailbox],
  [4, updateMailbox],
  [2, destroyMailbox],
  [2, refusedAppend],
];
const deck = weighted.flatMap(([n, operation]) => Array.from({ length: n }, () => operation));

export const anyOperation = (random: Random): Operation => random.pick(deck)!;

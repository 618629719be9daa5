/** Random units of work against a model of maps; two clients that follow by changes alone must arrive at the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, MailboxId, ModSeq } from '../base/ids.ts';
import { compare, conversations, startModel } from './testing/compare.ts';
import { random, type Model, type Random } from './testing/model.ts';
import { anyOperation } from './testing/operations.ts';
import { ImapReplica, JmapReplica } from './testing/replicas.ts';
import { openStore, type TestStore } from './testing/setup.ts';
import type { PreparedMessage } from './types.ts';

const UNITS = 80;
class Rollback extends Error {}

describe.each(dialects)('random units of work on $dialect', ({ open }) => {
  let t: TestStore;
  let messages: { prepared: PreparedMessage; refs: string[] }[];
  beforeAll(async () => {
    t = await openStore(open);
    messages = await conversations(t);
  });
  afterAll(() => t.dispose());

  it.each([1, 2, 3])(
    'leave store, model and both clients equal (seed %i)',
    async (seed) => {
      const accountId = await t.account();
      const dice = random(seed);
      let model = await startModel(t, accountId);
      const jmap = new JmapReplica();
      const imap = new ImapReplica();
      for (let unit = 0; unit < UNITS; unit++) {
        const next = await runUnit(t, accountId, model, dice, messages);
        if (next) model = next;
        if (dice.chance(0.03)) await prune(t, accountId, dice);
        if (dice.chance(0.4)) {
          await jmap.sync(t.store.read(accountId), dice);
          await imap.sync(t.store.read(accountId));
        }
        if (unit % 10 === 9) await compare(t, accountId, model);
      }
      await compare(t, accountId, model);
      await compareReplicas(t, accountId, model, jmap, imap, dice);
      expect(await t.findings()).toEqual([]);
    },
    90_000,
  );
});

/** @returns the model after the unit; undefined when the unit was rolled back. */
async function runUnit(
  t: TestStore,
  accountId: AccountId,
  before: Model,
  dice: Random,
  messages: { prepared: PreparedMessage; refs: string[] }[],
) {
  const operations = Array.from({ length: 1 + dice.below(4) }, () => anyOperation(dice));
  const fails = dice.chance(0.1);
  const model = before.clone();
  t.clock.advance(dice.below(3) * 500);
  const info = await t.store.read(accountId).info();
  const work = t.store.write(accountId, async (writer) => {
    for (const operation of operations) await operation({ writer, model, random: dice, messages });
    if (fails) throw new Rollback();
  });
  if (!fails) return work.then(() => model);
  await expect(work).rejects.toBeInstanceOf(Rollback);
  expect(await t.store.read(accountId).info()).toEqual(info);
  return undefined;
}

async function prune(t: TestStore, accountId: AccountId, dice: Random): Promise<void> {
  const { modseq } = await t.store.read(accountId).info();
  await t.db.write((tx) => t.store.pruneChanges(tx, accountId, (modseq - dice.below(20)) as ModSeq));
}

async function compareReplicas(
  t: TestStore,
  accountId: AccountId,
  model: Model,
  jmap: JmapReplica,
  imap: ImapReplica,
  dice: Random,
): Promise<void> {
  const reader = t.store.read(accountId);
  await jmap.sync(reader, dice);
  await imap.sync(reader);
  const emails = await reader.emails([...model.emails.keys()]);
  expect(new Map([...jmap.emails].sort(([a], [b]) => a - b))).toEqual(new Map(emails.map((e) => [e.id, e])));
  expect(new Map([...jmap.threads].sort(([a], [b]) => a - b))).toEqual(
    new Map([...model.threads()].sort(([a], [b]) => a - b)),
  );
  const visible = ({
    id,
    name,
    parentId,
    totalEmails,
    unreadEmails,
  }: {
    id: MailboxId;
    name: string;
    parentId: MailboxId | null;
    totalEmails: number;
    unreadEmails: number;
  }) => ({ id, name, parentId, totalEmails, unreadEmails });
  expect([...jmap.mailboxes.values()].map(visible).sort((a, b) => a.id - b.id)).toEqual(
    (await reader.mailboxes()).map(visible).sort((a, b) => a.id - b.id),
  );
  for (const [id, { places }] of imap.seen) {
    const placed = await reader.placed(id);
    expect([...places].sort(([a], [b]) => a - b)).toEqual(
      placed.map((p) => [p.uid, { emailId: p.emailId, keywords: p.keywords, deleted: p.deleted }]),
    );
  }
}

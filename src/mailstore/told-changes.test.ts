/** What the log tells of a unit of work is what it did, no more and no less: random units, several operations each. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, EmailId, ModSeq, ThreadId } from '../base/ids.ts';
import { conversations, startModel } from './testing/compare.ts';
import { random } from './testing/model.ts';
import { anyOperation } from './testing/operations.ts';
import { openStore, type TestStore } from './testing/setup.ts';
import type { Changes, PreparedMessage } from './types.ts';

const UNITS = 30;
const TYPES = ['Mailbox', 'Email', 'Thread'] as const;
type Seen = Record<(typeof TYPES)[number], Map<number, string>>;

describe.each(dialects)('the log on $dialect', ({ open }) => {
  let t: TestStore;
  let messages: { prepared: PreparedMessage; refs: string[] }[];
  beforeAll(async () => {
    t = await openStore(open);
    messages = await conversations(t);
  });
  afterAll(() => t.dispose());

  /** All objects as JMAP shows them. */
  const seen = async (id: AccountId): Promise<Seen> => {
    const reader = t.store.read(id);
    const emails = await reader.emails(await reader.query({}));
    const threads = await reader.threads([...new Set(emails.map(({ threadId }) => threadId))]);
    const shown = <T extends { modseq?: ModSeq }>({ modseq: _, ...rest }: T) => JSON.stringify(rest);
    return {
      Mailbox: new Map(
        (await reader.mailboxes()).map(({ id: mailboxId, name, parentId, totalEmails, unreadEmails }) => [
          mailboxId,
          JSON.stringify([name, parentId, totalEmails, unreadEmails]),
        ]),
      ),
      Email: new Map<EmailId, string>(emails.map((email) => [email.id, shown(email)])),
      Thread: new Map<ThreadId, string>([...threads].map(([threadId, ids]) => [threadId, ids.join()])),
    };
  };
  const sorted = (list: Iterable<number>): number[] => [...list].sort((a, b) => a - b);

  const exact = (before: Map<number, string>, after: Map<number, string>, told: Changes): void => {
    expect(sorted(told.created)).toEqual(sorted([...after.keys()].filter((id) => !before.has(id))));
    expect(sorted(told.destroyed)).toEqual(sorted([...before.keys()].filter((id) => !after.has(id))));
    const changed = [...after].filter(([id, shown]) => before.has(id) && before.get(id) !== shown).map(([id]) => id);
    expect(sorted(told.updated)).toEqual(expect.arrayContaining(sorted(changed)));
    for (const id of told.updated) expect([before.has(id), after.has(id)]).toEqual([true, true]);
  };

  it.each([11, 12])('tells exactly what a unit made, changed and destroyed (seed %i)', async (seed) => {
    const id = await t.account();
    const dice = random(seed);
    let model = await startModel(t, id);
    let before = await seen(id);
    for (let unit = 0; unit < UNITS; unit++) {
      const since = (await t.store.read(id).info()).modseq;
      const next = model.clone();
      await t.store.write(id, async (writer) => {
        for (let n = 1 + dice.below(6); n > 0; n--)
          await anyOperation(dice)({ writer, model: next, random: dice, messages });
      });
      model = next;
      const after = await seen(id);
      const reader = t.store.read(id);
      for (const type of TYPES) exact(before[type], after[type], await reader.changes(type, since));
      // One unit is one step, whatever it did.
      const { modseq } = await reader.info();
      expect(modseq - since).toBeLessThanOrEqual(1);
      before = after;
    }
    const twice = await t.db.read.rows(
      sql`select type as type, modseq as modseq, object_id as id from changes where account_id = ${id}
        group by type, modseq, object_id having count(*) > 1`,
    );
    expect(twice).toEqual([]);
    expect(await t.findings()).toEqual([]);
  });

  it('tells nothing of what came and went within a unit, and the numbers that it took stay taken', async () => {
    const id = await t.account();
    const inbox = await t.role(id, 'inbox');
    const since = (await t.store.read(id).info()).modseq;
    const one = { mailboxIds: [inbox] };
    await t.store.write(id, async (w) => {
      const { emailId } = await w.append(messages[0]!.prepared, one);
      await w.setKeywords([emailId], { add: ['$seen'] });
      const [copy] = await w.copy([emailId], (await w.mailboxByRole('archive'))!.id);
      await w.destroyEmails([emailId, copy!.emailId]);
      const made = await w.createMailbox({ name: 'Chốc lát' });
      await w.updateMailbox(made.id, { name: 'Thoáng qua' });
      await w.destroyMailbox(made.id);
    });
    const reader = t.store.read(id);
    for (const type of ['Email', 'Thread'] as const)
      expect(await reader.changes(type, since)).toMatchObject({ created: [], updated: [], destroyed: [] });
    const { updated, created, onlyCounts } = await reader.changes('Mailbox', since);
    expect([created, updated.length, onlyCounts]).toEqual([[], 2, true]);
    const next = await t.store.write(id, (w) => w.append(messages[0]!.prepared, one));
    expect([next.emailId, next.threadId, next.uids.get(inbox)]).toEqual([3, 2, 2]);
    expect(await t.findings()).toEqual([]);
  });
});

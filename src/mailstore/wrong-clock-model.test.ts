/**
 * Random units under a clock that jumps back and forth, by seconds and by centuries, beside sweeps, forgotten logs and restores; after
 * each step the store is what the model says, its check finds nothing, and no number that a client may know has gone back or means
 * something else.
 */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, BlobHash, ModSeq } from '../base/ids.ts';
import { compare, conversations, startModel } from './testing/compare.ts';
import { random, type Model, type Random } from './testing/model.ts';
import { anyOperation } from './testing/operations.ts';
import { ImapReplica, JmapReplica } from './testing/replicas.ts';
import { openStore, START, type TestStore } from './testing/setup.ts';
import type { PreparedMessage } from './types.ts';

const UNITS = 40;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

/** What a client may have written down: none of it may ever mean another message. */
class Notes {
  private readonly messages = new Map<string, BlobHash>();
  private readonly validities = new Map<number, number>();
  private readonly modseqs = new Map<string, ModSeq>();

  async compare(t: TestStore, accountId: AccountId): Promise<void> {
    const reader = t.store.read(accountId);
    this.rises('account', (await reader.info()).modseq);
    for (const { id, uidValidity, highestModseq } of await reader.mailboxes()) {
      // RFC 9051 §9 nz-number.
      expect(uidValidity).toBeGreaterThan(0);
      expect(uidValidity).toBeLessThan(2 ** 32);
      expect(this.validities.get(uidValidity) ?? id).toBe(id);
      this.validities.set(uidValidity, id);
      this.rises(`mailbox ${id}`, highestModseq);
      for (const { uid, blobHash, modseq } of await reader.placed(id)) {
        const key = `${uidValidity}/${uid}`;
        expect(this.messages.get(key) ?? blobHash).toBe(blobHash);
        this.messages.set(key, blobHash);
        this.rises(key, modseq);
      }
    }
  }

  private rises(what: string, modseq: ModSeq): void {
    expect(modseq, what).toBeGreaterThanOrEqual(this.modseqs.get(what) ?? 0);
    this.modseqs.set(what, modseq);
  }
}

function jump(t: TestStore, dice: Random): void {
  const at = [
    () => t.clock.now() + dice.below(2 * HOUR),
    () => t.clock.now() - dice.below(30 * HOUR),
    () => START + dice.below(YEAR),
    // As an empty battery leaves it; as a wrong digit makes it.
    () => dice.below(HOUR),
    () => START + (60 + dice.below(200)) * YEAR,
  ];
  t.clock.set(dice.pick(at)!());
}

describe.each(dialects)('a wrong clock on $dialect', ({ dialect, open }) => {
  let t: TestStore;
  let messages: { prepared: PreparedMessage; refs: string[] }[];
  beforeAll(async () => {
    t = await openStore(open);
    messages = await conversations(t);
  });
  afterAll(() => t.dispose());

  /** What the server does by itself, with what the clock says. */
  async function maintain(dice: Random): Promise<void> {
    const before = t.clock.now() - HOUR;
    const sweep = async () => {
      await t.store.sweep(before);
      await t.blobs.sweep((hashes) => t.store.referenced(hashes), before);
    };
    const works = [sweep, () => t.store.pruneLongLogs(20), () => t.store.indexing.settle()];
    await dice.pick(works)!();
  }

  async function comeBack(model: Model, sameMoment: boolean): Promise<void> {
    await t.db.write(async (tx) => {
      // What is searched is in no backup.
      for (const table of ['email_search', 'message_texts', ...(dialect === 'sqlite' ? ['email_marks'] : [])])
        await tx.q.exec(sql`delete from ${sql.identifier(table)}`);
      await t.store.cameBack(tx, { sameMoment });
    });
    if (sameMoment) return;
    // Past every id that the time in between may have known.
    model.nextEmail += 1_000_000;
    model.nextThread += 1_000_000;
  }

  it.each([31, 32])('changes no meaning and loses nothing (seed %i)', async (seed) => {
    const dice = random(seed);
    t.clock.set(START);
    const accountId = await t.account();
    let model = await startModel(t, accountId);
    const notes = new Notes();
    const [jmap, imap] = [new JmapReplica(), new ImapReplica()];
    for (let unit = 0; unit < UNITS; unit++) {
      if (dice.chance(0.5)) jump(t, dice);
      const next = model.clone();
      await t.store.write(accountId, async (writer) => {
        for (let n = dice.below(4); n >= 0; n--)
          await anyOperation(dice)({ writer, model: next, random: dice, messages });
      });
      model = next;
      if (dice.chance(0.3)) await maintain(dice);
      if (dice.chance(0.05)) await comeBack(model, dice.chance(0.3));
      if (dice.chance(0.4)) await jmap.sync(t.store.read(accountId), dice);
      if (dice.chance(0.4)) await imap.sync(t.store.read(accountId));
      await notes.compare(t, accountId);
      if (dialect === 'sqlite' || unit % 4 === 3) expect(await t.findings(), `unit ${unit}`).toEqual([]);
      if (unit % 10 === 9) await compare(t, accountId, model);
    }
    await jmap.sync(t.store.read(accountId), dice);
    expect([...jmap.emails.keys()].sort((a, b) => a - b)).toEqual([...model.emails.keys()].sort((a, b) => a - b));
    // Deep: every octet is read.
    expect(await t.findings({ deep: true })).toEqual([]);
  });

  it('gives a UIDVALIDITY that fits into its 32 bits, whatever the year, and a greater one for each mailbox and restore', async () => {
    const accountId = await t.account();
    const made: number[] = [];
    for (const at of [START, Date.UTC(2106, 6), Date.UTC(2300, 0), 0, -YEAR, START + HOUR, Date.UTC(9999, 0), START]) {
      t.clock.set(at);
      const create = () => t.store.write(accountId, (w) => w.createMailbox({ name: 'Thử' }));
      const { id, uidValidity } = await create();
      made.push(uidValidity);
      await t.db.write((tx) => t.store.cameBack(tx, { sameMoment: false }));
      made.push((await t.store.read(accountId).uidValidity(id))!);
      await t.store.write(accountId, (w) => w.destroyMailbox(id));
    }
    expect(made).toEqual([...new Set(made)].sort((a, b) => a - b));
    expect(made.at(-1)).toBeLessThan(2 ** 32);
    // A clock that is right again is followed again.
    t.clock.set(START + YEAR);
    const { uidValidity } = await t.store.write(accountId, (w) => w.createMailbox({ name: 'Sau' }));
    expect(uidValidity).toBe((START + YEAR) / 1000);
    t.clock.set(START);
  });
});

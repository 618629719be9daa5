/**
 * Two processes on one database, each with its own failures: any statement of any unit may be refused or may have the unit run again.
 * Several accounts at once, each served by either; clients follow them by their changes alone, over reads that fail too.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, ModSeq } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { failing, isFault, type Failing } from '../db/testing/failing.ts';
import { createMailstore } from './mailstore.ts';
import { compare, conversations, startModel } from './testing/compare.ts';
import { random, type Model, type Random } from './testing/model.ts';
import { ImapReplica, JmapReplica } from './testing/replicas.ts';
import { openStore, type TestStore } from './testing/setup.ts';
import { isRollback, streamOfUnits } from './testing/streams.ts';
import type { AccountReader, Mailstore, PreparedMessage } from './types.ts';

const ACCOUNTS = 3;
const UNITS = 20;

describe.each(dialects)('two processes over a database that fails on $dialect', ({ open }) => {
  let t: TestStore;
  let messages: { prepared: PreparedMessage; refs: string[] }[];
  let processes: { store: Mailstore; faults: Failing }[];
  beforeAll(async () => {
    t = await openStore(open);
    messages = await conversations(t);
    const { blobs, clock } = t;
    processes = [1, 2].map(() => {
      const faults = failing(t.db);
      return { faults, store: createMailstore({ db: faults.db, blobs, clock, log: silentLog }) };
    });
  });
  afterAll(async () => {
    for (const { store } of processes) await store.stop();
    await t.dispose();
  });

  const calm = () => processes.forEach(({ faults }) => faults.never());
  const storms = (dice: Random) => {
    for (const { faults } of processes)
      faults.whenever(() => (dice.chance(0.01) ? 'fails' : dice.chance(0.01) ? 'again' : undefined));
  };
  const unlessFault = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!isFault(error)) throw error;
    });

  /** What a server does by itself. */
  async function beside(dice: Random, ids: AccountId[], isOver: () => boolean): Promise<void> {
    const works: (() => Promise<unknown>)[] = [
      () => dice.pick(processes)!.store.indexing.settle(),
      () => dice.pick(processes)!.store.pruneLongLogs(15),
      () => {
        const { store, faults } = dice.pick(processes)!;
        const { hash } = dice.pick(messages)!.prepared.blob;
        return faults.db.write((tx) => store.setVerdict(tx, hash, { kind: 'unsigned', n: dice.below(9) }, 1));
      },
      () =>
        dice
          .pick(processes)!
          .store.read(dice.pick(ids)!)
          .query({ filter: { text: 'hop giao ban' } }),
    ];
    while (!isOver()) await unlessFault(dice.pick(works)!());
  }

  /** A client that is refused in the middle asks again from where it was. */
  async function follow(reader: () => AccountReader, dice: Random, isOver: () => boolean): Promise<JmapReplica> {
    const [jmap, imap] = [new JmapReplica(), new ImapReplica()];
    let last = 0 as ModSeq;
    while (!isOver()) {
      await unlessFault(jmap.sync(reader(), dice));
      await unlessFault(imap.sync(reader()));
      await unlessFault(
        reader()
          .info()
          .then(({ modseq }) => {
            expect(modseq).toBeGreaterThanOrEqual(last);
            last = modseq;
          }),
      );
    }
    return jmap;
  }

  it.each([41, 42])(
    'keeps each account what its own units made of it (seed %i)',
    async (seed) => {
      const dice = random(seed);
      const ids = await Promise.all(Array.from({ length: ACCOUNTS }, () => t.account()));
      const models = await Promise.all(ids.map((id) => startModel(t, id)));
      let over = false;
      storms(dice);
      const clients = ids.slice(0, 2).map((id) =>
        follow(
          () => dice.pick(processes)!.store.read(id),
          random(seed),
          () => over,
        ),
      );
      const going = beside(random(seed + 1), ids, () => over);
      const stream = (id: AccountId, model: Model, n: number) =>
        streamOfUnits((own) => own.pick(processes)!.store, id, model, {
          ...{ seed: seed * 10 + n, units: UNITS, messages },
          isExpected: (error) => isRollback(error) || isFault(error),
        });
      const after = await Promise.all(ids.map((id, n) => stream(id, models[n]!, n))).finally(() => (over = true));
      await going;
      const replicas = await Promise.all(clients);
      calm();
      for (const [n, id] of ids.entries()) await compare(t, id, after[n]!);
      for (const [n, replica] of replicas.entries()) {
        await replica.sync(t.store.read(ids[n]!), dice);
        expect([...replica.emails.keys()].sort((a, b) => a - b)).toEqual(
          [...after[n]!.emails.keys()].sort((a, b) => a - b),
        );
      }
      await t.store.indexing.settle();
      expect(await t.findings({ deep: true })).toEqual([]);
    },
    90_000,
  );
});

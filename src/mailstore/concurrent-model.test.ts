/**
 * Several accounts, each with its own stream of random units and its own model, all at once; beside them what a server does by
 * itself: verdicts, indexing, sweeps that find everything old, pruned logs, checks and repairs that must find nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, ModSeq } from '../base/ids.ts';
import { compare, conversations, startModel } from './testing/compare.ts';
import { random, type Model } from './testing/model.ts';
import { openStore, type TestStore } from './testing/setup.ts';
import { isRollback, streamOfUnits } from './testing/streams.ts';
import type { PreparedMessage } from './types.ts';

const HOUR = 3_600_000;
const ACCOUNTS = 4;
const UNITS = 18;

describe.each(dialects)('many accounts at once on $dialect', ({ open }) => {
  let t: TestStore;
  let messages: { prepared: PreparedMessage; refs: string[] }[];
  beforeAll(async () => {
    t = await openStore(open);
    messages = await conversations(t);
  });
  afterAll(async () => {
    await t.store.stop();
    await t.dispose();
  });

  const stream = (accountId: AccountId, model: Model, seed: number): Promise<Model> =>
    streamOfUnits(() => t.store, accountId, model, { seed, units: UNITS, messages, isExpected: isRollback });

  const sweep = async () => {
    // All that was not stored in this very hour is old.
    t.clock.advance(2 * HOUR);
    const before = t.clock.now() - HOUR;
    await t.store.sweep(before);
    await t.blobs.sweep((hashes) => t.store.referenced(hashes), before);
  };
  const repaired = async () => {
    const list: string[] = [];
    for await (const { finding } of t.store.repair()) list.push(finding);
    return list;
  };

  it.each([1, 2])('each is what its own units made of it: seed %i', async (seed) => {
    const ids = await Promise.all(Array.from({ length: ACCOUNTS }, () => t.account()));
    const models = await Promise.all(ids.map((id) => startModel(t, id)));
    const dice = random(seed);
    let isOver = false;
    const findings: string[] = [];
    const beside = async () => {
      while (!isOver) {
        const { prepared } = dice.pick(messages)!;
        await sweep();
        await t.db.write((tx) => t.store.setVerdict(tx, prepared.blob.hash, { kind: 'unsigned', n: dice.below(9) }, 1));
        await t.store.indexing.settle();
        findings.push(...(await t.findings()), ...(await repaired()));
        const [id] = [dice.pick(ids)!];
        const { modseq } = await t.store.read(id).info();
        await t.db.write((tx) => t.store.pruneChanges(tx, id, (modseq - 5) as ModSeq));
      }
    };
    const going = beside();
    const after = await Promise.all(ids.map((id, i) => stream(id, models[i]!, seed * 10 + i))).finally(() => {
      isOver = true;
    });
    await going;
    expect(findings).toEqual([]);
    for (const [i, id] of ids.entries()) await compare(t, id, after[i]!);
    await sweep();
    expect(await t.findings({ deep: true })).toEqual([]);
    // Every text is found in the account that has it, and nowhere else.
    for (const [i, id] of ids.entries()) {
      const reader = t.store.read(id);
      const emails = await reader.emails([...after[i]!.emails.keys()]);
      const titled = emails.flatMap((email) => (email.subject === 'Hop giao ban' ? [email.id] : []));
      const found = await reader.query({ filter: { text: 'hop giao ban' } });
      expect([...found].sort((a, b) => a - b)).toEqual(titled.sort((a, b) => a - b));
    }
  });
});

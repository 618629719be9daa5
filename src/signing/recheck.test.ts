import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { silentLog } from '../base/log.ts';
import type { BlobHash } from '../base/ids.ts';
import { createJobs } from '../jobs/jobs.repository.ts';
import type { Jobs } from '../jobs/types.ts';
import { verdictOf as verdictOfStored } from '../verdict-of.ts';
import { createSigning } from './signing.ts';
import { letter, openSigning, type Person, type TestSigning } from './testing/setup.ts';

let t: TestSigning;
let hung: Person;
/** The same signing on a machine that has no time. */
let busy: ReturnType<typeof createSigning>;
let busyJobs: Jobs;
beforeAll(async () => {
  t = await openSigning(sqliteDatabase);
  hung = await t.person('Nguyễn Văn Hùng');
  busyJobs = createJobs({ db: t.db, clock: t.clock, log: silentLog });
  busy = createSigning({ ...t.parts, jobs: busyJobs, settings: { ...t.parts.settings, workerTaskMs: 1 } });
});
afterAll(async () => {
  await busy.close();
  await t.dispose();
});
const verdictOf = async (hash: BlobHash) => (await t.mailstore.verdicts([hash])).get(hash) as { kind: string } | null;
const waiting = async () =>
  (await t.db.read.select().from(t.db.t.jobs)).filter(({ queue }) => queue === 'signing.recheck').length;
let count = 0;
/** Arrives while the machine is busy, and is stored as delivery does it. */
async function arrive(): Promise<BlobHash> {
  const bytes = await hung.sign(letter(hung.official, t.clock.now(), { messageId: `lan.${++count}@caoson.gov.vn` }));
  const message = await t.mailstore.prepare(bytes);
  const { unfinished } = await busy.verify(message, bytes, t.clock.now());
  expect(unfinished).toBe(true);
  const { hash } = message.blob;
  await t.db.write(async (tx) => {
    const writer = await t.mailstore.writerIn(tx, hung.official.accountId);
    const inbox = await writer.mailboxByRole('inbox');
    await writer.append(message, { mailboxIds: [inbox!.id], receivedAt: t.clock.now() });
    await busy.checkAgain(tx, hash);
    await busy.checkAgain(tx, hash);
  });
  return hash;
}

describe('a check that ran out of time', () => {
  it('is made again a minute later, and the badge comes', async () => {
    const hash = await arrive();
    expect([await verdictOf(hash), await waiting()]).toEqual([null, 1]);
    await t.jobs.runDue();
    expect(await verdictOf(hash)).toBeNull();
    t.clock.advance(60_000);
    await t.jobs.runDue();
    expect([(await verdictOf(hash))?.kind, await waiting()]).toEqual(['whole', 0]);
  });

  it('is made again once: then "altered" it is, check "unreadable", and it stays', async () => {
    const hash = await arrive();
    t.clock.advance(60_000);
    await busyJobs.runDue();
    expect(await verdictOf(hash)).toMatchObject({
      kind: 'altered',
      checks: [{ check: 'unreadable', ok: false, detail: 'time' }],
    });
    expect(await waiting()).toBe(0);
  });

  it('takes the badge from mail of a compromised key until it is made again', async () => {
    const [other, hash] = [await t.person('Nguyễn Văn Lộ'), await arrive()];
    t.clock.advance(60_000);
    await t.jobs.runDue();
    expect((await verdictOf(hash))?.kind).toBe('whole');
    await t.signing.revoke(hung.made.fingerprint, 'compromised', 'system', t.clock.now() - 3_600_000);
    await busyJobs.runDue();
    // This one and the first, which the same key signed.
    expect([await verdictOf(hash), await waiting()]).toEqual([null, 2]);
    t.clock.advance(60_000);
    await t.jobs.runDue();
    expect((await verdictOf(hash))?.kind).toBe('revoked');
    hung = other;
  });

  it('is no verdict at all when there is no thread to check with', async () => {
    const stopped = createSigning({ ...t.parts, jobs: createJobs({ db: t.db, clock: t.clock, log: silentLog }) });
    await stopped.close();
    const bytes = await hung.sign(letter(hung.official, t.clock.now()));
    await expect(stopped.verify(await t.mailstore.prepare(bytes), bytes, t.clock.now())).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'signing.unavailable',
    });
  });

  it('is made again also for what a client stores long after it was looked at', async () => {
    const bytes = await hung.sign(letter(hung.official, t.clock.now(), { messageId: `lan.${++count}@caoson.gov.vn` }));
    const message = await t.mailstore.prepare(bytes);
    message.verdict = await verdictOfStored({ signing: busy, clock: t.clock }, message, bytes);
    t.clock.advance(3_600_000);
    await t.jobs.runDue();
    await t.mailstore.write(hung.official.accountId, async (writer) => {
      const inbox = await writer.mailboxByRole('inbox');
      await writer.append(message, { mailboxIds: [inbox!.id] });
    });
    t.clock.advance(60_000);
    await t.jobs.runDue();
    expect((await verdictOf(message.blob.hash))?.kind).toBe('whole');
  });
});

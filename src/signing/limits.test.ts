/** The limits of [signing] at their border. */
import { readKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { silentLog } from '../base/log.ts';
import type { BlobHash } from '../base/ids.ts';
import { createJobs } from '../jobs/jobs.repository.ts';
import { createSigning } from './signing.ts';
import { strangerKey, signWith } from './testing/outside.ts';
import { letter, openSigning, openWithLetter, type Person, type TestSigning } from './testing/setup.ts';
import { wkdHash } from './wkd-name.ts';

const second = 1000;
const settings = {
  ...{ signatureMaxAge: 60 * second, signatureMaxAhead: 5 * second },
  ...{ outsideKeyFresh: 3600 * second, outsideKeyAbsent: 600 * second, wkdBackoff: [7, 11] },
  ...{ certificationName: 'Khóa thử', certificationLocalPart: 'khoa' },
};

describe('limits of signed mail', () => {
  let t: TestSigning;
  let hung: Person;
  let whole: Uint8Array;
  beforeAll(async () => {
    t = await openSigning(sqliteDatabase, settings);
    hung = await t.person('Nguyễn Văn Hùng');
    whole = await hung.sign(letter(hung.official, t.clock.now()));
  });
  afterAll(() => t.dispose());
  /** The same signing with other settings, for a while. */
  const beside = async <T>(more: object, use: (signing: typeof t.signing) => Promise<T>): Promise<T> => {
    const jobs = createJobs({ db: t.db, clock: t.clock, log: silentLog });
    const made = createSigning({ ...t.parts, jobs, settings: { ...t.parts.settings, ...more } });
    try {
      return await use(made);
    } finally {
      await made.close();
    }
  };

  it('certificationName and certificationLocalPart: the key that vouches, and where it is served', async () => {
    const key = await readKey({ binaryKey: (await t.signing.wkd(t.directory.domain, wkdHash('khoa')))! });
    expect(key.getUserIDs()).toEqual([`Khóa thử <khoa@${t.directory.domain}>`]);
  });

  it('signatureMaxAge and signatureMaxAhead: how far from its arrival a signature may lie', async () => {
    const signedAt = t.clock.now();
    const arriving = async (after: number): Promise<string> => (await t.verdict(whole, signedAt + after)).kind;
    expect([await arriving(60 * second), await arriving(60 * second + 1)]).toEqual(['whole', 'altered']);
    expect([await arriving(-5 * second), await arriving(-5 * second - 1)]).toEqual(['whole', 'altered']);
  });

  it('maxMessageBytes: one octet more is not checked', async () => {
    const verdict = (maxMessageBytes: number) =>
      beside({ maxMessageBytes }, async (signing) => {
        const { verdict: found } = await signing.verify(await t.mailstore.prepare(whole), whole, t.clock.now());
        return [found.kind, found.checks[0]?.detail];
      });
    expect((await verdict(whole.length))[0]).toBe('whole');
    expect(await verdict(whole.length - 1)).toEqual(['altered', 'too large to be checked']);
  });

  it('workers and workerQueue: so many are checked at once, so many wait, the next is told to come again', async () => {
    const message = await t.mailstore.prepare(whole);
    const ends = await beside({ workers: 1, workerQueue: 2 }, (signing) =>
      Promise.allSettled(Array.from({ length: 4 }, () => signing.verify(message, whole, t.clock.now()))),
    );
    const told = ends.map((end) => (end.status === 'rejected' ? (end.reason as { code: string }).code : 'checked'));
    // The first thread starts only now: all four find it so.
    expect(told).toEqual(['checked', 'checked', 'worker.busy', 'worker.busy']);
  });
});

describe('the memory of a check', () => {
  it('workerHeapMb: the least that may be set is enough for a letter of megabytes', async () => {
    const { t, hung } = await openWithLetter({ workerHeapMb: 32 });
    const file = { name: 'lon.bin', type: 'application/octet-stream', bytes: new Uint8Array(4_000_000).fill(7) };
    const bytes = await hung.sign(letter(hung.official, t.clock.now(), { attachments: [file] }));
    expect((await t.verdict(bytes)).kind).toBe('whole');
    await t.dispose();
  });
});

describe('keys of others', () => {
  let t: TestSigning;
  beforeAll(async () => {
    t = await openSigning(sqliteDatabase, settings);
  });
  afterAll(() => t.dispose());
  const thu = { fullName: 'Ông Ngoài', address: 'thu@bo.example' };
  let count = 0;

  /** A letter of `thu` arrives; then the jobs run. */
  const arrive = async (key: Awaited<ReturnType<typeof strangerKey>>) => {
    const bytes = await signWith(t, key, letter(thu, t.clock.now(), { messageId: `${++count}@bo.example` }));
    const prepared = await t.mailstore.prepare(bytes);
    const { needsKeyOf, verdict } = await t.signing.verify(prepared, bytes, t.clock.now());
    const account = await t.db.write((tx) => t.mailstore.createAccount(tx, { kind: 'person', quotaBytes: 10 ** 8 }));
    const inbox = (await t.mailstore.read(account).mailboxByRole('inbox'))!.id;
    await t.mailstore.write(account, (w) => w.append({ ...prepared, verdict: null }, { mailboxIds: [inbox] }));
    const { hash } = prepared.blob;
    const arrivedAt = t.clock.now();
    if (needsKeyOf !== undefined)
      await t.db.write((tx) => t.jobs.add(tx, 'signing.fetch-key', { address: needsKeyOf, hash, arrivedAt }));
    return { asks: needsKeyOf !== undefined, kind: verdict.kind, hash };
  };
  const verdictOf = async (hash: BlobHash) =>
    ((await t.mailstore.verdicts([hash])).get(hash) as { kind?: string } | null)?.kind;

  it('wkdBackoff: a directory that does not answer is asked again after each wait, then the verdict is made without', async () => {
    const key = await strangerKey(t, thu.address);
    t.elsewhere.set(thu.address, new Error('no answer'));
    const { asks, hash } = await arrive(key);
    expect(asks).toBe(true);
    await t.jobs.runDue();
    expect([t.asked.length, await verdictOf(hash)]).toEqual([1, undefined]);
    for (const [wait, after] of [
      [7, undefined],
      [11, 'unknownSigner'],
    ] as const) {
      const before = t.asked.length;
      t.clock.advance(wait * second - 1);
      await t.jobs.runDue();
      expect(t.asked.length).toBe(before);
      t.clock.advance(1);
      await t.jobs.runDue();
      expect([t.asked.length, await verdictOf(hash)]).toEqual([before + 1, after]);
    }
  });

  it('outsideKeyAbsent: that there is none is believed for so long', async () => {
    const key = await strangerKey(t, thu.address);
    t.elsewhere.delete(thu.address);
    t.clock.advance(3600 * second);
    expect((await arrive(key)).asks).toBe(true);
    await t.jobs.runDue();
    t.clock.advance(600 * second);
    expect((await arrive(key)).asks).toBe(false);
    t.clock.advance(1);
    expect((await arrive(key)).asks).toBe(true);
    await t.jobs.runDue();
  });

  it('outsideKeyFresh: a key that fits is asked for again after so long, and what became of it counts', async () => {
    t.clock.advance(3600 * second);
    const key = await strangerKey(t, thu.address);
    t.elsewhere.set(thu.address, key.toPublic().write());
    await arrive(key);
    await t.jobs.runDue();
    t.clock.advance(3600 * second);
    expect(await arrive(key)).toMatchObject({ asks: false, kind: 'whole' });
    t.clock.advance(1);
    const revoked = await key.revoke({ flag: 2 }, new Date(t.clock.now()));
    t.elsewhere.set(thu.address, revoked.toPublic().write());
    const { asks, hash } = await arrive(key);
    expect(asks).toBe(true);
    await t.jobs.runDue();
    expect(await verdictOf(hash)).toBe('revoked');
  });
});

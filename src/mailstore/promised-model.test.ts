/**
 * Programs that append beside a server that delivers, moves, expunges, renames, empties and removes mailboxes: whatever comes between a
 * UID that was told and its message, the message is there under it, and nobody ever sees a UID come in below one that he saw.
 */
import { setImmediate } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { isDomainError } from '../base/errors.ts';
import type { AccountId, BlobHash, MailboxId } from '../base/ids.ts';
import { random, type Random } from '../base/testing/random.ts';
import { message, openStore, START, type TestStore } from './testing/setup.ts';
import type { PreparedMessage } from './types.ts';
import type { UidPromise } from './uid-promises.ts';

const STEPS = 12;
const filing = { keywords: ['viec'], deleted: false, receivedAt: START };

interface Told {
  mailboxId: MailboxId;
  uid: number;
  hash: BlobHash;
}

describe.each(dialects)('UIDs that were told on $dialect', ({ open }) => {
  let t: TestStore;
  let prepared: PreparedMessage[];
  beforeAll(async () => {
    t = await openStore(open);
    prepared = await Promise.all(Array.from({ length: 40 }, (_, i) => t.store.prepare(message({}, `Thư ${i}`))));
  });
  afterAll(() => t.dispose());

  interface Waiting {
    promise: UidPromise;
    one: PreparedMessage;
  }

  /** Appends, each answered when its UID is known; some come to nothing. */
  async function program(accountId: AccountId, mailboxes: MailboxId[], dice: Random, line: Waiting[]): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      const place = { accountId, mailboxId: dice.pick(mailboxes) };
      try {
        const promise = await t.store.promised.uid(place, filing, 100, () => undefined);
        if (dice.chance(0.2)) promise.done();
        else line.push({ promise, one: dice.pick(prepared) });
      } catch (error) {
        if (!isDomainError(error, 'mail.mailbox_not_found')) throw error;
      }
    }
  }

  /** Stores what waits, all of one mailbox together. */
  async function filer(accountId: AccountId, line: Waiting[], isOver: () => boolean, told: Told[]): Promise<void> {
    while (!isOver() || line.length > 0) {
      await setImmediate();
      const mailboxId = line[0]?.promise.mailboxId;
      if (mailboxId === undefined) continue;
      const group = line.filter(({ promise }) => promise.mailboxId === mailboxId);
      for (const one of group) line.splice(line.indexOf(one), 1);
      group.sort((x, y) => x.promise.uid - y.promise.uid);
      const mail = group.map(({ promise: { uid }, one }) => ({ uid, message: one, filing }));
      await t.db.write((tx) => t.store.promised.store(tx, { accountId, mailboxId }, mail));
      for (const { promise, one } of group) {
        const { uid } = promise;
        told.push({ mailboxId, uid, hash: one.blob.hash });
        const reader = t.store.read(accountId);
        const [there] = await reader.placed(mailboxId, { uids: [uid] });
        // Moved or expunged it may be; its mailbox stays until the promise ends.
        if (there) expect([there.blobHash, there.keywords]).toEqual([one.blob.hash, ['viec']]);
        expect((await reader.mailbox(mailboxId))!.uidNext).toBeGreaterThan(uid);
        promise.done();
      }
    }
  }

  async function others(accountId: AccountId, mailboxes: MailboxId[], dice: Random): Promise<void> {
    const any = () => dice.pick(mailboxes);
    const some = async (id: MailboxId) => [...(await t.store.read(accountId).uids(id))].filter(() => dice.chance(0.3));
    const works: (() => Promise<unknown>)[] = [
      () => t.db.write((tx) => t.store.deliver(tx, accountId, dice.pick(prepared), 'inbox')),
      () => t.store.write(accountId, (w) => w.append(dice.pick(prepared), { mailboxIds: [any(), any()] })),
      async () => {
        const [from, to] = [any(), any()];
        const uids = await some(from);
        await t.store.write(accountId, (w) => w.move(from, uids, to));
      },
      async () => {
        const [id, uids] = [any(), await some(mailboxes[0]!)];
        await t.store.write(accountId, async (w) => {
          await w.setDeleted(id, uids, true);
          await w.expunge(id);
        });
      },
      () => t.store.write(accountId, (w) => w.updateMailbox(mailboxes.at(-1)!, { name: `Tên ${dice.int(9999)}` })),
      async () => {
        const { id } = await t.store.write(accountId, (w) => w.createMailbox({ name: `Hộp ${dice.int(9999)}` }));
        const [removed] = mailboxes.splice(2, 1, id);
        await t.store.write(accountId, (w) => w.destroyMailbox(removed!, { removeEmails: true }));
      },
      () => t.db.write((tx) => t.store.setVerdict(tx, dice.pick(prepared).blob.hash, { kind: 'unsigned' }, 1)),
    ];
    for (let step = 0; step < STEPS; step++) {
      await dice
        .pick(works)()
        .catch((error: unknown) => {
          if (!isDomainError(error, 'mail.mailbox_not_found') && !isDomainError(error, 'mail.mailbox_exists'))
            throw error;
        });
    }
  }

  /** Looks again and again, as a client does: what is new has higher UIDs than all that was there before. */
  async function watch(accountId: AccountId, isOver: () => boolean): Promise<void> {
    const last = new Map<MailboxId, { uid: number; known: Set<number>; uidNext: number }>();
    while (!isOver()) {
      for (const { id, uidNext } of await t.store.read(accountId).mailboxes()) {
        const before = last.get(id) ?? { uid: 0, known: new Set<number>(), uidNext: 0 };
        expect(uidNext).toBeGreaterThanOrEqual(before.uidNext);
        const uids = [...(await t.store.read(accountId).uids(id))];
        for (const uid of uids.filter((one) => !before.known.has(one))) expect(uid).toBeGreaterThan(before.uid);
        last.set(id, { uid: Math.max(before.uid, ...uids), known: new Set(uids), uidNext });
      }
    }
  }

  it.each([21, 22])('are kept, whatever else happens (seed %i)', async (seed) => {
    const accountId = await t.account();
    const made = await t.store.write(accountId, (w) => w.createMailbox({ name: 'Lưu tạm' }));
    const mailboxes = [await t.role(accountId, 'inbox'), await t.role(accountId, 'sent'), made.id];
    const told: Told[] = [];
    let over = false;
    const watching = watch(accountId, () => over);
    const dice = (n: number) => random(seed * 10 + n);
    const line: Waiting[] = [];
    const storing = filer(accountId, line, () => over, told);
    const all = [1, 2, 3].map((n) => program(accountId, mailboxes, dice(n), line));
    await Promise.all([...all, others(accountId, mailboxes, dice(4)), others(accountId, mailboxes, dice(5))]).finally(
      () => (over = true),
    );
    await Promise.all([watching, storing]);
    // Each was told once, and is nobody else's.
    expect(new Set(told.map(({ mailboxId, uid }) => `${mailboxId}/${uid}`)).size).toBe(told.length);
    for (const { mailboxId, uid, hash } of told) {
      const [there] = await t.store.read(accountId).placed(mailboxId, { uids: [uid] });
      if (there) expect(there.blobHash).toBe(hash);
      expect(await t.store.promised.isStored({ accountId, mailboxId, uid }, hash)).toBe(true);
    }
    expect(told.length).toBeGreaterThan(STEPS);
    expect(await t.findings()).toEqual([]);
  });
});

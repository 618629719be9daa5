/** The same bytes come again in the very moment in which nobody needs them any more: a sweep never takes what was stored. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, BlobHash } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { message, openStore, type TestStore } from './testing/setup.ts';

const HOUR = 3_600_000;

describe.each(dialects)('a sweep beside an append of the same bytes on $dialect', ({ dialect, open }) => {
  let t: TestStore;
  let id: AccountId;
  let bytes: Uint8Array;
  let hash: BlobHash;
  let before = 0;
  beforeAll(async () => {
    t = await openStore(open);
    id = await t.account();
  });
  afterAll(async () => {
    await t.store.stop();
    await t.dispose();
  });

  /** Stored, destroyed again, and old by now: nothing needs it. */
  beforeEach(async () => {
    bytes = message({ Subject: 'Di roi lai ve' });
    const prepared = await t.store.prepare(bytes);
    hash = prepared.blob.hash;
    const inbox = await t.role(id, 'inbox');
    const { emailId } = await t.store.write(id, (w) => w.append(prepared, { mailboxIds: [inbox] }));
    await t.store.write(id, (w) => w.destroyEmails([emailId]));
    t.clock.advance(10 * HOUR);
    before = t.clock.now() - HOUR;
  });
  const appendIn = async (tx: Tx, prepared: Awaited<ReturnType<typeof t.store.prepare>>) => {
    const writer = await t.store.writerIn(tx, id);
    return writer.append(prepared, { mailboxIds: [(await writer.mailboxByRole('inbox'))!.id] });
  };
  const append = async () => {
    const prepared = await t.store.prepare(bytes);
    await t.db.write((tx) => appendIn(tx, prepared));
  };
  /** PostgreSQL: until somebody waits for a row that this unit holds. */
  const somebodyWaits = async ({ q }: Tx) => {
    for (let tries = 0; dialect === 'pg' && tries < 5000; tries++) {
      // Every look is a statement of its own, so it sees the locks of its own moment.
      const [row] = await q.rows(
        sql`select count(*) as n from pg_locks l join pg_stat_activity a on a.pid = l.pid where not l.granted and a.datname = current_database()`,
      );
      if (Number(row?.[0]) > 0) return;
    }
  };
  /** What a sweep knows that looked before these bytes came. */
  const asSeenBefore = async (hashes: BlobHash[]) => {
    const used = await t.store.referenced(hashes);
    used.delete(hash);
    return used;
  };
  const expectWhole = async () => {
    expect(Buffer.compare(await t.blobs.read(hash), bytes)).toBe(0);
    expect(await t.store.derived(hash)).toBeDefined();
    expect(await t.findings({ deep: true })).toEqual([]);
  };

  it('that looked before it came', async () => {
    await t.store.sweep(before);
    let looked = 0;
    await t.blobs.sweep(async (hashes) => {
      const used = await t.store.referenced(hashes);
      if (hashes.includes(hash)) {
        expect(used.has(hash)).toBe(false);
        looked++;
        await append();
      }
      return used;
    }, before);
    expect(looked).toBe(1);
    await expectWhole();
  });

  it('that comes upon it while its unit of work is under way', async () => {
    const prepared = await t.store.prepare(bytes);
    const sweeps: Promise<unknown>[] = [];
    await t.db.write(async (tx) => {
      await appendIn(tx, prepared);
      sweeps.push(t.store.sweep(before), t.blobs.sweep(asSeenBefore, before));
      await somebodyWaits(tx);
    });
    await Promise.all(sweeps);
    await expectWhole();
  });

  it('that is done between its preparation and its unit of work', async () => {
    const prepared = await t.store.prepare(bytes);
    await t.store.sweep(before);
    await t.blobs.sweep((hashes) => t.store.referenced(hashes), before);
    expect(await t.blobs.size(hash)).toBeUndefined();
    await t.db.write((tx) => appendIn(tx, prepared));
    await expectWhole();
  });

  it('that comes upon it while its unit of work fails', async () => {
    const prepared = await t.store.prepare(bytes);
    const sweeps: Promise<unknown>[] = [];
    const failing = t.db.write(async (tx) => {
      await appendIn(tx, prepared);
      sweeps.push(t.store.sweep(before));
      await somebodyWaits(tx);
      throw new Error('not today');
    });
    await expect(failing).rejects.toThrow('not today');
    await Promise.all(sweeps);
    await t.blobs.sweep((hashes) => t.store.referenced(hashes), before);
    expect([await t.blobs.size(hash), await t.store.derived(hash)]).toEqual([undefined, undefined]);
    await append();
    await expectWhole();
  });

  it('that takes an upload which has run out, of bytes that a message or another upload needs', async () => {
    const staged = await t.blobs.stage(bytes);
    const other = await t.account();
    const until = t.clock.now() + HOUR;
    await t.store.write(id, (w) => w.recordUpload(staged, 'text/plain', until));
    await t.store.write(other, (w) => w.recordUpload(staged, 'text/plain', until + 20 * HOUR));
    t.clock.advance(10 * HOUR);
    const sweepAll = async () => {
      await t.store.sweep(t.clock.now() - HOUR);
      await t.blobs.sweep((hashes) => t.store.referenced(hashes), t.clock.now() - HOUR);
    };
    await sweepAll();
    expect(await t.store.read(id).holdsBlob(hash)).toBeUndefined();
    expect(await t.store.read(other).holdsBlob(hash)).toMatchObject({ type: 'text/plain' });
    t.clock.advance(20 * HOUR);
    await append();
    await sweepAll();
    expect(await t.store.read(other).holdsBlob(hash)).toBeUndefined();
    await expectWhole();
  });
});

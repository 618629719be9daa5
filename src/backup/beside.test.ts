/** Backups beside a server at work, and backups that break off at any step: what was taken comes back whole. */
import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { random } from '../base/testing/random.ts';
import type { Snapshot } from '../db/database.ts';
import { sweep } from '../maintenance.ts';
import type { Parts } from '../parts.ts';
import { backup } from './backup.usecases.ts';
import { readSnapshot, snapshotNames } from './snapshots.ts';
import { world, type Dialect, type World } from './testing/installation.ts';
import { verifyFolder } from './verify.usecases.ts';

const others = { sqlite: 'pg', pg: 'sqlite' } as const;

describe.each(['sqlite', 'pg'] as const)('backups on %s beside a server at work', (dialect: Dialect) => {
  let w: World;
  beforeAll(async () => {
    w = await world(dialect);
    for (let i = 0; i < 6; i++) await w.put(`truoc-${i}`, i % 2 ? { attachment: randomBytes(9000) } : {});
  });
  afterAll(() => w.dispose());

  /** Mail comes, is changed, moved and destroyed; what nobody needs is swept. */
  async function work(seed: number, isOver: () => boolean): Promise<void> {
    const dice = random(seed);
    const shared = randomBytes(160_000);
    for (let n = 0; !isOver(); n++) {
      const attachment = dice.pick([undefined, shared, randomBytes(5000), randomBytes(200_000)]);
      await w.put(`thu-${seed}-${n}`, { keywords: ['$seen'], ...(attachment && { attachment }) });
      await w.parts.mailstore.write(w.people.hung.accountId, async (writer) => {
        const inbox = await writer.mailboxByRole('inbox');
        const archive = await writer.mailboxByRole('archive');
        const uids = [...(await writer.uids(inbox!.id))];
        await writer.move(inbox!.id, uids.slice(0, 1), archive!.id);
        const ids = await writer.query({}, { limit: 30 });
        await writer.setKeywords(ids.slice(0, 3), { add: ['viec'] });
        if (dice.chance(0.4)) await writer.destroyEmails(ids.slice(-2));
      });
      if (n % 4 === 0) await sweep(w.parts);
    }
  }

  it('hold one moment each, and all of it', async () => {
    let over = false;
    const working = [work(1, () => over), work(2, () => over)];
    const taken: string[] = [];
    try {
      for (let n = 0; n < 4; n++) {
        const { snapshot, missing } = await w.take();
        expect(missing).toEqual([]);
        taken.push(snapshot);
      }
    } finally {
      over = true;
      await Promise.all(working);
    }
    expect(await verifyFolder(w.backups)).toMatchObject({ snapshots: 4, faults: [] });
    for (const [snapshot, of] of [
      [taken[1], dialect],
      [taken[3], others[dialect]],
    ] as const)
      expect((await w.bringBack(of, { snapshot: snapshot! })).report).toMatchObject({ lost: [], findings: [] });
    const findings = [];
    for await (const finding of w.parts.mailstore.check({ deep: true })) findings.push(finding);
    expect(findings).toEqual([]);
  }, 120_000);
});

class Broken extends Error {}

/** The same parts, of which the `last`-th use of database or store breaks, and every one after it. */
function breakingAt(parts: Parts, last: number): { parts: Parts; used(): number } {
  let used = 0;
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    if (++used >= last) throw new Broken();
    return work();
  };
  const { db, blobs, facts } = parts;
  const snapshot = <T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T> =>
    db.snapshot((inner) =>
      work({
        rows: (query) => counted(() => inner.rows(query)),
        async *table(name, columns) {
          for await (const rows of inner.table(name, columns)) yield await counted(() => Promise.resolve(rows));
        },
      }),
    );
  const backend = {
    ...blobs.backend,
    get: (hash: Parameters<typeof blobs.backend.get>[0]) => counted(() => blobs.backend.get(hash)),
  };
  const broken: Parts = {
    ...parts,
    db: { ...db, snapshot, write: (unit) => counted(() => db.write(unit)) },
    blobs: { ...blobs, backend, read: (hash) => counted(() => blobs.read(hash)) },
    facts: { ...facts, get: (name) => counted(() => facts.get(name)) },
  };
  return { parts: broken, used: () => used };
}

describe('a backup that breaks off', () => {
  let w: World;
  beforeAll(async () => {
    w = await world('sqlite');
    for (let i = 0; i < 3; i++) await w.put(`thu-${i}`, { attachment: randomBytes(150_000) });
    await w.take();
  });
  afterAll(() => w.dispose());

  it('at any step leaves the snapshots before it whole, and the next one is', async () => {
    const options = { folder: w.backups, version: 'test', keep: 2, months: 0 };
    let steps = 0;
    for (let last = 1; ; last += 5) {
      await w.put(`moi-${last}`, { attachment: randomBytes(140_000) });
      w.clock.advance(86_400_000);
      const names = await snapshotNames(w.backups);
      const broken = breakingAt(w.parts, last);
      const isDone = await backup(broken.parts, options).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof Broken)) throw error;
          return false;
        },
      );
      const after = await snapshotNames(w.backups);
      expect(await verifyFolder(w.backups)).toMatchObject({ faults: [] });
      // It counts only with its last step: broken off later, it is there and whole.
      expect(after.slice(0, 1)).toEqual(isDone ? after.slice(0, 1) : names.slice(0, 1));
      expect((await readSnapshot(w.backups)).missing).toEqual([]);
      steps++;
      if (isDone) break;
      expect(broken.used()).toBeGreaterThanOrEqual(last);
    }
    expect(steps).toBeGreaterThan(8);
    expect(await backup(w.parts, options)).toMatchObject({ missing: [], faults: [] });
    expect(await snapshotNames(w.backups)).toHaveLength(2);
    expect((await w.bringBack('sqlite')).report).toMatchObject({ lost: [], findings: [] });
  });
});

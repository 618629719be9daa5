/**
 * Random letters that share files, stored, dropped, swept, mended and read, over a folder that refuses and a database that fails now
 * and then, by one process after the other: what was recorded and is needed can be read, octet by octet, whatever failed beside it.
 */
import { rmSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { BlobHash } from '../base/ids.ts';
import { random, type Random } from '../base/testing/random.ts';
import { failing, isFault, type Failing } from '../db/testing/failing.ts';
import { createBlobStore, type BlobBackend, type BlobStore, type StagedBlob } from './blob-store.ts';
import { folderBackend, placeIn } from './folder.ts';
import { noise, noiseText } from './testing/noise.ts';
import { letter, NOW, SharedFiles, type Letter } from './testing/sharing.ts';

const STEPS = 60;
const HOUR = 3_600_000;

/** Every call of it may fail: before it did anything, or after it did all. */
function moody(backend: BlobBackend, isBad: () => boolean): BlobBackend {
  const refuse = () =>
    Promise.reject(Object.assign(new Error('ENOSPC: the disk does not take this'), { code: 'ENOSPC' }));
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isBad()) return refuse();
    const value = await work();
    return isBad() ? refuse() : value;
  };
  return {
    put: (hash, bytes) => around(() => backend.put(hash, bytes)),
    get: (hash) => around(() => backend.get(hash)),
    range: (hash, start, end) => around(() => backend.range(hash, start, end)),
    has: (hash) => around(() => backend.has(hash)),
    touch: (hash) => around(() => backend.touch(hash)),
    deleteOlder: (hash, before) => around(() => backend.deleteOlder(hash, before)),
    list: () => backend.list(),
  };
}

/** Files of every size, of which any two letters may have some in common; a few letters lie within others. */
function lettersOf(dice: Random): Letter[] {
  const files = [700, 3000, 5000, 70_000, 140_000, 200_000].map((size, i) => noise(size, i + 1));
  const letters: Letter[] = [];
  for (let i = 0; i < 12; i++) {
    const own = files.filter(() => dice.chance(0.3));
    const inner = letters.length > 0 && dice.chance(0.2) ? [dice.pick(letters).bytes] : [];
    letters.push(letter(dice.chance(0.2) ? noiseText(180_000, i) : `thư ${i}`, ...own, ...inner));
  }
  // One file by itself, as an upload or a document is.
  return [...letters, { bytes: files[3]!, spans: [] }, { bytes: files[5]!, spans: [] }];
}

describe.each(dialects)('blobs in any order on $dialect', ({ open }) => {
  let shared: SharedFiles;
  let faults: Failing;
  beforeAll(async () => {
    shared = new SharedFiles(await open());
    faults = failing(shared.db);
  });
  afterAll(() => shared.dispose());

  class Run {
    readonly dice: Random;
    readonly letters: Letter[];
    /** What somebody needs. */
    readonly kept = new Map<BlobHash, Letter>();
    bad = 0;
    blobs!: BlobStore;

    constructor(seed: number) {
      this.dice = random(seed);
      this.letters = lettersOf(this.dice);
      this.restart();
    }

    restart(): void {
      const backend = moody(folderBackend(shared.folder), () => this.dice.chance(this.bad));
      this.blobs = createBlobStore({ db: faults.db, backend, clock: shared.clock });
    }

    /** With the disk and the database as they are today. @returns undefined when it was refused */
    async tried<T>(work: () => Promise<T>): Promise<T | undefined> {
      const { dice } = this;
      this.bad = dice.chance(0.3) ? 0.2 : 0;
      if (dice.chance(0.3)) faults.at(dice.int(6), dice.chance(0.3) ? 'again' : 'fails');
      try {
        return await work();
      } catch (error) {
        expect(isFault(error), String(error)).toBe(true);
        return undefined;
      } finally {
        this.bad = 0;
        faults.never();
      }
    }

    async store(one: Letter): Promise<void> {
      const staged = await this.tried(() => this.blobs.stage(one.bytes, one.spans));
      if (!staged) return;
      if (this.dice.chance(0.15)) return;
      const done = await this.tried(() => this.record(staged));
      if (done) this.kept.set(staged.hash, one);
    }

    private record(staged: StagedBlob): Promise<boolean> {
      return faults.db.write(async (tx) => {
        await this.blobs.record(tx, staged);
        return true;
      });
    }

    async sweep(): Promise<void> {
      const needed = (hashes: BlobHash[]) => Promise.resolve(new Set(hashes.filter((hash) => this.kept.has(hash))));
      // Of the rows, all that is older than this hour; the folder goes by the clock of the disk.
      shared.clock.advance(2 * HOUR);
      const before = this.dice.chance(0.5) ? shared.clock.now() - HOUR : Date.now() + HOUR;
      await this.tried(() => this.blobs.sweep(needed, before));
    }

    /** A file is lost; what comes again with the same octets is mended. */
    async lose(): Promise<void> {
      const [found] = [...this.kept].filter(() => this.dice.chance(0.3));
      if (!found) return;
      const [, one] = found;
      const staged = await this.blobs.stage(one.bytes, one.spans);
      const outside = staged.rows.filter(({ names, data }) => names.length === 0 && !data);
      for (const { hash } of outside) rmSync(placeIn(shared.folder, hash), { force: true });
      await this.tried(() => this.blobs.mend(staged, one.bytes));
      await this.blobs.mend(staged, one.bytes);
    }

    async look(): Promise<void> {
      for (const [hash, { bytes }] of this.kept) {
        if (!this.dice.chance(0.3)) continue;
        const start = this.dice.int(bytes.length);
        const end = start + this.dice.int(100_000);
        const part = await this.tried(() => this.blobs.readRange(hash, start, end));
        if (part) expect(Buffer.from(part).equals(bytes.subarray(start, end))).toBe(true);
      }
    }

    async step(): Promise<void> {
      const { dice } = this;
      const kind = dice.int(20);
      if (kind < 9) await this.store(dice.pick(this.letters));
      else if (kind < 12) for (const hash of this.kept.keys()) void (dice.chance(0.2) && this.kept.delete(hash));
      else if (kind < 15) await this.sweep();
      else if (kind < 16) await this.lose();
      else if (kind < 17) this.restart();
      else await this.look();
    }
  }

  it.each([1, 2, 3])('are there while they are needed, and go when they are not (seed %i)', async (seed) => {
    await shared.fresh();
    shared.clock.set(NOW);
    const run = new Run(seed);
    for (let step = 0; step < STEPS; step++) {
      await run.step();
      if (step % 10 === 9) expect(await shared.findings(false), `step ${step}`).toEqual([]);
    }
    run.restart();
    expect(run.kept.size).toBeGreaterThan(2);
    for (const [hash, { bytes }] of run.kept) await shared.expectRead(hash, bytes);
    expect(await shared.findings()).toEqual([]);
    run.kept.clear();
    shared.clock.advance(2 * HOUR);
    const nobody = () => Promise.resolve(new Set<BlobHash>());
    await shared.blobs.sweep(nobody, Math.max(shared.clock.now(), Date.now() + HOUR));
    expect([await shared.count('blobs'), await shared.count('blob_parts'), await shared.filesIn()]).toEqual([0, 0, 0]);
  });
});

/** Packs of which a part cannot be found: nothing that may come back another day is thrown away for it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { sha256 } from '../base/bytes.ts';
import { noise } from '../blobs/testing/noise.ts';
import { openPacks, type Packs } from './packs.ts';
import { prune } from './prune.usecases.ts';
import { DamagedBackup, HEAD_BYTES } from './records.ts';
import { FORMAT, packFolder, snapshotNames, writeSnapshot, type SnapshotFile } from './snapshots.ts';
import { verifyFolder } from './verify.usecases.ts';

const root = mkdtempSync(join(tmpdir(), 'congvu-broken-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const contents = Array.from({ length: 6 }, (_, i) => noise(300 + i, i));
const hashes = contents.map((bytes) => sha256(bytes));

describe('a pack whose index is lost and of which a head has changed', () => {
  let folder = '';
  let count = 0;
  const path = (name: string) => join(packFolder(folder), name);

  async function open<T>(work: (packs: Packs) => Promise<T>, writable = true): Promise<T> {
    const packs = await openPacks(packFolder(folder), { writable });
    try {
      return await work(packs);
    } finally {
      await packs.abandon();
      await packs.close();
    }
  }
  /** A snapshot whose table of contents names these, of which some were missing then. */
  async function snapshot(name: string, named: readonly string[], missing: readonly string[] = []): Promise<void> {
    const piece = Buffer.from(named.map((hash) => `${JSON.stringify([hash, 300, false, 0])}\n`).join(''));
    const columns: SnapshotFile['tables'][number]['columns'] = [
      { name: 'hash', kind: 'text' },
      { name: 'size', kind: 'int' },
      { name: 'in_row', kind: 'bool' },
      { name: 'parts', kind: 'int' },
    ];
    await open(async (packs) => {
      await packs.add('t', sha256(piece), piece);
      await packs.flush();
    });
    await writeSnapshot(folder, {
      ...{
        format: FORMAT,
        name,
        version: '1',
        installation: 'here',
        domain: 'x.gov.vn',
        dialect: 'sqlite',
        takenAt: 5,
      },
      ...{ migrations: [], counters: {}, swept: [], settings: null, secrets: null, missing: [...missing] },
      tables: [{ name: 'blobs', columns, rows: named.length, pieces: [sha256(piece)] }],
    });
  }
  const add = (list: readonly number[]) =>
    open(async (packs) => {
      for (const i of list) await packs.add('f', hashes[i]!, contents[i]!);
      await packs.flush();
    });
  const readable = (writable = true) =>
    open(async (packs) => {
      const found: number[] = [];
      for (const [i, hash] of hashes.entries()) {
        const bytes = await packs.read('f', hash).catch((error: unknown) => {
          if (!(error instanceof DamagedBackup)) throw error;
        });
        if (bytes?.equals(contents[i]!)) found.push(i);
      }
      return found;
    }, writable);
  /** @returns what puts it right again */
  function spoil(record: number): () => void {
    rmSync(path('00000001.idx'));
    const whole = readFileSync(path('00000001.pack'));
    const spoilt = Buffer.from(whole);
    let at = 0;
    for (let i = 0; i < record; i++) at += HEAD_BYTES + contents[i]!.length;
    spoilt[at] = 0;
    writeFileSync(path('00000001.pack'), spoilt);
    return () => writeFileSync(path('00000001.pack'), whole);
  }

  beforeEach(async () => {
    folder = join(root, `f${++count}`);
    await add([0, 1, 2, 3]);
  });

  it.each([0, 2])('at record %i stays as it is, and is whole again when the disk gives it', async (record) => {
    const right = spoil(record);
    for (let day = 0; day < 2; day++) {
      expect(await readable()).toEqual([0, 1, 2, 3].slice(0, record));
      expect(await readable(false)).toEqual([0, 1, 2, 3].slice(0, record));
    }
    expect(existsSync(path('00000001.pack'))).toBe(true);
    // An index that names half of it would hide the rest for good.
    expect(existsSync(path('00000001.idx'))).toBe(false);
    right();
    expect(await readable()).toEqual([0, 1, 2, 3]);
    expect(existsSync(path('00000001.idx'))).toBe(true);
  });

  it('is not overwritten by the next pack, which takes what is missing', async () => {
    const right = spoil(0);
    await add([0, 1, 2, 3, 4]);
    expect(readdirSync(packFolder(folder)).sort()).toEqual(['00000001.pack', '00000002.idx', '00000002.pack']);
    expect(await readable()).toEqual([0, 1, 2, 3, 4]);
    right();
    expect(await readable()).toEqual([0, 1, 2, 3, 4]);
  });

  it('is not freed while a snapshot that stays names something that is nowhere else', async () => {
    await snapshot('20260101T000000Z', []);
    await snapshot('20260102T000000Z', hashes.slice(0, 4));
    const right = spoil(0);
    const report = await open((packs) => prune(folder, packs, { keep: 1, months: 0 }));
    expect(report).toMatchObject({ snapshots: ['20260101T000000Z'], faults: [] });
    expect((await verifyFolder(folder)).faults).toHaveLength(4);
    right();
    expect(await verifyFolder(folder)).toMatchObject({ faults: [] });
  });

  it('is freed when all that is named is found elsewhere, or was missing already', async () => {
    await snapshot('20260101T000000Z', []);
    spoil(0);
    await add([0, 1]);
    await snapshot('20260102T000000Z', hashes.slice(0, 3), [hashes[2]!]);
    await open((packs) => prune(folder, packs, { keep: 1, months: 0 }));
    expect(readdirSync(packFolder(folder))).not.toContain('00000001.pack');
    expect(await readable()).toEqual([0, 1]);
    expect(await verifyFolder(folder)).toMatchObject({ faults: [] });
  });

  it('stays when there is no room to write what is left of it anew, and goes when there is', async () => {
    await snapshot('20260101T000000Z', hashes.slice(0, 4));
    await snapshot('20260102T000000Z', hashes.slice(0, 1));
    await snapshot('20260103T000000Z', hashes.slice(0, 1));
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const pruned = (keep: number, broken: Partial<Packs> = {}) =>
      open((packs) => prune(folder, Object.assign(Object.create(packs) as Packs, broken), { keep, months: 0 }));
    for (const broken of [{ copy: () => Promise.reject(full) }, { flush: () => Promise.reject(full) }]) {
      await snapshot(`2026011${(await snapshotNames(folder)).length}T000000Z`, hashes.slice(0, 1));
      // The table that only the first one had lies in a pack of its own, and costs no room to free.
      expect(await pruned(2, broken)).toMatchObject({ faults: [expect.stringContaining('no room')] });
      expect(existsSync(path('00000001.pack'))).toBe(true);
      expect(existsSync(path('00000002.pack'))).toBe(false);
      expect(await verifyFolder(folder)).toMatchObject({ faults: [] });
    }
    expect((await pruned(1)).faults).toEqual([]);
    expect(existsSync(path('00000001.pack'))).toBe(false);
    expect(await verifyFolder(folder)).toMatchObject({ snapshots: 1, faults: [] });
    expect(await readable()).toEqual([0]);
  });

  it('goes when it is too short for any record: nothing was ever in it', async () => {
    writeFileSync(path('00000007.pack'), 'C'.repeat(HEAD_BYTES - 1));
    await readable(false);
    expect(existsSync(path('00000007.pack'))).toBe(true);
    await readable();
    expect(existsSync(path('00000007.pack'))).toBe(false);
  });

  it('says of each snapshot what it lacks, though others that share its table knew that as missing', async () => {
    await add([4]);
    await snapshot('20260101T000000Z', hashes.slice(0, 5), [hashes[4]!]);
    await snapshot('20260102T000000Z', hashes.slice(0, 5));
    expect(await verifyFolder(folder)).toMatchObject({ snapshots: 2, faults: [] });
    // The pack into which the second one had copied it.
    for (const name of ['00000002.pack', '00000002.idx']) rmSync(path(name));
    expect((await verifyFolder(folder)).faults).toEqual([
      `snapshot 20260102T000000Z: content ${hashes[4]!} is missing`,
    ]);
    expect(await snapshotNames(folder)).toHaveLength(2);
  });
});

it('what is still being packed when a backup breaks off leaves nothing behind, nor writes beside the next one', async () => {
  const folder = join(root, 'abandoned');
  const packs = await openPacks(folder, { writable: true });
  const text = Buffer.from('dòng\n'.repeat(400_000));
  const late = packs.add('p', sha256(text), text);
  await packs.abandon();
  await packs.close();
  await expect(late).rejects.toThrow('broken off');
  expect(readdirSync(folder)).toEqual([]);
});

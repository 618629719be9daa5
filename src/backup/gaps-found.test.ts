/** Damaged pieces of tables in a backup folder: they are found, named, and written anew while the installation lives. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { sha256 } from '../base/bytes.ts';
import { noise } from '../blobs/testing/noise.ts';
import { findGaps, inWords, withoutDamaged } from './gaps.ts';
import { openPacks } from './packs.ts';
import { packFolder, readSnapshot, snapshotNames } from './snapshots.ts';
import { spoil, spoilTables } from './testing/damage.ts';
import { world, type Dialect } from './testing/installation.ts';
import { verifyFolder } from './verify.usecases.ts';

describe.each(['sqlite', 'pg'] as const)('the next backup of a living installation on %s', (dialect: Dialect) => {
  it('writes every damaged piece of its tables anew, and says which: all snapshots that share them are whole again', async () => {
    const other = await world(dialect);
    try {
      await other.put('mot', { attachment: noise(9000) });
      await other.take();
      const { tables, name } = await readSnapshot(other.backups);
      // What changes with each backup is written anew anyway.
      const still = tables.filter((one) => one.rows > 0 && one.name !== 'facts').map((one) => one.name);
      await spoilTables(other.backups, still);
      const { faults } = await other.take();
      const named = faults.map((fault) => /this piece of (\w+) is written anew$/.exec(fault)?.[1]);
      expect(named.sort()).toEqual(still.sort());
      expect(await verifyFolder(other.backups)).toMatchObject({ faults: [] });
      const { report } = await other.bringBack(dialect, { snapshot: name });
      expect(report).toMatchObject({ lost: [], findings: [], leftOut: [] });
      expect((await other.take()).faults).toEqual([]);
    } finally {
      await other.dispose();
    }
  });
});

describe('a table of many pieces of which some are damaged', () => {
  const folder = mkdtempSync(join(tmpdir(), 'congvu-gaps-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('says of each where it lay, by the rows beside it, and of the table how many rows are missing', async () => {
    const packs = await openPacks(folder, { writable: true });
    const piece = (from: number) =>
      Buffer.from([0, 1, 2].map((i) => `${JSON.stringify([1, from + i, 'bí mật', 3])}\n`).join(''));
    const pieces = [0, 10, 20, 30, 40].map(piece);
    for (const bytes of pieces) await packs.add('t', sha256(bytes), bytes);
    await packs.flush();
    const column = (name: string, kind: 'int' | 'text') => ({ name, kind });
    const table = {
      ...{ name: 'emails', rows: 15, pieces: pieces.map((bytes) => sha256(bytes) as string) },
      columns: [column('account_id', 'int'), column('id', 'int'), column('secret', 'text'), column('n', 'int')],
    };
    expect(await findGaps(packs, [table])).toEqual([]);
    await packs.close();
    // Their folder is the packs themselves here.
    const damaged = [1, 2, 4].map((i) => pieces[i]!);
    const names = damaged.map((bytes) => sha256(bytes));
    const broken = await openPacks(folder, { writable: false });
    const read = broken.read.bind(broken);
    broken.read = async (kind, key) => read(kind, names.includes(key as never) ? `${key.slice(0, -1)}x` : key);
    const [gap] = await findGaps(broken, [table]);
    await broken.close();
    expect(gap).toMatchObject({ table: 'emails', pieces: 5, rows: 9 });
    expect(gap!.damaged.map(({ number, after, before }) => ({ number, after, before }))).toEqual([
      { number: 2, after: { account_id: 1, id: 2 }, before: null },
      { number: 3, after: null, before: { account_id: 1, id: 30 } },
      { number: 5, after: { account_id: 1, id: 32 }, before: null },
    ]);
    const words = inWords([gap!]).join('\n');
    expect(words).toContain('piece 2 of 5 of table emails is damaged');
    expect(words).toContain('all after account_id 1, id 2)');
    expect(words).toContain('9 row(s) of emails are missing by it');
    expect(words).not.toContain('bí mật');
    const rest = withoutDamaged({ tables: [table] } as never, [gap!]);
    expect(rest.tables[0]!.pieces).toEqual([0, 3].map((i) => sha256(pieces[i]!)));
  });

  it('names the snapshots that do not need what is damaged', async () => {
    const w = await world('sqlite');
    await w.put('mot-la-thu');
    await w.take();
    await w.put('mot-la-thu-nua');
    await w.take();
    const names = await snapshotNames(w.backups);
    const [newest] = (await readSnapshot(w.backups)).tables.find(({ name }) => name === 'emails')!.pieces;
    const right = await spoil(w.backups, 't', newest!);
    await expect(w.bringBack('sqlite')).rejects.toThrow(`snapshots that do not need these pieces: ${names[0]!}`);
    expect((await w.bringBack('sqlite', { snapshot: names[0]! })).report).toMatchObject({ lost: [], findings: [] });
    right();
    const packs = await openPacks(packFolder(w.backups), { writable: false });
    // A look that came upon damage is kept for the next backup.
    expect(packs.has('t', newest!)).toBe(false);
    await packs.close();
    await w.dispose();
  });
});

/** The backup's own disk rots: it is said, nothing damaged is taken for whole, and the next backup is whole again. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sweep } from '../maintenance.ts';
import { openPacks } from './packs.ts';
import type { Kind } from './records.ts';
import { packFolder, snapshotNames } from './snapshots.ts';
import { piecesOf, spoil as spoilIn } from './testing/damage.ts';
import { world, type World } from './testing/installation.ts';
import { verifyFolder } from './verify.usecases.ts';

const HOUR = 3_600_000;

describe('a backup folder that has changed', () => {
  let w: World;
  beforeAll(async () => {
    w = await world('sqlite');
    for (let i = 0; i < 5; i++) await w.put(`thu-${i}`);
    await w.put('lon', { attachment: randomBytes(200_000) });
    await w.take();
  });
  afterAll(() => w.dispose());

  const snapshotPath = (name: string) => join(w.backups, 'snapshots', `${name}.json`);
  const spoil = (kind: Kind, key: string) => spoilIn(w.backups, kind, key);
  const file = async () => {
    const packs = await openPacks(packFolder(w.backups), { writable: false });
    const all = Array.from({ length: packs.index.count }, (_, n) => packs.index.thing(n));
    await packs.close();
    return all.find(({ kind }) => kind === 'f')!.key;
  };

  it('is mended by the next backup where the store has the content still', async () => {
    const key = await file();
    await spoil('f', key);
    expect((await w.bringBack('sqlite')).report).toMatchObject({ lost: [key] });
    expect((await verifyFolder(w.backups)).faults).toEqual([expect.stringContaining(key)]);
    const { newContents, writtenBytes } = await w.take();
    expect([newContents, writtenBytes > 200_000]).toEqual([1, true]);
    expect(await verifyFolder(w.backups)).toMatchObject({ faults: [] });
    // The snapshot that was damaged too.
    const [first] = await snapshotNames(w.backups);
    expect((await w.bringBack('sqlite', { snapshot: first! })).report).toMatchObject({ lost: [], findings: [] });
  });

  it('with a damaged piece of a table is restored by nobody, and the next backup writes that piece anew by itself', async () => {
    const [piece] = await piecesOf(w.backups, 'addresses');
    await spoil('t', piece!);
    // Nobody has looked yet: what did not change is not written again, but it is read again.
    expect((await w.take()).faults).toEqual([expect.stringMatching(/this piece of addresses is written anew$/)]);
    expect(await verifyFolder(w.backups)).toMatchObject({ faults: [] });
    expect((await w.take()).faults).toEqual([]);
    expect((await w.bringBack('sqlite')).report).toMatchObject({ lost: [], findings: [], leftOut: [] });
    await spoil('t', piece!);
    await expect(w.bringBack('sqlite')).rejects.toMatchObject({ code: 'backup.table_damaged' });
    await w.take();
    const [first] = await snapshotNames(w.backups);
    expect((await w.bringBack('sqlite', { snapshot: first! })).report).toMatchObject({ lost: [], findings: [] });
  });

  it('with a damaged snapshot says so, and restores the others', async () => {
    const names = await snapshotNames(w.backups);
    const path = snapshotPath(names.at(-1)!);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, -20));
    expect((await verifyFolder(w.backups)).faults).toEqual([expect.stringContaining(names.at(-1)!)]);
    await expect(w.bringBack('sqlite')).rejects.toMatchObject({ code: 'backup.snapshot_damaged' });
    const { report } = await w.bringBack('sqlite', { snapshot: names.at(-2)! });
    expect(report).toMatchObject({ lost: [], findings: [] });
    writeFileSync(path, whole);
  });

  it('frees nothing while it cannot be known what is named: the backup is taken, and says why', async () => {
    for (let i = 0; i < 3; i++) await w.take();
    const names = await snapshotNames(w.backups);
    const path = snapshotPath(names.at(-1)!);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, -20));
    const packs = readdirSync(packFolder(w.backups));
    const report = await w.take({ keep: 3 });
    expect(report).toMatchObject({ freedBytes: 0, missing: [], faults: [expect.stringContaining(names.at(-1)!)] });
    expect(readdirSync(packFolder(w.backups))).toEqual(expect.arrayContaining(packs));
    writeFileSync(path, whole);

    // A piece that the living tables have no more: only the snapshot before names it.
    const [piece] = await piecesOf(w.backups, 'blobs');
    await w.put('moi-hon');
    const right = await spoil('t', piece!);
    const second = await w.take({ keep: 2 });
    expect(second).toMatchObject({ freedBytes: 0, faults: [expect.stringContaining('has changed')] });
    right();
    // What was found on the way is written anew.
    expect(await w.take({ keep: 2 })).toMatchObject({ faults: [] });
    expect(await verifyFolder(w.backups)).toMatchObject({ faults: [] });
  });

  it('keeps a pack of which a part cannot be copied, frees the others, and loses nothing more', async () => {
    await w.put('con-lai', { attachment: randomBytes(150_000) });
    await w.put('bo-di', { attachment: randomBytes(900_000) });
    const before = new Set(readdirSync(packFolder(w.backups)));
    await w.take();
    const pack = readdirSync(packFolder(w.backups)).find((name) => name.endsWith('.pack') && !before.has(name))!;
    await w.parts.mailstore.write(w.people.hung.accountId, async (writer) => {
      await writer.destroyEmails(await writer.query({ filter: { subject: 'bo-di' } }));
    });
    w.clock.advance(100 * HOUR);
    await sweep(w.parts);
    // In that pack something stays named and is damaged, so it cannot be written anew elsewhere.
    const packs = await openPacks(packFolder(w.backups), { writable: false });
    const number = parseInt(pack, 10);
    const live = Array.from({ length: packs.index.count }, (_, n) => ({
      ...packs.index.thing(n),
      ...packs.index.where(n),
    }))
      .filter((thing) => thing.pack === number && thing.kind === 'f')
      .sort((a, b) => a.length - b.length)[0]!;
    await packs.close();
    await spoil('f', live.key);
    const report = await w.take({ keep: 1 });
    expect(report.faults).toEqual([expect.stringContaining(live.key)]);
    expect(readdirSync(packFolder(w.backups))).toContain(pack);
    expect((await w.bringBack('sqlite')).report.lost).toEqual([live.key]);
    // The next one copies it from the store; then that pack can go.
    await w.take({ keep: 1 });
    expect(readdirSync(packFolder(w.backups))).not.toContain(pack);
    expect(await verifyFolder(w.backups)).toMatchObject({ snapshots: 1, faults: [] });
  });

  it('has lost a whole pack: what is missing is named, and copied again', async () => {
    const [pack] = readdirSync(packFolder(w.backups)).filter((name) => name.endsWith('.pack'));
    rmSync(join(packFolder(w.backups), pack!));
    expect((await verifyFolder(w.backups)).faults.length).toBeGreaterThan(0);
    await w.take();
    expect((await w.bringBack('sqlite')).report).toMatchObject({ lost: [], findings: [] });
    expect(await verifyFolder(w.backups)).toMatchObject({ faults: [] });
  });
});

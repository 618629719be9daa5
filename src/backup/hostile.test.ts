/** A backup folder that somebody else wrote into, what lies in it in clear, and parts of it that the disk does not give. */
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sha256 } from '../base/bytes.ts';
import { noise } from '../blobs/testing/noise.ts';
import { readMasterKey } from '../installation.ts';
import { isBlobs } from './content.ts';
import { openPacks, type Packs } from './packs.ts';
import { linesOf } from './rows.ts';
import { packFolder, readSnapshot, snapshotNames, writeSnapshot, type SnapshotFile } from './snapshots.ts';
import { world, type World } from './testing/installation.ts';
import { verifyFolder } from './verify.usecases.ts';

/** A sector that is not given: reading there ends with EIO. @returns what puts it right again */
function spoil(path: string): () => void {
  const whole = readFileSync(path);
  rmSync(path);
  symlinkSync('/proc/self/mem', path);
  return () => {
    rmSync(path);
    writeFileSync(path, whole);
  };
}

let w: World;
beforeAll(async () => {
  w = await world('sqlite');
  await w.put('lon', { attachment: noise(200_000) });
  await w.put('nho');
  await w.take();
});
afterAll(() => w.dispose());

async function packs<T>(work: (packs: Packs) => Promise<T>): Promise<T> {
  const opened = await openPacks(packFolder(w.backups), { writable: true });
  try {
    return await work(opened);
  } finally {
    await opened.abandon();
    await opened.close();
  }
}

/** Another snapshot, as somebody would write it who may write into the folder. */
async function forge(change: (snapshot: SnapshotFile) => Promise<void> | void): Promise<string> {
  const snapshot = await readSnapshot(w.backups, (await snapshotNames(w.backups))[0]);
  await change(snapshot);
  snapshot.name = `2030010${(await snapshotNames(w.backups)).length}T000000Z`;
  await writeSnapshot(w.backups, snapshot);
  return snapshot.name;
}

describe('a backup that somebody else has written into', () => {
  it('puts no file of content outside the folder of contents', async () => {
    let forged = 0;
    const snapshot = await forge(async ({ tables }) => {
      const blobs = tables.find(isBlobs)!;
      await packs(async (all) => {
        for (const [n, key] of blobs.pieces.entries()) {
          const rows = linesOf(await all.read('t', key)).map((line) => JSON.parse(line) as unknown[]);
          const at = blobs.columns.findIndex(({ name }) => name === 'hash');
          for (const row of rows)
            if (all.index.has('f', String(row[at]))) {
              row[at] = `${String(row[at])}/../../../../evil-${forged++}`;
            }
          const piece = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
          await all.add('t', sha256(piece), piece);
          blobs.pieces[n] = sha256(piece);
        }
        await all.flush();
      });
    });
    expect(forged).toBe(1);
    const { report } = await w.bringBack('sqlite', { snapshot });
    expect(readdirSync(w.root).filter((name) => name.startsWith('evil'))).toEqual([]);
    expect(report.lost).toEqual([expect.stringContaining('evil-0')]);
    expect((await verifyFolder(w.backups)).faults).toEqual([expect.stringContaining('evil-0')]);
  });

  it.each([
    ['a table', 'x" values (1); drop table emails; --'],
    ['a table', ''],
    ['a column', 'id") select 1; --'],
    ['a column', 'Id'],
  ])('with a name of %s that is none (%s) is not restored', async (what, name) => {
    const snapshot = await forge(({ tables }) => {
      if (what === 'a table') tables[0]!.name = name;
      else tables[0]!.columns[0]!.name = name;
    });
    await expect(w.bringBack('sqlite', { snapshot })).rejects.toMatchObject({ code: 'backup.format' });
  });
});

describe('a backup folder', () => {
  it('can be read by its owner only, every file and folder that it made', async () => {
    await w.take({ passphrase: 'một câu dài để mở' });
    const all = ['', ...readdirSync(w.backups, { recursive: true }).map(String)];
    expect(all.length).toBeGreaterThan(6);
    for (const name of all) expect([name, statSync(join(w.backups, name)).mode & 0o077]).toEqual([name, 0]);
  });

  it('holds neither the master key nor a secret that it seals, nor the password of anybody', async () => {
    const key = await readMasterKey(w.data);
    const held = await packs(async (all) => {
      const parts: Buffer[] = [];
      for (let n = 0; n < all.index.count; n++) {
        const { kind, key: name } = all.index.thing(n);
        if (kind === 't') parts.push(await all.read(kind, name));
      }
      return Buffer.concat(parts);
    });
    const octets = Buffer.from(key);
    const secrets = [octets, 'PRIVATE KEY', 'Cao-Son-2026-thu-nghiem'];
    for (const form of ['base64', 'base64url', 'hex'] as const) secrets.push(octets.toString(form));
    for (const name of await snapshotNames(w.backups)) {
      const snapshot = readFileSync(join(w.backups, 'snapshots', `${name}.json`));
      for (const secret of secrets) expect(held.includes(secret) || snapshot.includes(secret)).toBe(false);
    }
  });

  it('of which the disk does not give an index is read by its pack', async () => {
    const [index] = readdirSync(packFolder(w.backups)).filter((name) => name.endsWith('.idx'));
    const right = spoil(join(packFolder(w.backups), index!));
    const [first] = await snapshotNames(w.backups);
    expect((await w.bringBack('sqlite', { snapshot: first! })).report).toMatchObject({ lost: [], findings: [] });
    right();
  });

  it('of which the disk does not give one snapshot says so, and has the others', async () => {
    const names = await snapshotNames(w.backups);
    const right = spoil(join(w.backups, 'snapshots', `${names.at(-1)!}.json`));
    await expect(w.bringBack('sqlite')).rejects.toMatchObject({ code: 'backup.snapshot_damaged' });
    expect((await verifyFolder(w.backups)).faults).toContainEqual(expect.stringContaining(names.at(-1)!));
    expect((await w.bringBack('sqlite', { snapshot: names[0]! })).report).toMatchObject({ lost: [], findings: [] });
    right();
  });
});

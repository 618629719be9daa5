import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createLog } from '../base/log.ts';
import { loadConfig } from '../config.ts';
import { lastBackup } from '../doctor/backup.ts';
import { sweep } from '../maintenance.ts';
import { backup } from './backup.usecases.ts';
import { takeLease } from './lease.ts';
import { restore } from './restore.usecases.ts';
import { snapshotNames } from './snapshots.ts';
import { world, type World } from './testing/installation.ts';
import { verifyFolder } from './verify.usecases.ts';

const HOUR = 3_600_000;

describe('a backup folder', () => {
  let w: World;
  beforeAll(async () => {
    w = await world('sqlite');
    for (let i = 0; i < 6; i++) await w.put(`thu-${i}`);
    await w.put('lon', { attachment: randomBytes(200_000) });
  });
  afterAll(() => w.dispose());

  it('is written by one at a time, and a dead one does not count', async () => {
    const lease = await takeLease(w.parts);
    const options = { folder: w.backups, version: 'test', keep: 30, months: 0 };
    await expect(backup(w.parts, options)).rejects.toMatchObject({ code: 'backup.busy' });
    await lease.end();
    await w.take();
    writeFileSync(join(w.backups, 'lock'), JSON.stringify({ pid: process.pid, host: hostname() }));
    await expect(w.take()).rejects.toMatchObject({ code: 'backup.busy' });
    writeFileSync(join(w.backups, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
    await w.take();
    expect(readdirSync(w.backups).sort()).toEqual(['congvu-backup.json', 'packs', 'snapshots']);
  });

  it('keeps what lies there while it runs: nothing is swept', async () => {
    const staged = await w.parts.blobs.stage(randomBytes(1000));
    await w.parts.db.write((tx) => w.parts.blobs.record(tx, staged));
    w.clock.advance(100 * HOUR);
    const lease = await takeLease(w.parts);
    await sweep(w.parts);
    expect(await w.parts.blobs.size(staged.hash)).toBe(1000);
    await lease.end();
    await sweep(w.parts);
    expect(await w.parts.blobs.size(staged.hash)).toBeUndefined();
  });

  it('is as it was when a backup fails half-way, and the next one goes on', async () => {
    const names = await snapshotNames(w.backups);
    await w.put('giua-chung', { attachment: randomBytes(200_000) });
    const { backend } = w.parts.blobs;
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const broken = {
      ...w.parts,
      blobs: { ...w.parts.blobs, backend: { ...backend, get: () => Promise.reject(full) } },
    };
    const options = { folder: w.backups, version: 'test', keep: 30, months: 0 };
    await expect(backup(broken, options)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await snapshotNames(w.backups)).toEqual(names);
    expect(await verifyFolder(w.backups)).toMatchObject({ faults: [] });
    // What a killed one leaves.
    writeFileSync(join(w.backups, 'packs', '00000099.pack.tmp'), 'x');
    writeFileSync(join(w.backups, 'packs', '00000098.pack'), 'x');
    expect((await w.take()).missing).toEqual([]);
    expect(readdirSync(join(w.backups, 'packs')).filter((name) => /9[89]/.test(name))).toEqual([]);
    expect((await w.bringBack('sqlite')).report).toMatchObject({ lost: [], findings: [] });
  });

  it('names content that the store has lost or that has changed, and takes the rest', async () => {
    await w.put('mat', { attachment: randomBytes(200_000) });
    await w.put('hong', { attachment: randomBytes(200_000) });
    const blobs = join(w.data, 'blobs');
    const files = readdirSync(blobs)
      .flatMap((folder) => readdirSync(join(blobs, folder)).map((name) => join(blobs, folder, name)))
      .sort((a, b) => statSync(b).ctimeMs - statSync(a).ctimeMs);
    const [lost, changed] = files as [string, string];
    const kept = [readFileSync(lost), readFileSync(changed)] as const;
    rmSync(lost);
    writeFileSync(changed, Buffer.alloc(kept[1].length, 7));
    const report = await w.take();
    expect(report.missing.sort()).toEqual(
      expect.arrayContaining([lost, changed].map((path) => path.slice(-64)).sort()),
    );
    expect(await lastBackup(w.parts)).toMatchObject({ level: 'warn' });
    const { report: back } = await w.bringBack('sqlite');
    expect(back.lost.length).toBeGreaterThanOrEqual(2);
    expect(back.findings.length).toBeGreaterThan(0);
    writeFileSync(lost, kept[0]);
    writeFileSync(changed, kept[1]);
    expect((await w.take()).missing).toEqual([]);
  });

  it('says which of its own bytes have changed, and a restore says what is lost', async () => {
    const packs = join(w.backups, 'packs');
    const path = join(
      packs,
      readdirSync(packs)
        .filter((name) => name.endsWith('.pack'))
        .sort()[0]!,
    );
    const whole = readFileSync(path);
    const spoilt = Buffer.from(whole);
    const at = whole.length - 1;
    spoilt[at] = spoilt[at]! ^ 1;
    writeFileSync(path, spoilt);
    const { faults } = await verifyFolder(w.backups);
    expect(faults.length).toBe(1);
    writeFileSync(path, whole);
    // An index can be made anew from its pack.
    writeFileSync(path.replace('.pack', '.idx'), 'gone');
    expect(await verifyFolder(w.backups)).toMatchObject({ faults: [] });
  });

  it('lets old snapshots go, with what only they name; the others come back whole', async () => {
    await w.parts.mailstore.write(w.people.hung.accountId, async (writer) => {
      const ids = await writer.query({ filter: { subject: 'lon' } });
      await writer.destroyEmails(ids);
    });
    w.clock.advance(100 * HOUR);
    await sweep(w.parts);
    const report = await w.take({ keep: 1 });
    expect(report.removedSnapshots.length).toBeGreaterThan(3);
    expect(report.freedBytes).toBeGreaterThan(200_000);
    expect(await verifyFolder(w.backups)).toMatchObject({ snapshots: 1, faults: [] });
    expect((await w.bringBack('sqlite')).report).toMatchObject({ lost: [], findings: [] });
  });

  it('refuses a folder of others, a full target, a wrong passphrase, a newer program', async () => {
    const foreign = join(w.root, 'foreign');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'x'), 'x');
    await expect(w.take({ folder: foreign })).rejects.toMatchObject({ code: 'backup.not_a_backup' });
    await expect(w.bringBack('sqlite', { to: foreign })).rejects.toMatchObject({ code: 'restore.not_empty' });
    await expect(w.take({ passphrase: 'short' })).rejects.toMatchObject({ code: 'backup.passphrase_short' });
    await expect(w.bringBack('sqlite', { passphrase: 'not there at all' })).rejects.toMatchObject({
      code: 'backup.no_secrets',
    });
    await expect(w.bringBack('sqlite', { snapshot: '20200101T000000Z' })).rejects.toMatchObject({
      code: 'backup.snapshot_missing',
    });
  });

  it('holds master key and settings only sealed under a passphrase', async () => {
    const key = readFileSync(join(w.data, 'master.key'), 'utf8');
    await w.take({ passphrase: 'một câu dài để mở' });
    const text = readdirSync(join(w.backups, 'snapshots'))
      .map((name) => readFileSync(join(w.backups, 'snapshots', name), 'utf8'))
      .join('');
    expect(text).not.toContain(key.trim());
    const to = join(w.root, 'with-keys');
    await expect(w.bringBack('sqlite', { to, passphrase: 'một câu khác hẳn' })).rejects.toMatchObject({
      code: 'backup.passphrase_wrong',
    });
    const report = await restore({
      ...{ folder: w.backups, to, deep: false, sameMoment: false, clock: w.clock, log: createLog('fatal') },
      passphrase: 'một câu dài để mở',
      configOf: (data) => loadConfig({ env: {}, data }),
    });
    expect(report).toMatchObject({ masterKey: true, findings: [] });
    expect(readFileSync(join(to, 'master.key'), 'utf8')).toBe(key);
    expect(statSync(join(to, 'master.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(to)).not.toContain('restore-incomplete');
  });
});

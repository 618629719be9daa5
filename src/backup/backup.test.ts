import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createLog } from '../base/log.ts';
import { loadConfig } from '../config.ts';
import { lastBackup } from '../doctor/backup.ts';
import { sweep } from '../maintenance.ts';
import type { Parts } from '../parts.ts';
import { backup } from './backup.usecases.ts';
import { takeLease } from './lease.ts';
import { restore } from './restore.usecases.ts';
import { restoreMailbox, type MailboxRestore } from './restore-mailbox.usecases.ts';
import { snapshotNames } from './snapshots.ts';
import { world, type World } from './testing/installation.ts';
import { verifyFolder } from './verify.usecases.ts';

const HOUR = 3_600_000;

/** Every message of an account with its place, flags and dates, and its bytes. */
async function picture({ mailstore, blobs }: Parts, accountId: World['people']['hung']['accountId']) {
  const reader = mailstore.read(accountId);
  const found: Record<string, unknown>[] = [];
  for (const { id, name, parentId } of await reader.mailboxes())
    for (const placed of await reader.placed(id)) {
      const { keywords, receivedAt, size, uid } = placed;
      const bytes = Buffer.from(await blobs.read(placed.blobHash)).toString('latin1');
      found.push({ name, top: parentId === null, keywords, receivedAt, size, uid, bytes });
    }
  return found;
}

const others = { sqlite: 'pg', pg: 'sqlite' } as const;

describe.each(['sqlite', 'pg'] as const)('a backup of an installation on %s', (dialect) => {
  let w: World;
  let first: Awaited<ReturnType<World['take']>>;
  let second: Awaited<ReturnType<World['take']>>;
  let then: Awaited<ReturnType<typeof picture>>;
  let now: Awaited<ReturnType<typeof picture>>;
  const account = () => w.people.hung.accountId;

  beforeAll(async () => {
    w = await world(dialect);
    const file = randomBytes(300_000);
    for (let i = 0; i < 12; i++) await w.put(`thu-${i}`, { keywords: i % 2 ? ['$seen', 'viec-gap'] : [] });
    await w.put('tep-lon', { attachment: file, receivedAt: Date.UTC(2020, 0, 1) });
    await w.put('tep-lon-nua', { attachment: file });
    await w.put('thu-dai', { bytes: 400_000 });
    then = await picture(w.parts, account());
    first = await w.take();
    for (let i = 0; i < 5; i++) await w.put(`sau-${i}`);
    await w.parts.mailstore.write(account(), async (writer) => {
      const [one] = await writer.query({});
      if (one !== undefined) await writer.setKeywords([one], { add: ['$flagged'] });
    });
    now = await picture(w.parts, account());
    second = await w.take();
  }, 120_000);
  afterAll(() => w.dispose());

  it('copies content once and says what it did', async () => {
    expect(first.missing).toEqual([]);
    expect(first.newContents).toBe(first.contents);
    expect(second.newContents).toBe(5);
    expect(second.contents).toBe(first.contents + 5);
    expect(second.writtenBytes).toBeLessThan(first.writtenBytes / 5);
    expect(await snapshotNames(w.backups)).toEqual([first.snapshot, second.snapshot]);
    expect(await verifyFolder(w.backups)).toMatchObject({ snapshots: 2, faults: [] });
    expect(await lastBackup(w.parts)).toMatchObject({ level: 'ok' });
  });

  it('comes back whole on an empty machine, on either database, the newest and an older one', async () => {
    for (const [of, snapshot, expected] of [
      [dialect, first.snapshot, then],
      [others[dialect], second.snapshot, now],
    ] as const) {
      const { report, open } = await w.bringBack(of, { snapshot });
      expect(report).toMatchObject({ lost: [], findings: [], snapshot });
      const parts = await open();
      try {
        expect(await picture(parts, account())).toEqual(expected);
        // Indexed anew, and searched at once.
        const found = await parts.mailstore.read(account()).query({ filter: { text: 'noi dung thu-7' } });
        expect(found.length).toBe(1);
        // The counters of keys go on: a new official is no other one.
        const { official } = await parts.db.write((tx) =>
          parts.directory.addOfficial(tx, {
            fullName: 'Trần Văn Mới',
            title: 'Chuyên viên',
            unitCode: 'H99.01',
          }),
        );
        expect(official.id).toBeGreaterThan(1_000_000);
        const findings = [];
        for await (const finding of parts.mailstore.check({ deep: true })) findings.push(finding);
        expect([findings, await parts.audit.verify()]).toEqual([[], undefined]);
      } finally {
        await parts.close();
      }
    }
  });

  it('makes void what clients remember, unless it is the moment at which the server stopped', async () => {
    const state = async (parts: Parts) => {
      const reader = parts.mailstore.read(account());
      const inbox = await reader.mailboxByRole('inbox');
      return {
        uidValidity: inbox!.uidValidity,
        modseq: (await reader.info()).modseq,
        state: await reader.state('Email'),
      };
    };
    const living = await state(w.parts);
    const opened = await (await w.bringBack('sqlite')).open();
    try {
      const back = await state(opened);
      expect(back.uidValidity).toBeGreaterThan(living.uidValidity);
      expect(back.modseq).toBeGreaterThan(living.modseq);
      await expect(opened.mailstore.read(account()).changes('Email', living.state)).rejects.toMatchObject({
        code: 'mail.cannot_calculate_changes',
      });
    } finally {
      await opened.close();
    }
    const moved = await (await w.bringBack('sqlite', { sameMoment: true })).open();
    try {
      expect(await state(moved)).toEqual(living);
      expect((await moved.mailstore.read(account()).changes('Email', living.state)).created).toEqual([]);
    } finally {
      await moved.close();
    }
  });

  it('brings one mailbox back into a folder of the living one, once', async () => {
    const { mailstore, parts } = { mailstore: w.parts.mailstore, parts: w.parts };
    const before = await picture(parts, account());
    const ask: MailboxRestore = {
      ...{ backup: w.backups, snapshot: first.snapshot, address: w.people.hung.address },
      ...{ again: false, ignoreQuota: false, actor: 'cli', into: 'Khôi phục' },
    };
    // Lost here, and its content swept.
    await mailstore.write(account(), async (writer) => {
      const inbox = await writer.mailboxByRole('inbox');
      const uids = (await writer.placed(inbox!.id)).map(({ uid }) => uid);
      await writer.setDeleted(inbox!.id, uids, true);
      await writer.expunge(inbox!.id);
    });
    w.clock.advance(100 * HOUR);
    await sweep(parts);
    const done = await restoreMailbox(parts, ask);
    expect(done).toMatchObject({ restored: then.length, present: 0, lost: [], left: 0 });
    const strip = (list: typeof then) =>
      list.map(({ name, keywords, receivedAt, bytes }) => ({ name, keywords, receivedAt, bytes }));
    expect(strip(await picture(parts, account()))).toEqual(strip(then));
    expect(await restoreMailbox(parts, ask)).toMatchObject({ restored: 0, present: then.length });
    expect(await restoreMailbox(parts, { ...ask, again: true, only: 'inbox' })).toMatchObject({
      restored: then.length,
    });
    expect(await restoreMailbox(parts, { ...ask, only: 'Thư nháp', into: 'Nháp cũ' })).toMatchObject({ restored: 0 });
    await expect(restoreMailbox(parts, { ...ask, only: 'Không có' })).rejects.toMatchObject({
      code: 'restore.folder_unknown',
    });
    await expect(restoreMailbox(parts, { ...ask, address: 'ai@caoson.gov.vn' })).rejects.toMatchObject({
      code: 'address.not_found',
    });
    // Over the limit: what found no room is counted, nothing is half there.
    const { usedBytes } = await mailstore.read(account()).info();
    await parts.db.write((tx) => mailstore.setAccount(tx, account(), { quotaBytes: usedBytes + 3000 }));
    const full = await restoreMailbox(parts, { ...ask, into: 'Chật' });
    expect(full.left + full.restored).toBe(then.length);
    expect(full.left).toBeGreaterThan(0);
    expect(await restoreMailbox(parts, { ...ask, into: 'Chật', ignoreQuota: true })).toMatchObject({
      left: 0,
      present: full.restored,
    });
    const findings = [];
    for await (const finding of mailstore.check({ deep: true })) findings.push(finding);
    expect([findings, await parts.audit.verify(), before.length]).toEqual([[], undefined, now.length]);
  });
});

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
